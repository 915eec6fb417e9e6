"""Detection: a window is compared with days like its own, and a holiday with holidays."""

import pandas as pd
import pytest

from shared.baseline import learning
from shared.baseline.baseline_profile import BaselineProfile
from shared.baseline.statistics import Statistic
from shared.monitoring.input_checks.detection import Deviation, DriftDetector
from shared.profiles.day_types import rows_by_type
from shared.profiles.profile import Profiler
from shared.schema import arrow
from tests.monitoring.shop_days import CONTRACT, HOLIDAYS, rows_of, shop_days

MARTIN_LUTHER_KING, TUESDAY, SATURDAY = "2024-01-15", "2024-01-16", "2024-01-20"
LATER = shop_days("2024-01-01", 60, seed=1)


@pytest.fixture(scope="module")
def plain() -> BaselineProfile:
    return learning.learn(arrow.table(shop_days("2022-01-01", 730)), CONTRACT, 0.01)


@pytest.fixture(scope="module")
def knowing() -> BaselineProfile:
    table = arrow.table(shop_days("2022-01-01", 730))
    return learning.learn(table, CONTRACT, 0.01, calendar=HOLIDAYS)


def measured(
    baseline: BaselineProfile, rows: pd.DataFrame, first: str, days: int = 1
) -> dict[Statistic, Deviation]:
    found = Profiler(baseline.plan, 4_000).profile(arrow.table(rows))
    start = pd.Timestamp(first, tz="UTC").timestamp()
    gap = baseline.gap_before(start)
    by_type = rows_by_type(found.arrived, baseline.plan.calendar)
    detector = DriftDetector(baseline, gap, days=by_type)
    counts = detector.with_dependences(found.counts, found.sample)
    came = detector.arrivals(found.arrived, start, start + days * 86_400, whole=True)
    return detector.measure(counts, days * 24.0) | came


def odd(baseline: BaselineProfile, rows: pd.DataFrame, first: str, days: int = 1) -> set[Statistic]:
    found = measured(baseline, rows, first, days)
    return {statistic for statistic, deviation in found.items() if deviation.beyond}


def on(date: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows of another day at the hours at which they came."""
    return rows.assign(at=pd.Timestamp(date, tz="UTC") + (rows["at"] - rows["at"].dt.floor("D")))


@pytest.mark.parametrize("first", ["2024-01-01", MARTIN_LUTHER_KING, "2024-02-19"])
def test_a_holiday_is_ordinary_where_holidays_are_known_and_odd_where_not(
    plain: BaselineProfile, knowing: BaselineProfile, first: str
) -> None:
    rows = rows_of(LATER, first)
    assert odd(knowing, rows, first) == set()
    assert odd(plain, rows, first) >= {("distance", "basket")}


def test_days_and_weeks_without_a_holiday_stay_ordinary(
    plain: BaselineProfile, knowing: BaselineProfile
) -> None:
    for baseline in (plain, knowing):
        for first, days in ((TUESDAY, 1), (SATURDAY, 1), ("2024-01-22", 7), ("2024-01-15", 7)):
            assert odd(baseline, rows_of(LATER, first, days), first, days) == set()


def test_a_fault_on_a_holiday_is_found(knowing: BaselineProfile) -> None:
    holiday = rows_of(LATER, MARTIN_LUTHER_KING)
    ordinary = on(MARTIN_LUTHER_KING, rows_of(LATER, TUESDAY).head(len(holiday)))
    for fault in (
        holiday.assign(basket=holiday["basket"] * 1.609),
        holiday.assign(basket=holiday["basket"].mask(holiday.index % 2 == 0)),
        ordinary,
    ):
        assert {column for _, column in odd(knowing, fault, MARTIN_LUTHER_KING)} >= {"basket"}
    none = holiday.head(2)
    assert Statistic("volume", "at") in odd(knowing, none, MARTIN_LUTHER_KING)


def test_few_rows_are_ordinary_on_a_holiday_and_odd_on_another_day(
    plain: BaselineProfile, knowing: BaselineProfile
) -> None:
    volume, few = Statistic("volume", "at"), rows_of(LATER, MARTIN_LUTHER_KING)
    assert not measured(knowing, few, MARTIN_LUTHER_KING)[volume].beyond
    assert measured(knowing, on(TUESDAY, few), TUESDAY)[volume].beyond
    assert measured(plain, few, MARTIN_LUTHER_KING)[volume].number > 0.9
    assert measured(knowing, few, MARTIN_LUTHER_KING)[volume].number < 0.5


def test_the_values_of_a_saturday_are_odd_on_a_tuesday_and_the_other_way_round(
    plain: BaselineProfile,
) -> None:
    saturday, tuesday = rows_of(LATER, SATURDAY), rows_of(LATER, TUESDAY)
    assert ("distance", "basket") in odd(plain, on(TUESDAY, saturday), TUESDAY)
    assert ("distance", "basket") in odd(plain, on(SATURDAY, tuesday), SATURDAY)


def test_a_holiday_of_which_history_has_too_few_is_judged_less_sharply() -> None:
    short = learning.learn(
        arrow.table(shop_days("2023-09-12", 110)), CONTRACT, 0.01, calendar=HOLIDAYS
    )
    holiday = rows_of(LATER, "2024-01-01")
    assert odd(short, holiday, "2024-01-01") == set()
    assert Statistic("volume", "at") not in measured(short, holiday, "2024-01-01")
    # It does not say how far other days may be from each other.
    assert ("distance", "basket") in odd(short, on(TUESDAY, holiday), TUESDAY)
    # What no holiday makes of a column is found on one, too.
    lost = holiday.assign(ware="new")
    assert ("new", "ware") in odd(short, lost, "2024-01-01")
    spike = Statistic("spike", "basket")
    wide, sharp = (
        measured(short, rows_of(LATER, first, 7), first, 7)[spike].threshold
        for first in (MARTIN_LUTHER_KING, "2024-01-22")
    )
    assert wide > 1.3 * sharp
