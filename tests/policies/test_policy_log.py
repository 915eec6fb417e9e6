"""A policy's log out of a table: by the columns' names, whatever holds them."""

import numpy as np
import pandas as pd
import pytest

from shared.errors import Refusal
from shared.policies.policy_log import LogNames, policy_log

ROWS = pd.DataFrame(
    {
        "slate": ["b", "b", "a"],
        "position": [1, 2, 1],
        "propensity": [0.5, 0.25, 0.5],
        "outcome": pd.Series([True, None, False], dtype="boolean"),
        "wanted": [0.1, 0.2, 0.3],
        "shopper": ["x", "x", "x"],
    }
)


def test_columns_become_the_log_and_a_missing_outcome_is_not_known_yet() -> None:
    log = policy_log(ROWS, LogNames(target="wanted", user="shopper"), given_above=True)
    assert log.outcome == pytest.approx(np.array([1, np.nan, 0]), nan_ok=True)
    assert (log.slate.tolist(), log.cluster.tolist()) == ([0, 0, 1], [0, 0, 0])
    assert log.target.tolist() == [0.1, 0.2, 0.3]
    assert (log.predicted, log.expected) == (None, None)


def test_an_even_choice_is_among_what_is_left_above_or_by_position() -> None:
    above = policy_log(ROWS, LogNames(), given_above=True, candidates=4)
    assert above.target.tolist() == [1 / 4, 1 / 3, 1 / 4]
    alone = policy_log(ROWS[["outcome", "propensity"]], LogNames(), False, candidates=4)
    assert alone.target.tolist() == [1 / 4] * 3
    assert alone.slate.tolist() == [0, 1, 2]


def test_objects_of_booleans_and_gaps_are_outcomes_too() -> None:
    rows = ROWS.astype({"outcome": object})
    log = policy_log(rows, LogNames(target="wanted"), given_above=True)
    assert log.outcome == pytest.approx(np.array([1, np.nan, 0]), nan_ok=True)


def test_what_a_table_lacks_is_named() -> None:
    with pytest.raises(Refusal, match=r"^no column 'click': the table has 'slate', 'position', "):
        policy_log(ROWS, LogNames(outcome="click"), True, 3)
    with pytest.raises(Refusal, match=r"^column 'shopper' holds 'x' where a number is needed$"):
        policy_log(ROWS, LogNames(propensity="shopper"), True, 3)
    with pytest.raises(Refusal, match=r"^column 'slate' is missing in 1 of 3 rows$"):
        policy_log(ROWS.assign(slate=["a", None, "b"]), LogNames(), True, 3)
    with pytest.raises(Refusal, match=r"^1 candidates cannot fill a slate's position 2$"):
        policy_log(ROWS, LogNames(), True, 1)
    with pytest.raises(Refusal, match=r"^a target policy is needed: a column of its chances, or"):
        policy_log(ROWS, LogNames(), True)
