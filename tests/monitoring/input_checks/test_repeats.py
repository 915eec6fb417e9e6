"""Rows that come again: old ones under new keys and times, and many that are alike."""

import pandas as pd
import pytest

from shared.model.bundle import Bundle
from shared.monitoring import findings, judge, reason_rows
from shared.monitoring.input_checks import repeats
from shared.settings import Settings
from tests.conftest import loans
from tests.monitoring.traffic import read_case, week, words

FEATURES = ["income", "age", "region", "employed", "guarantee"]


def with_features(rows: pd.DataFrame, of: pd.DataFrame, count: int) -> pd.DataFrame:
    """Return rows of which the first so many have the features of others."""
    made = rows.astype({"age": "int64"})
    made.loc[made.index[:count], FEATURES] = of[FEATURES].to_numpy()[:count]
    return made.astype({"income": "float64", "age": "int64", "employed": "bool"})


@pytest.mark.parametrize("old", [80, 200])
def test_old_rows_under_new_keys_and_times_are_found(
    old: int, bundle: Bundle, settings: Settings
) -> None:
    sent_again = with_features(week(), loans().sample(233, random_state=0), old)
    case = read_case(sent_again, bundle, settings)
    verdict = judge.judge(case, findings.find(case))
    reason = verdict.reasons[0]
    assert (reason.level, reason.stage, reason.check) == ("watch", "feed", "history")
    assert reason.what.endswith(
        "of the rows are rows of the model's history, with other keys or times"
    )
    assert reason.number == pytest.approx(old / 233, abs=0.03)
    shown = reason_rows.find(verdict, case)
    assert {*shown.query("reason == 1")["key"]} >= {*sent_again["loan"][:old]}


def test_rows_of_another_table_are_not_said_to_repeat(judged) -> None:
    verdict = judged(week()[["loan", "applied", "region"]])
    assert verdict.reasons
    assert not [reason for reason in verdict.reasons if "repeat" in reason.what]


def test_many_rows_that_are_alike_but_for_key_and_time_are_found(judged) -> None:
    verdict = judged(with_features(week(), week(1).loc[[0] * 233], 60))
    assert ("watch", "25.3% of the rows repeat another in all but key and time") in words(verdict)


@pytest.mark.parametrize("of", ["features", "history"])
def test_what_a_policy_shows_again_is_no_repeated_feed(
    of: str, bundle: Bundle, settings: Settings
) -> None:
    others = week(1).loc[[0] * 233] if of == "features" else loans().sample(233, random_state=0)
    case = read_case(with_features(week(), others, 80), bundle, settings)
    repeated = repeats.find(case)
    assert repeated
    assert repeated.of == of
    assert repeats.find(case, by_policy=True) is None


def test_fresh_rows_do_not_repeat_and_the_history_itself_may(judged) -> None:
    assert judged(week()).level == "ok"
    of_history = loans().query("applied > '2024-03-20T00:00Z'")
    assert not any(reason.check == "history" for reason in judged(of_history).reasons)
