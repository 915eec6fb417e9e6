"""The gallery: every card of the latest runs as a page, and an index that says how they stand."""

import re
import subprocess
from pathlib import Path

import pytest

from shared.board import gallery
from shared.board.gallery import Entry
from shared.errors import Refusal
from tests.conftest import ROOT, House
from tests.serving.processes import MILLRACE, clean


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


def test_a_run_that_failed_says_why() -> None:
    entry = Entry("TrainFlow", "7", "", "", "bad", "failed", {}, "no file at <loans>")
    page = gallery.page("loans", {"TrainFlow": [entry]})
    assert '<div class="failure">no file at &lt;loans&gt;</div>' in page


@pytest.mark.long
@pytest.mark.flow
def test_runs_and_cards_are_found_wherever_metaflow_was_told_to_put_them(
    house: House, tmp_path: Path
) -> None:
    moved = ("DATASTORE_SYSROOT_LOCAL", "CARD_LOCALROOT")
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
    train = f"make -f {ROOT}/Makefile train PROBLEM={settings}"
    reason = f"no training run of &#x27;loans&#x27; has passed its gates: run `{train}`"
    assert f'<div class="failure">{reason}</div>' in index


@pytest.mark.flow
def test_a_problem_without_runs_beside_others_is_refused_and_no_index_is_lost(
    house: House, at_house: House, tmp_path: Path
) -> None:
    with pytest.raises(Refusal, match="no run of nothing_yet is here, but of loans: --problem"):
        gallery.write("nothing_yet", tmp_path)
    assert not [*tmp_path.iterdir()]
