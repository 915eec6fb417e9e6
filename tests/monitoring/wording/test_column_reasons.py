"""Reasons for columns: the culprit first, by what says most of it."""

from dataclasses import replace

import numpy as np
import pytest

from shared.model.bundle import Bundle
from shared.monitoring import findings
from shared.monitoring.causes.diagnosis import Cause
from shared.monitoring.wording.column_reasons import _is_filled_in, column_reasons
from shared.settings import Settings
from tests.monitoring.traffic import read_case, week, words


def test_a_change_of_units_is_named_first_with_its_number_and_what_is_usual(judged) -> None:
    verdict = judged(week().assign(income=lambda frame: frame["income"] * 100))
    reason = verdict.reasons[0]
    assert reason.what == (
        "income looks like a hundred times what it was, as a percentage is of a share"
    )
    assert (verdict.level, reason.column, reason.stage) == ("act", "income", "feed")
    assert reason.number > reason.threshold > 0
    assert " of the model's history it was at most " in reason.baseline
    assert "income" in verdict.next_action


def test_columns_that_are_missing_in_the_same_rows_are_told_together(judged) -> None:
    gone = week(1_000).assign(
        age=lambda f: f["age"].mask(f.index % 3 == 0),
        income=lambda f: f["income"].mask(f.index % 3 == 0),
    )
    (reason,) = [r for r in judged(gone).reasons if "missing" in r.what and r.column]
    assert reason.what.startswith("income and age are missing together more often: in 36.")
    assert (reason.column, reason.beside) == ("income", ("age",))
    apart = gone.assign(income=gone["income"].sample(frac=1, random_state=0).array)
    told = [what for _, what in words(judged(apart)) if "missing" in what]
    assert {what.split(" missing")[0] for what in told} == {"income is", "age is"}


def test_infinite_values_are_no_numbers_and_the_rest_is_scored(judged) -> None:
    frame = week()
    verdict = judged(frame.assign(income=frame["income"].where(frame.index % 4 > 0, np.inf)))
    assert words(verdict) == [("act", "income: not a number in 59 rows, such as inf")]
    assert verdict.reasons[0].column == "income"


def test_what_a_column_is_worth_to_the_model_is_no_cause(judged) -> None:
    reasons = judged(week().assign(region="south", age=lambda f: f["age"] // 5 * 5)).reasons
    of_columns = [reason for reason in reasons if reason.column in ("region", "age")]
    assert of_columns
    for reason in of_columns:
        assert "ranking" not in (reason.likely_cause or "")
        assert " 0% of the model's ranking" not in reason.next_step
    stuck = next(reason for reason in of_columns if reason.column == "region")
    assert stuck.next_step.endswith("% of the model's ranking depends on it.")


@pytest.mark.parametrize("value", ["south-east", None])
@pytest.mark.parametrize(
    ("share", "importance", "level"),
    [
        (0.3, 0.02, "act"),
        (0.15, 0.02, "act"),
        (0.06, 0.5, "watch"),
        (0.3, 0.001, "watch"),
        (0.6, 0.001, "act"),
    ],
)
def test_how_many_rows_have_a_value_that_the_model_never_learnt_decides_the_level(
    bundle: Bundle,
    settings: Settings,
    value: str | None,
    share: float,
    importance: float,
    level: str,
) -> None:
    rows = week(2_000)
    odd = np.arange(len(rows)) % 100 < 100 * share
    case = read_case(rows.assign(region=rows["region"].mask(odd, value)), bundle, settings)
    found = replace(findings.find(case), importance={"region": importance})
    (reason,) = [one for one in column_reasons(case, found) if one.column == "region"]
    assert (reason.level, reason.number) == (level, pytest.approx(share, abs=0.02))


@pytest.mark.parametrize(("share", "level"), [(0.3, "act"), (0.05, "watch")])
def test_a_change_of_units_wakes_somebody_where_as_many_rows_have_it(
    judged, share: float, level: str
) -> None:
    rows = week(2_000)
    changed = np.arange(len(rows)) % 100 < 100 * share
    verdict = judged(rows.assign(income=rows["income"].mask(changed, rows["income"] * 100)))
    (reason,) = [one for one in verdict.reasons if one.column == "income"]
    assert reason.level == level


def test_a_number_that_stands_for_nothing_is_no_change_of_all_values(
    bundle: Bundle, settings: Settings
) -> None:
    times = Cause(("income",), "income is about 5.45 times what it was", 1.0, False, "about")
    rows = week(1_000)
    gone = rows.assign(income=lambda f: f["income"].mask(f.index % 3 == 0, -999.0))
    assert _is_filled_in(times, "income", read_case(gone, bundle, settings))
    assert not _is_filled_in(times, "income", read_case(rows, bundle, settings))
    # What is certain to the digit explains the number as well.
    exact = replace(times, precision="exact")
    assert not _is_filled_in(exact, "income", read_case(gone, bundle, settings))
