"""How often feedback-loop checks alarm without a loop, and how soon they find one.

Runs of the shop's declared simulation, whose seeds were used for nothing else; and of that of
selective labels.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
from problems.shop.simulation import Rules, Window, open_shop, windows

from shared.policies.feedback_checks import check
from shared.policies.feedback_measures import NAMES, WindowFeedback, measure
from shared.sections.answers import Action
from shared.tasks.binary import selective_labels
from shared.tasks.binary.selective_labels import WindowSelection
from tests.policies.selective_world import applications

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


@pytest.mark.timeout(900)
def test_what_rows_let_through_say_of_those_that_were_not() -> None:
    heads = ("windows proven", "runs found", "truth held", "seen alone off")
    print(f"\n{'let through, odds of what is acted on':<40}{''.join(f'{h:>16}' for h in heads)}")
    for share in (0.05, 0.1, 0.2):
        for odds in (1.0, 2.0, 3.0, 1 / 3):
            proven, held, naive = selected_runs(Action(let_through=share), odds)
            found = proven[:, :FOUND_WITHIN].any(axis=1)
            name = f"{share:.0%}, {odds:.2g} times what the model says"
            row = [f"{proven.sum()} of {proven.size}", f"{found.sum()} of {len(found)}"]
            row += [f"{held.mean():.1%}", f"{naive.mean():+.1%}"]
            print(f"{name:<40}{''.join(f'{each:>16}' for each in row)}")
            assert held.mean() > 0.9
            if odds == 1:
                assert proven.mean() <= RATE


def selected_runs(action: Action, odds: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return by run and window whether a check is proven, the share of all held, seen off it."""
    proven, held, naive = np.zeros((3, RUNS, FOUND_WITHIN))
    for each in range(RUNS):
        seen: list[WindowSelection] = []
        for at in range(FOUND_WITHIN):
            table, true = applications(3_000, FIRST_SEED + RUNS * at + each, action, odds)
            counted = selective_labels.count(table)
            assert counted is not None
            seen.append(selective_labels.measure(counted, "a", action.let_through, seed=0))
            now, checked = seen[-1], selective_labels.check(seen, RATE)
            assert now.share is not None
            assert now.naive is not None
            proven[each, at] = checked is not None and checked.proven
            held[each, at] = now.share[1] < true.mean() < now.share[2]
            naive[each, at] = now.naive - true.mean()
    return proven.astype(bool), held, naive


def _listed(names: Collection[str]) -> str:
    return ", ".join(name for name in NAMES if name in names)
