"""Selective labels: what outcomes that were seen say of all, and of what the model acts on."""

import numpy as np
import pyarrow as pa
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score

from shared.policies.let_through import decide
from shared.policies.training_weights import inverse_propensity
from shared.sections.answers import Action
from shared.tasks.binary import selective_labels
from shared.tasks.binary.selective_labels import (
    Selected,
    SelectionCheck,
    WindowSelection,
    acted_on,
    share_of_all,
)
from tests.policies.selective_world import applications

ROWS, ACTION = 3_000, Action(let_through=0.1)


def counted(table: pa.Table) -> Selected:
    found = selective_labels.count(table)
    assert found is not None
    return found


def measured(seed: int, odds: float = 1.0, model: str = "a") -> WindowSelection:
    table, _ = applications(ROWS, seed, ACTION, odds)
    return selective_labels.measure(counted(table), model, ACTION.let_through, seed=0)


def checked(*windows: WindowSelection) -> SelectionCheck:
    found = selective_labels.check(windows, 0.01)
    assert found is not None
    return found


def test_outcomes_that_are_let_through_hold_the_truth_and_without_any_it_is_not_known() -> None:
    held, naive, runs = 0, [], 120
    for seed in range(runs):
        table, true = applications(ROWS, seed, ACTION)
        share = share_of_all(counted(table))
        assert share is not None
        held += share[1] < true.mean() < share[2]
        blind, true = applications(ROWS, seed, Action(let_through=0))
        assert share_of_all(counted(blind)) is None
        seen = np.array([one for one in blind["outcome"].to_pylist() if one is not None])
        naive.append(seen.mean() - true.mean())
    assert held / runs > 0.9
    # Whoever was refused is forgotten: half of all true outcomes, in each run.
    assert max(naive) < -0.1


def test_a_model_of_weighed_rows_is_right_of_what_was_acted_on() -> None:
    """The odds bend where the first model acts, which rows that it let pass do not show."""
    random = np.random.default_rng(0)
    x = random.normal(size=(20_000, 1))
    bent = x[:, 0] - 1 - 2 * np.maximum(x[:, 0] - 0.5, 0)
    true = random.random(len(x)) < 1 / (1 + np.exp(-bent))
    acted, propensity = decide(x[:, 0] > 0.5, range(len(x)), ACTION)
    seen = ~acted
    off = {}
    for weights in (None, inverse_propensity(propensity[seen], clip=30)):
        model = LogisticRegression().fit(x[seen], true[seen], sample_weight=weights)
        of_acted = model.predict_proba(x[acted])[:, 1].mean()
        off[weights is None] = of_acted - true[acted].mean()
    assert off[True] > 0.1 > 4 * abs(off[False])


def test_all_rows_are_scored_by_those_that_were_seen() -> None:
    table, true = applications(60_000, 1, ACTION)
    found = selective_labels.measure(counted(table), "a", ACTION.let_through, seed=0)
    said = table["probability"].to_numpy()
    for name, exact in (("roc_auc", roc_auc_score(true, said)), ("log_loss", log_loss(true, said))):
        score = found.scores[name]
        assert score.low < exact < score.high
        assert score.high - score.low < 0.05
    seen = table["outcome"].is_valid().to_numpy()
    assert roc_auc_score(true[seen], said[seen]) < found.scores["roc_auc"].low
    assert found.hidden_share == pytest.approx(1 - seen.mean())


def test_a_model_that_is_right_is_not_accused_and_one_that_is_wrong_is_found() -> None:
    right = [measured(seed) for seed in range(40)]
    assert not [one for one in right if checked(one).proven]
    held = [checked(one).low < 0 < checked(one).high for one in right]
    assert np.mean(held) > 0.85
    for times in (1 / 3, 3):
        wrong = [measured(seed, times) for seed in range(12)]
        found = [checked(*wrong[at : at + 3]) for at in range(0, 12, 3)]
        assert [(one.proven, one.windows, one.value > 0) for one in found] == [
            (True, 3, times > 1)
        ] * 4


def test_windows_of_another_model_are_left_out() -> None:
    now, old = measured(1), measured(2, 3.0, "old")
    assert checked(old, now) == checked(now)
    assert checked(now, now).rows == 2 * now.seen


def test_too_few_say_nothing() -> None:
    table, _ = applications(150, 0, ACTION)
    few = selective_labels.measure(counted(table), "a", 0.1, seed=0)
    assert selective_labels.check([few], 0.01) is None
    assert few.scores == {}


def test_parts_add_up() -> None:
    table, _ = applications(900, 4, ACTION)
    both = counted(table.slice(0, 400)) + counted(table.slice(400))
    whole = counted(table)
    assert (both.counts == whole.counts).all()
    assert (both.acted, both.overruled) == (whole.acted, whole.overruled)
    assert whole.counts.sum() + whole.acted == 900
    assert whole.hidden == len(acted_on(table)) == table["outcome"].null_count


def test_what_was_acted_on_and_has_an_outcome_all_the_same_is_left_out() -> None:
    table, true = applications(900, 4, ACTION)
    every = table.set_column(3, "outcome", pa.array(true.astype("float64")))
    found = counted(every)
    assert found.overruled == found.acted == counted(table).acted
    assert found.hidden == 0
    assert share_of_all(found) == share_of_all(counted(table))


def test_what_decided_nothing_is_not_counted() -> None:
    table, _ = applications(50, 0, ACTION)
    shadow = table.append_column("role", pa.array(["challenger"] * 50))
    assert selective_labels.count(shadow) is None
    assert not len(acted_on(shadow))
    assert selective_labels.count(table.drop_columns(["action"])) is None
    old = table.set_column(1, "action", pa.nulls(50))
    assert selective_labels.count(old) is None
