"""Columns that are odd with repeated rows alone: the rows are named, and no column is."""

import pandas as pd

from shared.monitoring import findings
from shared.monitoring.causes.rows import repeated_rows
from shared.monitoring.input_checks.repeats import Repeat
from tests.monitoring.traffic import read_case, week, words


def flooded(rows: pd.DataFrame, times: int = 120) -> pd.DataFrame:
    """Return rows with the first of them so many times more, each under a key of its own."""
    again = rows.iloc[[0] * times].assign(loan=[f"again-{number}" for number in range(times)])
    return pd.concat([rows, again], ignore_index=True)


def test_a_row_that_came_120_times_is_named_and_no_column_is_said_to_be_stuck(judged) -> None:
    verdict = judged(flooded(week()))
    assert words(verdict)[0] == ("watch", "34.0% of the rows repeat another row")
    assert verdict.reasons[0].likely_cause.startswith("without the rows that repeat, ")
    assert verdict.reasons[0].likely_cause.endswith(" as usual")
    inputs = {"income", "age", "region", "employed", "guarantee"}
    assert not [reason for reason in verdict.reasons if reason.column in inputs]


def test_a_column_that_is_wrong_beside_them_is_still_to_blame(judged) -> None:
    verdict = judged(flooded(week().assign(income=lambda rows: rows["income"] * 100)))
    named = {reason.column for reason in verdict.reasons if reason.stage in ("feed", "inputs")}
    assert named == {"row", "income", "applied"}
    (income,) = (reason for reason in verdict.reasons if reason.column == "income")
    assert "looks like a hundred times what it was" in income.what


def test_rows_that_came_twice_explain_nothing_of_a_column_that_is_stuck(judged) -> None:
    rows = week().assign(age=44)
    twice = pd.concat([rows, rows.assign(loan=rows["loan"] + "-again")])
    verdict = judged(twice)
    assert ("act", "age is stuck") in words(verdict)
    assert verdict.reasons[1].likely_cause is None


def test_rows_are_kept_once_by_what_repeats(bundle, settings) -> None:
    rows = week(4).assign(loan=["a", "b", "b", None])
    case = read_case(rows, bundle, settings)
    kept = repeated_rows.only_once(rows, case, Repeat("key", 0.25, 0.01))
    assert kept["loan"].tolist() == ["a", "b", None]
    alike = flooded(week(4), 3)
    assert len(repeated_rows.only_once(alike, case, Repeat("row", 0.4, 0.01))) == 4
    later = alike.assign(applied=pd.date_range("2024-04-01", periods=7, freq="h", tz="UTC"))
    assert len(repeated_rows.only_once(later, case, Repeat("row", 0.4, 0.01))) == 7


def test_rows_that_are_alike_but_for_their_times_may_be_different_ones(bundle, settings) -> None:
    case, alike = read_case(week(), bundle, settings), flooded(week(4), 3)
    for of in ("features", "history"):
        assert len(repeated_rows.only_once(alike, case, Repeat(of, 0.4, 0.01))) == 7
    one_day = alike.assign(applied=pd.Timestamp("2024-04-01", tz="UTC"))
    assert len(repeated_rows.only_once(one_day, case, Repeat("row", 0.4, 0.01))) == 7


def test_findings_hold_the_columns_that_repeated_rows_explain(bundle, settings) -> None:
    found = findings.find(read_case(flooded(week()), bundle, settings))
    assert {"income", "age"} <= {*found.repeats_explain}
    assert found.culprits == ()
    assert findings.find(read_case(week(), bundle, settings)).repeats_explain == ()
