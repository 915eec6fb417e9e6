"""Types of days: those of the week, and holidays at work and at a weekend."""

import numpy as np

from shared.profiles import day_types

DATES = np.array(["2024-01-01", "2024-01-02", "2024-12-25", "2022-12-25", "2024-01-07"])
DAYS = DATES.astype("datetime64[D]").astype(int)
NOON = DAYS * 86_400.0 + 43_200


def test_a_holiday_is_a_type_of_its_own_at_work_and_at_a_weekend() -> None:
    assert day_types.day_types(DAYS, None).tolist() == [0, 1, 2, 6, 6]
    assert day_types.day_types(DAYS, "US").tolist() == [7, 1, 7, 8, 6]
    assert day_types.types_at(NOON, "US").tolist() == [7, 1, 7, 8, 6]


def test_days_are_holidays_by_a_calendar_in_whatever_year() -> None:
    assert day_types.is_holiday("US", DAYS).tolist() == [True, False, True, True, False]
    assert day_types.is_holiday("US", DAYS[:0]).tolist() == []


def test_moments_have_a_feature_for_each_type_of_holiday() -> None:
    moments = np.append(NOON, np.nan)
    assert day_types.holiday_types(moments, "US").tolist() == [1, 0, 1, 2, 0, 0]
    at_work, at_weekend = day_types.holiday_features(moments, "US")
    assert np.flatnonzero(at_work).tolist() == [0, 2]
    assert np.flatnonzero(at_weekend).tolist() == [3]


def test_rows_are_added_up_by_the_type_of_their_day() -> None:
    arrived = {int(DAYS[0]) * 24: 3, int(DAYS[1]) * 24 + 23: 4, int(DAYS[2]) * 24: 5}
    assert day_types.rows_by_type(arrived, "US").tolist() == [0, 4, 0, 0, 0, 0, 0, 8, 0]
    assert day_types.rows_by_type(arrived, None).tolist() == [3, 4, 5, 0, 0, 0, 0, 0, 0]
