"""The latest label of a key counts, on SQLite and PostgreSQL."""

from itertools import count
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from shared.log.prediction_log import PredictionLog
from tests.log.loans import EVER, HOUR, NOON, MakeLog, answered, asked, outcomes, rows

EXAMPLES = count()
POSTS = st.lists(st.dictionaries(st.sampled_from("abcde"), st.booleans()), max_size=6)


def test_an_outcome_counts_whether_it_came_before_or_after_the_prediction(
    log: PredictionLog,
) -> None:
    assert log.outcomes.add({"L0": True}) == {"added": 1, "corrected": 0, "unchanged": 0}
    log.predictions.append([answered(0), answered(1), answered(2)])
    assert log.outcomes.add({"L1": False}) == {"added": 1, "corrected": 0, "unchanged": 0}
    assert outcomes(log) == {"L0": 1.0, "L1": 0.0, "L2": None}


def test_labels_of_keys_that_nobody_has_answered_are_counted(log: PredictionLog) -> None:
    assert log.outcomes.newest() == 0
    log.predictions.append([answered(0), answered(1)])
    log.outcomes.add({"L0": True, "gone": True})
    newest = log.outcomes.newest()
    log.outcomes.add({"L1": True, "late": False, "later": True})
    assert (log.outcomes.unanswered(0), log.outcomes.unanswered(newest)) == (3, 2)
    log.predictions.append([answered(2, key="late")])
    assert log.outcomes.unanswered(newest) == 1


@pytest.mark.parametrize("kind", [bool, np.bool_])
def test_a_label_that_stands_adds_nothing_and_another_one_wins(
    log: PredictionLog, address: str, kind: Any
) -> None:
    log.predictions.append([answered(n) for n in range(3)])
    log.outcomes.add({"L0": kind(True), "L1": kind(False)})
    told = {"L0": kind(True), "L1": kind(True), "L2": kind(False)}
    assert log.outcomes.add(told) == {"added": 1, "corrected": 1, "unchanged": 1}
    assert log.outcomes.add(told) == {"added": 0, "corrected": 0, "unchanged": 3}
    assert outcomes(log) == {"L0": 1.0, "L1": 1.0, "L2": 0.0}
    query = "SELECT key, CAST(value AS INTEGER) FROM loans_outcomes ORDER BY id"
    assert asked(address, query) == [("L0", 1), ("L1", 0), ("L1", 1), ("L2", 0)]
    assert len(log.predictions.window(*EVER)) == 3


def test_keys_may_be_any_text(log: PredictionLog) -> None:
    keys = ["it's", 'a "b"', "100%", "%s", ":key", "żółć 🦆", "a\\b", "", " ", "1; DROP TABLE x"]
    log.predictions.append([answered(n, key=key) for n, key in enumerate(keys)])
    told = {key: n % 2 == 0 for n, key in enumerate(keys)}
    assert log.outcomes.add(told)["added"] == len(keys)
    assert outcomes(log) == told
    assert log.outcomes.add(told)["unchanged"] == len(keys)


def test_keys_may_be_whole_numbers(make_log: MakeLog) -> None:
    log = make_log(key="integer")
    keys = [-(2**63), -1, 0, 1, 2**63 - 1]
    log.predictions.append([answered(n, key=key) for n, key in enumerate(keys)])
    told = dict.fromkeys(keys, True)
    assert log.outcomes.add(told) == {"added": 5, "corrected": 0, "unchanged": 0}
    assert log.outcomes.add(told) == {"added": 0, "corrected": 0, "unchanged": 5}
    assert outcomes(log) == told
    assert log.predictions.window(*EVER)["key"].dtype == "int64"


def test_many_outcomes_at_once_are_compared_with_every_one_that_stands(
    log: PredictionLog, address: str
) -> None:
    first = {f"L{n}": n % 2 == 0 for n in range(1_200)}
    assert log.outcomes.add(first) == {"added": 1_200, "corrected": 0, "unchanged": 0}
    second = {f"L{n}": n % 3 == 0 for n in range(1_300)}
    corrected = sum(first[key] != second[key] for key in first)
    assert log.outcomes.add(second) == {
        "added": 100,
        "corrected": corrected,
        "unchanged": 1_200 - corrected,
    }
    assert asked(address, "SELECT count(*) FROM loans_outcomes") == [(1_300 + corrected,)]


@hypothesis_settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(posts=POSTS)
def test_whatever_is_posted_the_last_label_of_a_key_wins_and_the_counts_add_up(
    log: PredictionLog, address: str, posts: list[dict[str, bool]]
) -> None:
    mark, standing, stored = f"{next(EXAMPLES)}/", {}, 0
    for post in posts:
        changed = {k for k in post if k in standing and standing[k] != post[k]}
        new = post.keys() - standing.keys()
        assert log.outcomes.add({mark + k: label for k, label in post.items()}) == {
            "added": len(new),
            "corrected": len(changed),
            "unchanged": len(post) - len(new) - len(changed),
        }
        standing |= post
        stored += len(new) + len(changed)
    start = NOON + int(mark[:-1]) * HOUR
    log.predictions.append(
        [answered(0, prediction_id=mark + k, key=mark + k, time=start) for k in "abcde"]
    )
    read = rows(log.predictions.window(start, start + HOUR))
    assert {row["key"]: row["outcome"] for row in read} == {
        mark + k: standing.get(k) for k in "abcde"
    }
    held = asked(address, "SELECT key FROM loans_outcomes")
    assert sum(key.startswith(mark) for (key,) in held) == stored
