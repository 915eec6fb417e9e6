"""A problem's own checks: found in its folder, run on the holdout, and gates of a model."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shared import problems
from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.model.evaluation import BehaviourTest, Evaluation
from shared.settings import Settings
from shared.tasks.choice import task_of
from shared.training import evaluation_card, judgement, splits
from shared.training.judging.behaviour import own_checks, run_checks

CHECKS = """
import numpy as np


def _moved(rows, by):
    return rows.assign(age=rows["age"] + by)


def a_name_changes_nothing(predict, rows):
    rows["loan"] = "another"
    assert np.allclose(predict(rows)["probability"], predict(rows)["probability"])


def nobody_is_refused(predict, rows):
    assert not predict(rows)["prediction"].any()


def the_young_are_as_safe(predict, rows):
    assert len(rows) < 0, f"{len(rows):,} of them"


def it_breaks(predict, rows):
    predict(_moved(rows, 1))["chance"]
"""


def with_checks(folder: Path, name: str, text: str) -> str:
    """Return the name of a problem whose folder has checks."""
    folder.mkdir()
    (folder / "checks.py").write_text(text)
    problems.make_importable(name, folder)
    return name


@pytest.fixture
def judged_parts(
    settings: Settings, table: pd.DataFrame, bundle: Bundle
) -> dict[str, pd.DataFrame]:
    return splits.by_time(table, task_of(bundle.contract), settings)


def test_what_is_asserted_of_answers_holds_or_is_told(
    tmp_path: Path, bundle: Bundle, judged_parts: dict[str, pd.DataFrame]
) -> None:
    checks = own_checks(with_checks(tmp_path / "own", "behaved", CHECKS))
    rows = judged_parts["holdout"]
    found = run_checks(checks, bundle.model, bundle.manifest.rule, rows, bundle.contract)
    assert found == (
        BehaviourTest(name="a name changes nothing", passed=True),
        BehaviourTest(
            name="nobody is refused",
            passed=False,
            reason='assert not predict(rows)["prediction"].any()',
        ),
        BehaviourTest(name="the young are as safe", passed=False, reason=f"{len(rows):,} of them"),
        BehaviourTest(name="it breaks", passed=False, reason="KeyError: 'chance'"),
    )
    assert rows["loan"].str.startswith("L0-").all()


def test_the_readmes_check_of_groups_holds_and_says_what_it_found(
    tmp_path: Path, bundle: Bundle, judged_parts: dict[str, pd.DataFrame]
) -> None:
    text = (Path(__file__).parents[3] / "README.md").read_text()
    block = next(b for b in text.split("```python\n")[1:] if "group_difference(" in b)
    code = block.partition("```")[0].replace("late", "defaulted").replace("carrier", "region")
    checks = own_checks(with_checks(tmp_path / "own", "alike", code))
    rows = judged_parts["holdout"]
    rows = rows[rows["defaulted"].notna()]
    (found,) = run_checks(checks, bundle.model, bundle.manifest.rule, rows, bundle.contract)
    assert found.name == "regions are warned alike"
    assert "false positive rate differs by" in found.reason
    assert ("(95%: 0.0" in found.reason) is found.passed


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def wide(predict):\n    pass\n", r"wide takes \(predict\), where a check takes predict"),
        ("import nothing_like_it\n", "checks.py cannot be imported: ModuleNotFoundError"),
    ],
)
def test_checks_that_cannot_be_run_are_refused(tmp_path: Path, text: str, words: str) -> None:
    name = f"refused_{np.abs(hash(text))}"
    with pytest.raises(Refusal, match=words):
        own_checks(with_checks(tmp_path / "own", name, text))


def test_a_problem_without_them_has_none(tmp_path: Path) -> None:
    problems.make_importable("plain", tmp_path)
    assert own_checks("plain") == {}


def test_a_model_that_fails_one_does_not_pass_its_gates(
    tmp_path: Path,
    bundle: Bundle,
    table: pd.DataFrame,
    judged_parts: dict[str, pd.DataFrame],
    settings: Settings,
) -> None:
    name = with_checks(tmp_path / "own", "gated", "def never(predict, rows):\n    assert 0\n")
    named = settings.model_copy(update={"name": name})
    chosen = chosen_of(bundle, judged_parts)
    history = splits.within(table, settings)
    found: Evaluation = judgement.judge(
        bundle.model, chosen, judged_parts, history, bundle.contract, None, named
    ).evaluation
    assert not found.passed
    assert found.failures == ["never"]
    assert "never: assert 0" in evaluation_card.closing_words([], found, "1")[0]
    drawn = [part.render() for part in evaluation_card.evaluation(found, bundle.contract)]
    assert any("assert 0" in str(part) for part in drawn)


def chosen_of(bundle: Bundle, parts: dict[str, pd.DataFrame]) -> dict[str, object]:
    """Return what a fit on the validation rows would have found of the bundle's model."""
    rows = parts["validation"]
    measured = bundle.task.measured(bundle.scores(rows), bundle.manifest.rule, rows)
    return {"candidate": "boosting", "rule": bundle.manifest.rule, "measured": measured}
