"""Which rows are acted on, and which are let through by chance."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from shared.policies.let_through import chance, decide
from shared.sections.answers import Action

KEYS = [f"K{at}" for at in range(20_000)]
TRUE = np.ones(len(KEYS), bool)


def test_the_share_that_is_declared_is_let_through() -> None:
    decided = decide(TRUE, KEYS, Action(let_through=0.05))
    assert (~decided.acted).mean() == pytest.approx(0.05, abs=0.005)
    assert (decided.propensity == 0.05).all()
    other = decide(TRUE, KEYS, Action(let_through=0.05, seed=1))
    # Of another seed, others.
    assert (~decided.acted & ~other.acted).mean() == pytest.approx(0.05**2, abs=0.002)


def test_only_the_prediction_that_is_named_is_acted_on() -> None:
    predicted = np.array([True, False, True, False])
    none = decide(predicted, KEYS[:4], Action(let_through=0))
    assert none.acted.tolist() == [True, False, True, False]
    assert none.propensity.tolist() == [0, 1, 0, 1]
    inspected = decide(predicted, KEYS[:4], Action(on=False, let_through=0))
    assert inspected.acted.tolist() == [False, True, False, True]


def test_a_key_is_decided_alike_wherever_it_is_asked() -> None:
    action, many = Action(let_through=0.3), range(400)
    decided = decide(TRUE[:400], many, action).acted.tolist()
    assert 0 < sum(decided) < 400
    for keys in (pd.Series(many), pa.chunked_array([many]), np.arange(400), [*map(str, many)]):
        assert decide(TRUE[:400], keys, action).acted.tolist() == decided
    alone = [decide(TRUE[:1], [key], action).acted[0] for key in many]
    assert alone == decided


def test_without_keys_nobody_is_let_through() -> None:
    assert decide(TRUE[:50], None, Action(let_through=0.9)).acted.all()


def test_chance_is_the_same_on_every_machine() -> None:
    assert [round(chance(key, 7), 6) for key in ("a", "1", "ä")] == [0.192491, 0.738334, 0.567009]
