"""What happened in the demo, as its runs recorded it."""

from typing import Any

import pandas as pd
import pytest

from shared.demo import events
from shared.demo.events import SHOWN
from shared.errors import Refusal
from shared.model.verdict import ChallengerComparison, Verdict
from shared.tasks.metrics import Score


def verdict(**changes: Any) -> Verdict:
    """Return a verdict on a week in which a challenger `d1` scored the same rows."""
    own, theirs = ({name: Score(value, 0, 1) for name in SHOWN} for value in (0.7, 0.75))
    compared = {
        "challenger": "d1",
        "rows": 6_000,
        "received": 5_900,
        "own": own,
        "theirs": theirs,
        "differences": {},
        "better": ("roc_auc",),
        "worse": (),
    }
    return Verdict(
        level="ok",
        words="ok",
        reasons=(),
        next_action="none",
        comparisons=(ChallengerComparison(**{**compared, **changes}),),
        state="judged",
        problem="flights",
        bundle="b1",
        source="the log",
        start=None,
        until=None,
        rows=6_000,
        other_rows=0,
        judged_at="2013-07-15T00:00:00+00:00",
    )


def test_a_week_is_named_by_its_first_and_last_day() -> None:
    assert events.span(pd.Timestamp("2013-06-24", tz="UTC")) == "24 June to 30 June"


def test_a_better_challenger_is_told_of_in_the_metrics_of_people() -> None:
    words = "ROC AUC 0.700 → 0.750, log loss 0.700 → 0.750"
    assert events._beside(verdict(), "d1") == f"the challenger on the same 5,900 rows: {words}"


@pytest.mark.parametrize(
    "changes", [{"better": ()}, {"worse": ("log_loss",)}, {"challenger": "d2"}]
)
def test_a_challenger_that_is_not_better_ends_the_demo(changes: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match="the challenger d1 is not better on the same rows"):
        events._beside(verdict(**changes), "d1")
