"""Which rows are odd in a column: those that a check would point at."""

import numpy as np
import pandas as pd
import pytest

from shared.model.bundle import Bundle
from shared.monitoring.input_checks.odd_rows import OddRows
from shared.settings import Settings
from tests.monitoring.traffic import read_case, week


@pytest.fixture
def loans_of(bundle: Bundle, settings: Settings):
    """Return a function that gives the keys of the rows of a frame that a check points at."""

    def found(traffic: pd.DataFrame, check: str, column: str) -> set[str]:
        case = read_case(traffic, bundle, settings)
        odd = OddRows(case)
        how = odd.by_contract(column) if check == "contract" else odd.by_check(check, column)
        assert how.shape == (len(traffic),)
        return {*case.profile.sample["loan"][how > 0]}

    return found


def broken(column: str, value: object) -> tuple[pd.DataFrame, set[str]]:
    """Return a week in which every fifth row has a value, and the keys of these.

    No row lacks an income, or has a very large one.
    """
    rows = week().assign(income=lambda f: f["income"].fillna(20_000).clip(upper=40_000))
    at = np.arange(len(rows)) % 5 == 0
    rows[column] = rows[column].astype(object).where(~at, value)
    return rows.infer_objects(), {*rows["loan"][at]}


@pytest.mark.parametrize(
    ("check", "column", "value"),
    [
        ("missing", "income", np.nan),
        ("new", "income", 1e9),
        ("range", "income", -2.0),
        ("new", "region", "west"),
        ("spike", "income", 4_321.5),
    ],
)
def test_each_check_points_at_the_rows_that_were_broken(
    loans_of, check: str, column: str, value: object
) -> None:
    rows, keys = broken(column, value)
    assert loans_of(rows, check, column) >= keys
    # Exact values are counted in buckets, which a few others share.
    assert len(loans_of(rows, check, column)) <= len(keys) + 5


def test_where_fewer_are_missing_the_rows_that_have_a_value_show_it(loans_of) -> None:
    rows = week()
    assert loans_of(rows.assign(income=rows["income"].fillna(1.0)), "missing", "income") <= {
        *rows["loan"]
    }


def test_a_column_out_of_step_with_the_others_is_odd_in_the_rows_that_are(
    bundle: Bundle, settings: Settings
) -> None:
    rows, keys = broken("income", 1e6)
    case = read_case(rows, bundle, settings)
    far = OddRows(case).by_check("linear dependence", "income")
    worst = case.profile.sample["loan"].to_numpy()[np.argsort(-far)[: len(keys)]]
    assert {*worst} == keys


def test_values_and_hours_that_have_become_more_frequent_are_odd(loans_of) -> None:
    rows, keys = broken("income", 4_321.5)
    for check in ("distance", "values"):
        assert keys <= loans_of(rows, check, "income")
    night = week().assign(applied=lambda f: f["applied"].dt.floor("D") + pd.Timedelta(hours=3))
    assert loans_of(night, "distance", "applied") == {*night["loan"]}


def test_a_check_of_rows_that_did_not_come_points_at_none(loans_of) -> None:
    for check, column in (("volume", "applied"), ("fewer", "region"), ("spike", "gone")):
        assert loans_of(week(), check, column) == set()
