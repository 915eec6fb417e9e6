"""The choice of a task is the only place that asks which kind of answer it is about."""

import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shared.errors import Refusal
from shared.kinds import DEFAULT, METRICS, SECTION_OF_KIND, TARGET_TYPES, Kind
from shared.sections.answers import Slates
from shared.tasks.answer_plan import AnswerPlan
from shared.tasks.binary.binary_task import Binary, Threshold
from shared.tasks.choice import answer_counts, measured_beside, task_of
from shared.tasks.multiclass.multiclass_rules import LeastCost, MostProbable
from shared.tasks.multiclass.multiclass_task import Multiclass
from tests.conftest import ROOT
from tests.profiles.contracts import contract

MODULES = [
    path
    for folder in ("shared", "flows")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "tasks" not in path.parts
]


def asked_of(tree: ast.AST) -> list[str]:
    """Return where a module compares something with a kind, or takes a kind's own task."""
    kinds, found = {*TARGET_TYPES}, []
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            sides += [each for side in sides if isinstance(side, ast.Tuple | ast.List | ast.Set)
                      for each in side.elts]  # fmt: skip
            if any(isinstance(side, ast.Constant) and side.value in kinds for side in sides):
                found.append(f"line {node.lineno}: {ast.unparse(node)}")
        if isinstance(node, ast.ImportFrom) and node.module in {
            f"shared.tasks.{k}.{k}_task" for k in kinds
        }:
            tasks = {name.name for name in node.names} & {
                "Binary",
                "Regression",
                "Multiclass",
                "Ranking",
            }
            found += [f"line {node.lineno}: imports {name}" for name in sorted(tasks)]
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(Path(path).relative_to(ROOT)))
def test_nothing_else_asks_which_kind_it_is(path: Path) -> None:
    assert asked_of(ast.parse(path.read_text())) == []


def test_who_asks_is_found() -> None:
    asking = 'if task.kind in ("binary", "ranking") or kind == "regression":\n    pass'
    assert len(asked_of(ast.parse(asking))) == 2
    assert asked_of(ast.parse("from shared.tasks.binary.binary_task import Binary, Threshold"))


@pytest.mark.parametrize("kind", TARGET_TYPES)
def test_each_kind_has_a_task_and_counts_of_its_name(kind: Kind) -> None:
    slates = Slates(user="size", item="size_of") if kind in SECTION_OF_KIND else None
    made = contract({"size": "number"}).model_copy(update={"kind": kind, "ranking": slates})
    task = task_of(made)
    assert task.kind == kind
    assert {*task.judged} <= {*METRICS[kind]}
    assert DEFAULT[kind] in METRICS[kind]
    assert answer_counts(AnswerPlan(kind=kind, classes=("a", "b", "c"))).shape
    assert {*task.score_names, *task.watched_names} <= {column.name for column, _ in task.columns}


def test_a_contract_of_before_there_were_kinds_is_binary() -> None:
    assert task_of(contract({"size": "number"})) == Binary()


OLDER = Multiclass(("late", "on time", "cancelled"))
NEWER = Multiclass(("cancelled", "diverted", "late", "on time"))
CHANCES = np.array([[0.1, 0.6, 0.3], [0.7, 0.2, 0.1]])


def test_a_bundle_of_fewer_classes_is_measured_beside_one_of_more() -> None:
    rows = pd.DataFrame(index=range(2))
    found = measured_beside(NEWER, OLDER, CHANCES, MostProbable(), rows)
    assert found.tolist() == [[0.3, 0, 0.1, 0.6], [0.1, 0, 0.7, 0.2]]
    dear = LeastCost(costs=((0, 9, 9), (9, 0, 9), (99, 99, 0)))
    decided = measured_beside(NEWER, OLDER, CHANCES, dear, rows)
    # It answers that they are cancelled, which is the first of the newer classes.
    assert decided[:, -1].tolist() == [0, 0]
    assert measured_beside(OLDER, OLDER, CHANCES, MostProbable(), rows).tolist() == CHANCES.tolist()


def test_a_bundle_of_other_classes_or_of_another_kind_is_not_compared() -> None:
    rows = pd.DataFrame(index=range(2))
    with pytest.raises(Refusal, match=r"classes that the target does not have: diverted"):
        measured_beside(OLDER, NEWER, np.full((2, 4), 0.25), MostProbable(), rows)
    with pytest.raises(Refusal, match=r'its kind is "binary", and that of this model "multiclass"'):
        measured_beside(OLDER, Binary(), np.array([0.1, 0.9]), Threshold(threshold=0.5), rows)
