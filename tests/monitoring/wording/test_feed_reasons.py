"""Reasons for the rows that came: repeated, too many, too few, or late."""

import pandas as pd

from tests.monitoring.traffic import week, words


def test_repeated_rows_are_watched_and_a_key_that_came_twice_is_not(judged) -> None:
    twice = judged(pd.concat([week(), week().head(20)], ignore_index=True))
    assert words(twice)[0] == ("watch", "7.9% of the rows repeat a key")
    once = judged(week().assign(loan=lambda f: f["loan"].mask(f.index == 1, f["loan"][0])))
    assert once.level == "ok"


def test_rows_that_stop_coming_are_watched(judged) -> None:
    gone = week(1_000).assign(applied=lambda f: f["applied"])
    gap = judged(gone[(gone.index < 100) | (gone.index > 900)])
    assert ("watch", "no rows arrived for an unusually long time") in words(gap)
    assert ("watch", "more rows arrived than expected") in words(judged(week(1_000)))
