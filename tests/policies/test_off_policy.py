"""Off-policy values: right on average, honest intervals, and a no where a log cannot tell."""

from dataclasses import replace

import numpy as np
import pytest

from shared.errors import Refusal
from shared.policies.exploration import choose, propensities
from shared.policies.off_policy import OffPolicyValue, off_policy_value, value_difference
from shared.policies.policy_log import PolicyLog
from shared.sections.answers import Explore
from tests.policies.made_logs import made_log
from tests.policies.open_bandit import sample, uniform_log

MEN, WOMEN, ALL = 34, 46, 80


def by_hand(rows: int = 6) -> PolicyLog:
    """Return slates of two positions: the second is clicked, and weighs more than the first."""
    return PolicyLog(
        outcome=np.tile([0.0, 1.0], rows // 2),
        propensity=np.tile([0.5, 0.5], rows // 2),
        target=np.tile([0.3, 0.75], rows // 2),
        slate=np.arange(rows) // 2,
        position=np.arange(rows) % 2 + 1,
        cluster=np.arange(rows) // 2,
    )


def values(found: OffPolicyValue) -> dict[str, float]:
    return {estimate.name: estimate.value for estimate in found.estimates}


def test_estimates_are_the_sums_that_they_stand_for() -> None:
    log = replace(by_hand(600), predicted=np.full(600, 0.4), expected=np.full(600, 0.3))
    found = off_policy_value(log, given_above=False)
    # Weights 0.6 and 1.5, outcomes 0 and 1.
    assert values(found) == pytest.approx(
        {"IPS": 0.75, "SNIPS": 1.5 / 2.1, "doubly robust": 0.3 + (0.6 * -0.4 + 1.5 * 0.6) / 2}
    )
    assert (found.logged.value, found.positions, found.unknown) == (0.5, 2, 0)
    assert found.support.effective_rows == pytest.approx(600 * 2.1**2 / 2 / (0.6**2 + 1.5**2))


def test_clipping_is_said_in_the_name() -> None:
    found = off_policy_value(by_hand(600), given_above=False, clip=1.4)
    assert values(found) == pytest.approx(
        {"IPS, weights clipped at 1.4": 0.7, "SNIPS, weights clipped at 1.4": 0.7}
    )


@pytest.mark.parametrize(("skew", "rate"), [(1, 0.005), (1, 0.05), (3, 0.02)])
def test_a_differences_interval_holds_it(skew: float, rate: float) -> None:
    random, held = np.random.default_rng(0), []
    while len(held) < 150:
        log, worth, item = made_log(random, 6_000, skew, rate)
        if off_policy_value(log).unsupported:
            continue
        # The log's own policy: it is worth what its chances and the model's clicks say.
        chance, clicks = np.zeros(40), np.zeros(40)
        chance[item], clicks[item] = log.propensity, log.predicted / 0.8
        found = value_difference(log, replace(log, target=log.propensity))
        held.append(found.low <= worth - chance @ clicks <= found.high)
    assert np.mean(held) >= 0.93


def test_a_policy_is_worth_nothing_less_than_itself() -> None:
    log, _, _ = made_log(np.random.default_rng(0), 6_000, 3, 0.02)
    found = value_difference(log, log)
    assert found.value == 0
    assert found.low <= 0 <= found.high
    assert found.high - found.low < 0.01


@pytest.mark.parametrize(("skew", "rate"), [(0.5, 0.005), (1, 0.005), (1, 0.05), (3, 0.02)])
def test_intervals_hold_the_worth_also_where_large_weights_saw_no_click(
    skew: float, rate: float
) -> None:
    random, held = np.random.default_rng(0), []
    while len(held) < 150:
        log, worth, _ = made_log(random, 6_000, skew, rate)
        found = off_policy_value(log)
        if found.unsupported is None:
            held.append([e.low <= worth <= e.high for e in found.estimates])
    # 95 % but for the error of 150 logs: three standard errors are 5 points.
    assert np.mean(held, axis=0).min() >= 0.9


def test_rows_of_a_cluster_count_once_where_they_go_together() -> None:
    rows, random = 2_000, np.random.default_rng(0)
    once = random.random(rows) < 0.3
    log = replace(by_hand(rows), outcome=once.astype(float), slate=np.arange(rows))
    alone = replace(log, cluster=np.arange(rows), target=log.propensity, position=np.ones(rows))
    twice = {
        name: np.repeat(column, 2) for name, column in vars(alone).items() if column is not None
    }
    doubled = PolicyLog(**{**twice, "slate": np.arange(2 * rows)})
    for one, both in zip(
        off_policy_value(alone).estimates, off_policy_value(doubled).estimates, strict=True
    ):
        assert both.high - both.low == pytest.approx(one.high - one.low, rel=1e-3)


def test_weights_that_multiply_down_a_slate_are_right_where_single_ones_are_not() -> None:
    """The log shows by softmax, the target the best first; clicks fall with the position."""
    scores, clicks = np.array([0.3, 0.5, 0.6, 0.4]), np.array([0.9, 0.1, 0.5, 0.1])
    explore, target = Explore(by="softmax", temperature=1), Explore(by="softmax", temperature=0.3)
    random, slates, k = np.random.default_rng(0), 4_000, 3
    shown = [choose(scores, k, explore, random) for _ in range(slates)]
    items = np.concatenate([s.positions for s in shown])
    wanted = [propensities(scores, s.positions, target) for s in shown]
    log = PolicyLog(
        outcome=(random.random(slates * k) < clicks[items]).astype(float),
        propensity=np.concatenate([s.propensities for s in shown]),
        target=np.concatenate(wanted),
        slate=np.repeat(np.arange(slates), k),
        position=np.tile(np.arange(k) + 1, slates),
        cluster=np.repeat(np.arange(slates), k),
    )
    played = [clicks[choose(scores, k, target, random).positions].mean() for _ in range(5_000)]
    worth = np.mean(played)
    given_above, alone = off_policy_value(log), off_policy_value(log, given_above=False)
    assert all(e.low <= worth <= e.high for e in given_above.estimates)
    assert not any(e.low <= worth <= e.high for e in alone.estimates)


def test_rows_without_an_outcome_yet_are_left_out() -> None:
    log = by_hand(800)
    log.outcome[600:] = np.nan
    found = off_policy_value(log, given_above=False)
    assert (values(found)["IPS"], found.unknown, found.support.rows) == (0.75, 200, 600)


def test_on_men_the_bandits_log_holds_the_random_arms_rate() -> None:
    found = off_policy_value(uniform_log(sample("bts", "men"), MEN), given_above=False)
    rate = sample("random", "men")["click"].mean()
    assert found.unsupported is None
    assert all(estimate.low <= rate <= estimate.high for estimate in found.estimates)
    assert found.support.effective_share == pytest.approx(0.0656, abs=1e-4)


def test_on_women_the_bandits_log_unsupported() -> None:
    found = off_policy_value(uniform_log(sample("bts", "women"), WOMEN), given_above=False)
    assert found.estimates == ()
    assert found.unsupported == (
        "cannot tell: 10,000 rows count as 2.1 under the target policy, and 100 are needed; "
        "one row has 69% of all weight"
    )


@pytest.mark.parametrize(("part", "items"), [("men", MEN), ("women", WOMEN), ("all", ALL)])
def test_the_random_arms_log_tells_its_own_rate(part: str, items: int) -> None:
    log = uniform_log(sample("random", part), items)
    found = off_policy_value(log, given_above=False)
    assert [e[1:] for e in found.estimates] == [pytest.approx(found.logged[1:])] * 2


def test_what_is_no_log_is_refused() -> None:
    log = by_hand()
    with pytest.raises(
        Refusal, match=r"^each outcome is from 0 to 1 \(a click is 1\): row 0 has 7$"
    ):
        off_policy_value(replace(log, outcome=np.full(6, 7.0)))
    with pytest.raises(
        Refusal, match=r"^none of 6 rows has an outcome: nothing can be estimated y"
    ):
        off_policy_value(replace(log, outcome=np.full(6, np.nan)))
    with pytest.raises(Refusal, match=r"^weights are clipped at a number above 0, not 0$"):
        off_policy_value(log, clip=0)
    holed = replace(by_hand(600), predicted=np.full(600, np.nan), expected=np.zeros(600))
    with pytest.raises(Refusal, match=r"^a predicted or expected outcome is missing: give both"):
        off_policy_value(holed, given_above=False)
