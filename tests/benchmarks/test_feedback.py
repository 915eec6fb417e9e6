"""How often feedback-loop checks alarm without a loop, and how soon they find one.

Runs of the shop's declared simulation, whose seeds were used for nothing else.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
from problems.shop.simulation import Rules, Window, open_shop, windows

from shared.policies.feedback_checks import check
from shared.policies.feedback_measures import NAMES, WindowFeedback, measure

FIRST_SEED, RUNS, WINDOWS, FOUND_WITHIN, RATE = 41_000, 40, 12, 6, 0.01
LOOP = Rules(model="popularity")
LOOPS = {
    "clicks are counted": LOOP,
    "with 30 % exploration": replace(LOOP, share=0.3),
    "with 5 % exploration": replace(LOOP, share=0.05),
    "by softmax 0.3": replace(LOOP, temperature=0.3),
    "of the last 3 windows": replace(LOOP, memory=3),
}
NO_LOOPS = {
    "even choices": Rules("even"),
    "rates, learnt once": Rules("nothing", "rates"),
    "clicks counted once": Rules("nothing", "popularity"),
    "rates of explored rows": Rules("explored", "rates"),
    "clicks of explored rows": Rules("explored", "popularity"),
}
REMEDIES = {
    "none": LOOP,
    "exploration raised to 30 %": replace(LOOP, share=0.3),
    "rows weighed, clipped at 30": replace(LOOP, clip=30),
    "diversified, softmax 0.3": replace(LOOP, temperature=0.3),
    "weighed and 20 % explored": replace(LOOP, clip=30, share=0.2),
    "weighed and diversified": replace(LOOP, clip=30, temperature=0.3),
}


class Run(NamedTuple):
    """What a run's checks proved, window by window, and its windows' figures."""

    proven: list[list[str]]
    seen: list[WindowFeedback]
    value: list[float]
    best: list[float]

    @property
    def first(self) -> int | None:
        return next((at for at, names in enumerate(self.proven, 1) if names), None)


def run(rules: Sequence[Rules], seed: int) -> Run:
    random = np.random.default_rng(FIRST_SEED + seed)
    shop = open_shop(random)
    found = Run([], [], [], [])
    for now, window in zip(rules, windows(shop, rules, random), strict=True):
        found.seen.append(measure(window.rows, str(window.model), _weights(now, window)))
        found.proven.append([one.name for one in check(found.seen, RATE) if one.proven])
        found.value.append(window.value)
        found.best.append(window.best)
    return found


def _weights(rules: Rules, window: Window) -> np.ndarray | None:
    """Return the weights that the next training gives to a window's rows."""
    if rules.learns == "served" and rules.clip is None:
        return None
    return np.minimum(window.rows.even, rules.clip or np.inf)


@pytest.mark.timeout(900)
def test_windows_without_a_loop_are_quiet() -> None:
    print(f"\n{'without a loop':<32}{'windows':>10}{'alarms':>8}   by")
    alarms = judged = 0
    for name, rules in NO_LOOPS.items():
        proven = [names for seed in range(RUNS) for names in run([rules] * WINDOWS, seed).proven]
        beyond = [names for names in proven if names]
        by = {one for names in beyond for one in names}
        print(f"{name:<32}{len(proven):>10}{len(beyond):>8}   {_listed(by)}")
        alarms, judged = alarms + len(beyond), judged + len(proven)
    assert alarms <= RATE * judged


@pytest.mark.timeout(900)
def test_loops_are_found_within_six_windows() -> None:
    print(f"\n{'with a loop':<32}{'runs':>10}{'found':>8}{'median window':>16}   by")
    found = tried = 0
    for name, rules in LOOPS.items():
        runs = [run([rules] * FOUND_WITHIN, seed) for seed in range(RUNS)]
        firsts = [each.first for each in runs if each.first]
        by = {one for each in runs for names in each.proven for one in names}
        median = np.median(firsts or [np.nan])
        print(f"{name:<32}{len(runs):>10}{len(firsts):>8}{median:>16.0f}   {_listed(by)}")
        found, tried = found + len(firsts), tried + len(runs)
    assert found >= 0.95 * tried


@pytest.mark.timeout(900)
def test_what_each_remedy_does_to_a_loop() -> None:
    """Rules change after six windows of a loop; figures are means of the last three of eighteen."""
    heads = ("alarms", "items of half", "Gini", "clicks", "of its best")
    print(f"\n{'remedy':<32}" + "".join(f"{head:>15}" for head in heads))
    best = {}
    for name, rules in REMEDIES.items():
        runs = [run([LOOP] * 6 + [rules] * 12, 1_000 + seed) for seed in range(RUNS)]
        alarms = np.mean([bool(names) for each in runs for names in each.proven[-3:]])
        seen = [window for each in runs for window in each.seen[-3:]]
        half, even = np.mean([(window.half, window.gini) for window in seen], axis=0)
        value, best[name] = np.mean([(each.value[-3:], each.best[-3:]) for each in runs], (0, 2))
        row = f"{name:<32}{alarms:>15.0%}{half:>15.1f}{even:>15.2f}{value:>15.2%}"
        print(f"{row}{best[name]:>15.2%}")
    for name in ("rows weighed, clipped at 30", "weighed and diversified"):
        assert best[name] > best["none"]


def _listed(names: Collection[str]) -> str:
    return ", ".join(name for name in NAMES if name in names)
