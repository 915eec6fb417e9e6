"""Cards: how values are written, and where Metaflow's cards are sought."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from metaflow.cards import Markdown, Table

from shared import cards
from shared.errors import Refusal
from tests.card_words import card_words


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "—"),
        (float("nan"), "—"),
        (True, "yes"),
        (1_234_567, "1,234,567"),
        (0.123456, "0.1235"),
        ("south", "south"),
    ],
)
def test_a_value_is_written_as_people_write_it(value: Any, shown: str) -> None:
    assert cards.cell(value) == shown


def test_a_table_without_rows_says_so() -> None:
    assert isinstance(cards.table([]), Markdown)
    assert isinstance(cards.table([{"rows": 1}]), Table)


def test_a_headline_has_its_mood_and_what_it_means() -> None:
    assert [
        part.render()["source"].strip() for part in cards.headline("bad", "It failed", "Why.")
    ] == [
        "# ✖ It failed",
        "Why.",
    ]


def test_pages_beside_the_cards_have_the_boards_colours_by_day_and_by_night() -> None:
    sheet = (Path(cards.__file__).parent / "board/static/board.css").read_text()
    for mark in (":root {\n  color-scheme", "@media (prefers-color-scheme: dark) {\n  :root {"):
        colours = sheet[sheet.index(mark) :].partition("}")[0]
        assert "--ink: #" in colours
        assert colours in cards.html_page("Loans", "")


def test_cards_are_sought_where_they_are_written_and_where_the_runs_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".metaflow").mkdir()
    here = ("local", str(tmp_path / ".metaflow" / "mf.cards"))
    local = {"ds-type": "local", "ds-root": f"{tmp_path}/.metaflow"}
    assert cards._card_roots(local) == [here, ("local", str(tmp_path / ".metaflow"))]
    elsewhere = {"ds-type": "local", "ds-root": "/else/.metaflow"}
    others = [("local", "/else/.metaflow/mf.cards"), ("local", "/else/.metaflow")]
    assert cards._card_roots(elsewhere) == [here, *others]
    on_s3 = {"ds-type": "s3", "ds-root": "s3://bucket/metaflow"}
    assert cards._card_roots(on_s3) == [("s3", "s3://bucket/metaflow/mf.cards")]


def task(root: Path, number: int, *names: str) -> Any:
    """Return a task of a run whose cards lie below a root, one for each name."""
    folder = root / f"TrainFlow/runs/7/steps/fit/tasks/{number}/cards"
    folder.mkdir(parents=True)
    for name in names:
        text = f'<head><style>@import "https://fonts.example/inter";</style></head>{name}</head>'
        (folder / f"final-{name}-{number}a.html").write_text(text)
    said = {"ds-type": "local", "ds-root": str(root.parent)}
    pathspec = f"TrainFlow/7/fit/{number}"
    return SimpleNamespace(pathspec=pathspec, origin_pathspec=None, metadata_dict=said)


def test_each_task_has_its_own_cards_wherever_they_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    here, elsewhere = tmp_path / ".metaflow" / "mf.cards", tmp_path / "else" / "mf.cards"
    begun = SimpleNamespace(metadata_dict={})
    tasks = [task(here, 1, "data", "split"), task(elsewhere, 2, "data"), task(here, 3), begun]
    found = cards.cards_of(tasks)
    assert [sorted(of_task) for of_task in found] == [["data", "split"], ["data"], [], []]
    style = f"<style></style>{cards.CARD_HEAD}"
    assert found[1]["data"].page() == f"<head>{style}</head>data</head>"
    (elsewhere / found[1]["data"].file.path).unlink()
    with pytest.raises(Refusal, match="the card data is not there any more"):
        found[1]["data"].page()


@pytest.mark.parametrize(
    ("start", "until", "shown"),
    [
        ("2013-06-03T00:00:00+00:00", "2013-06-10T00:00:00+00:00", "3 to 9 June 2013"),
        ("2013-06-24T00:00:00+00:00", "2013-07-01T08:30:00+00:00", "24 June to 1 July 2013"),
        ("2013-06-03T10:00:00+00:00", "2013-06-03T12:00:00+00:00", "3 June 2013"),
        ("2013-06-03T10:00:00+00:00", "2013-06-03T10:00:00+00:00", "3 June 2013"),
        ("2013-12-30", "2014-01-06", "30 December 2013 to 5 January 2014"),
        (None, "2014-01-06", ""),
    ],
)
def test_a_span_is_named_by_its_first_and_last_day(
    start: str | None, until: str | None, shown: str
) -> None:
    assert cards.days(start, until) == shown


def test_of_a_long_table_the_first_rows_are_drawn_with_how_many_more_there_are() -> None:
    rows = [{"Row": f"r{at}"} for at in range(1_050)]
    shown = card_words(cards.first_rows(rows))
    assert shown == ["Row", *(f"r{at}" for at in range(30)), "And 1,020 more."]
    assert card_words(cards.first_rows(rows[:30])) == shown[:-1]


FIGURES = """
from shared import cards
figure, axes = cards.figure()
axes.plot([0, 1], [1, 0], label="a line")
axes.legend()
print(len(cards.svg(figure)) > 1_000)
from matplotlib import artist
from matplotlib.lines import Line2D
print("color" in artist.kwdoc(Line2D), "color" in (Line2D.set.__doc__ or ""))
"""


def test_figures_are_drawn_without_the_documentation_of_their_properties() -> None:
    said = subprocess.run(
        [sys.executable, "-c", FIGURES], capture_output=True, text=True, check=True
    ).stdout
    assert said.splitlines() == ["True", "True False"]
