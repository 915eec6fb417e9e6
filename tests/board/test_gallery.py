"""The gallery: every card of the latest runs as a page, and an index that says how they stand."""

import re
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from metaflow.exception import MetaflowException, MetaflowExceptionWrapper

from shared.board import gallery
from shared.board.gallery import Entry
from tests.conftest import House
from tests.serving.processes import MILLRACE, clean


def run(successful: bool = True, exception: Any = None, **artifacts: Any) -> SimpleNamespace:
    """Return what the gallery reads of a Metaflow run: one step with one task."""
    task = SimpleNamespace(exception=exception)

    class Run(SimpleNamespace):
        def __iter__(self) -> Any:
            return iter([[task]])

    return Run(successful=successful, data=SimpleNamespace(**artifacts))


def judged(level: str) -> dict[str, Any]:
    """Return what a MonitorFlow run keeps of its verdict on a week."""
    text = dict.fromkeys(("words", "next_action", "problem", "bundle", "source", "judged_at"), "")
    span = {"start": "2024-06-03T00:00:00+00:00", "until": "2024-06-10T00:00:00+00:00"}
    rows = {"rows": 9, "other_rows": 0, "state": "judged", "reasons": ()}
    return text | span | rows | {"verdict": level}


@pytest.mark.parametrize(
    ("flow", "made", "stands"),
    [
        ("TrainFlow", run(evaluation={"passed": True}), ("good", "may be packaged")),
        ("TrainFlow", run(evaluation={"passed": False}), ("bad", "may not be packaged")),
        ("PackageFlow", run(), ("good", "verified")),
        ("PackageFlow", run(successful=False, exception="Refused"), ("bad", "failed")),
        ("ReviewFlow", run(decision={"decision": "approve"}), ("good", "approved")),
        ("ReviewFlow", run(decision={"decision": "reject"}), ("bad", "rejected")),
        ("ReviewFlow", run(decision={"decision": "rollback"}), ("warn", "rolled back")),
        ("IngestFlow", run(ingested={"new": 1_200, "rejected": 0}), ("good", "1,200 new")),
        ("ScoreFlow", run(answered={"answered": 7, "refused": 1}), ("warn", "7 answered")),
        ("MonitorFlow", run(successful=False), ("quiet", "not finished")),
        ("MonitorFlow", run(verdict=judged("ok")), ("good", "3 to 9 June, ok")),
        ("MonitorFlow", run(verdict=judged("act")), ("bad", "3 to 9 June, act")),
        ("MonitorFlow", run(verdict=judged("watch") | {"start": None}), ("warn", "watch")),
    ],
)
def test_a_run_is_told_in_its_stations_own_word(
    flow: str, made: Any, stands: tuple[str, str]
) -> None:
    assert gallery.mood_and_word(flow, made) == stands


def test_the_index_shows_the_stations_in_the_order_of_the_loop_and_escapes_names() -> None:
    entry = Entry(
        "TrainFlow", "7", "01 Jan 2026, 00:00", "<Ada>", "good", "fine", {"data": "a.html"}
    )
    drawn = gallery.page("loans", {"TrainFlow": [entry], "PackageFlow": []})
    assert re.findall("<h2>(.*?)</h2>", drawn) == ["1 · Train", "2 · Package"]
    assert '<a href="a.html">data</a>' in drawn
    assert "&lt;Ada&gt;" in drawn
    assert "<Ada>" not in drawn
    assert drawn.count("No run yet.") == 1


@pytest.mark.flow
def test_every_card_of_real_runs_becomes_a_page_that_fetches_nothing(
    approved_house: House, at_house: House, tmp_path: Path
) -> None:
    index = gallery.write("loans", tmp_path / "cards", runs=30)
    text = index.read_text()
    linked = re.findall('href="(.*?)"', text)
    assert sorted(linked) == sorted(p.name for p in index.parent.iterdir() if p != index)
    kinds = {
        "-".join(name.removesuffix(".html").split("-")[:1] + name.split("-")[2:]) for name in linked
    }
    assert {
        "TrainFlow-evaluate-evaluation.html",
        "TrainFlow-load-data.html",
        "PackageFlow-verify-package.html",
        "ReviewFlow-record-decision.html",
    } <= kinds
    assert "Ada Tester" in text
    for name in linked:
        assert "@import" not in (index.parent / name).read_text()[:200_000], name


def test_a_run_that_failed_says_why_in_one_line() -> None:
    try:
        raise MetaflowException("the source is not there\n\nno file at loans.parquet\n")
    except MetaflowException as error:
        failed = run(successful=False, exception=MetaflowExceptionWrapper(error))
    assert gallery.failure(failed) == "no file at loans.parquet"
    assert gallery.failure(run(successful=False)) == ""
    entry = Entry("TrainFlow", "7", "", "", "bad", "failed", {}, "no file at <loans>")
    page = gallery.page("loans", {"TrainFlow": [entry]})
    assert '<div class="failure">no file at &lt;loans&gt;</div>' in page


@pytest.mark.flow
@pytest.mark.parametrize("moved", [("DATASTORE_SYSROOT_LOCAL",), ("CARD_LOCALROOT",)])
def test_cards_are_found_wherever_metaflow_was_told_to_put_them(
    house: House, tmp_path: Path, moved: tuple[str, ...]
) -> None:
    environment = {f"METAFLOW_{name}": str(tmp_path / name.lower()) for name in moved}
    settings = tmp_path / "loans.toml"
    settings.write_text(house.settings.read_text() + '\n[ingest]\ntable = "lake"\ntasks = 1\n')
    moved_house = House(tmp_path, settings, environment)
    moved_house.run("package", "run", ok=False)
    moved_house.run("ingest", "run")
    command = [str(MILLRACE), "cards", "--problem", "loans", "--folder", "pages"]
    subprocess.run(command, cwd=tmp_path, env=clean() | environment, check=True)
    index = (tmp_path / "pages" / "index.html").read_text()
    assert "IngestFlow-" in index
    # The run that failed has none, and says why.
    assert index.count("no card") == 1
    reason = "no training run of &#x27;loans&#x27; has passed its gates: run flows/train.py"
    assert f'<div class="failure">{reason}</div>' in index


@pytest.mark.flow
def test_a_problem_without_runs_has_an_index_that_says_so(
    house: House, at_house: House, tmp_path: Path
) -> None:
    index = gallery.write("nothing_yet", tmp_path)
    assert index.read_text().count("No run yet.") == 4
