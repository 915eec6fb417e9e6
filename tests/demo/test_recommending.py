"""The shop's demo: the settings that it goes on with, and a week in words."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pandas as pd
import pytest

from shared import FLOWS, problems
from shared.demo import recommending
from shared.demo.recommending import Round
from shared.errors import Refusal
from shared.model.verdict import Verdict
from tests.monitoring.wording.test_feedback_reasons import NOW


def week(feedback: object, *reasons: tuple[str, str]) -> Round:
    named = [SimpleNamespace(stage=stage, what=what) for stage, what in reasons]
    verdict = cast(Verdict, SimpleNamespace(feedback=feedback, reasons=named))
    return Round(pd.Timestamp("2019-11-25", tz="UTC"), "a1", verdict)


def test_the_remedied_settings_are_the_shops_with_what_the_verdict_advises(tmp_path: Path) -> None:
    before = problems.load_problem(str(FLOWS / "problems" / "shop"))
    after = problems.load_problem(str(recommending._remedied(before, tmp_path)))
    assert (before.train.weights, after.train.weights) == ("none", "inverse_propensity")
    assert (before.explore.share, after.explore.share) == (0.1, 0.2)
    changed = {"train": before.train, "explore": before.explore}
    assert after.model_copy(update=changed) == before


def test_a_week_is_said_with_what_was_shown_and_whether_a_loop_is_seen() -> None:
    assert week(NOW, ("inputs", "item_id moved")).words == (
        "2 of 80 items had half of the places (Gini 0.88), 7.5% were clicked; no loop is seen"
    )
    assert week(NOW, ("feedback loop", "the model closes in")).words.endswith("the model closes in")


def test_a_week_without_slates_is_refused() -> None:
    with pytest.raises(Refusal, match="the week of 25 November has no slates with outcomes"):
        _ = week(None).words
