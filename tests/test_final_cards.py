"""Cards that are written once: Metaflow knows their types, and nothing follows them."""

import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from metaflow.plugins.cards.card_modules.card import MetaflowCard
from metaflow.plugins.cards.component_serializer import get_card_class

from shared.final_cards import FINAL, PAGE, FinalCard, PageCard
from tests.conftest import ROOT
from tests.serving.processes import clean

FLOW = """
import os
from metaflow import FlowSpec, card, step
from metaflow.plugins import CARDS
from shared.final_cards import FinalCard

class Named(FinalCard):
    type = "named"
    def render(self, task, components=None, runtime=False):
        return f"<html><head></head>written by {os.getpid()} for {task['process'].data}</html>"

class Wrong(FinalCard):
    type = "wrong"
    def render(self, task, components=None, runtime=False):
        raise ValueError("no page comes of it")

CARDS.extend([Named, Wrong])

class CardsFlow(FlowSpec):
    @card(type="wrong", id="wrong", save_errors=False)
    @card(type="named", id="named")
    @card(type="blank", id="plain")
    @step(start=True, end=True)
    def only(self):
        self.process = os.getpid()

if __name__ == "__main__":
    CardsFlow()
"""


@pytest.mark.parametrize(("name", "card"), [(FINAL, FinalCard), (PAGE, PageCard)])
def test_metaflow_knows_it_and_writes_it_once(name: str, card: type[MetaflowCard]) -> None:
    assert get_card_class(name) is card
    assert not card.RUNTIME_UPDATABLE


def test_components_are_of_the_one_and_an_artifact_is_the_other() -> None:
    assert FinalCard.ALLOW_USER_COMPONENTS
    page = FinalCard(components=[], graph={}).render(SimpleNamespace(pathspec="TrainFlow/1/load/2"))
    assert page.count("overflow-wrap: anywhere }</style></head>") == 1
    task = {"drift": SimpleNamespace(data="<html>drift</html>")}
    assert PageCard(options={"attribute": "drift"}, graph={}).render(task) == "<html>drift</html>"


@pytest.mark.flow
def test_a_task_writes_its_cards_itself_and_ends_well_though_one_fails(tmp_path: Path) -> None:
    (tmp_path / "cards.py").write_text(FLOW)
    done = subprocess.run(
        [sys.executable, "cards.py", "run", "--namespace", "user:somebody"],
        cwd=tmp_path,
        env=clean() | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Card render failed" in done.stdout + done.stderr
    assert "ValueError: no page comes of it" in done.stdout + done.stderr
    written = {file.name.split("-")[1]: file for file in tmp_path.rglob("*.html")}
    assert sorted(written) == ["named", "plain"]
    assert {file.relative_to(tmp_path).parts[:2] for file in written.values()} == {
        (".metaflow", "mf.cards")
    }
    found = re.search(r"written by (\d+) for (\d+)<", written["named"].read_text())
    assert found
    assert found[1] == found[2]
