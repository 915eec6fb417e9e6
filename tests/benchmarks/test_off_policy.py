"""Off-policy estimates beside obp's, and how fast slates are chosen: `make bench-off-policy`.

Both have the same logs in the same run. Ours come with intervals; obp's are timed with intervals of
a hundredth of its own resamples, and without.
"""

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shared.policies.exploration import choose
from shared.policies.off_policy import off_policy_value
from shared.policies.policy_log import PolicyLog
from shared.sections.answers import Explore
from tests.benchmarks.serving_peers import environment
from tests.policies.made_logs import made_log

ROWS, ITEMS, SLATE = 1_000_000, 34, 20
LOGS, ROWS_OF_A_LOG = 200, 6_000
PEERS = Path(__file__).parent / "peers"


def test_a_million_impressions_take_two_seconds_and_a_twentieth_of_obps(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    shown = random.dirichlet(np.full(ITEMS, 2))
    target, clicks = random.dirichlet(np.full(ITEMS, 5)), random.beta(2, 60, ITEMS)
    item, rows = random.choice(ITEMS, ROWS, p=shown), np.arange(ROWS)
    outcome = (random.random(ROWS) < clicks[item]).astype(float)
    log = PolicyLog(
        outcome=outcome,
        propensity=shown[item],
        target=target[item],
        slate=rows // SLATE,
        position=rows % SLATE + 1,
        cluster=rows // SLATE,
        predicted=clicks[item],
        expected=np.full(ROWS, target @ clicks),
    )
    seconds = min(_timed(log) for _ in range(7))
    ours = {e.name: e.value for e in off_policy_value(log, given_above=False).estimates}
    np.savez(
        tmp_path / "log.npz",
        **{"outcome": outcome, "propensity": log.propensity, "item": item},
        **{"target_of": target, "predicted_of": clicks},
    )
    peer = _peer("off_policy.py", tmp_path / "log.npz")
    values, intervals = (sum(peer[name].values()) for name in ("seconds", "with_interval"))
    print(
        f"\n{ROWS:,} impressions by IPS, SNIPS and doubly robust, with intervals: {seconds:.3f} s; "
        f"obp with intervals of 100 resamples {intervals:.1f} s ({intervals / seconds:.0f} times), "
        f"obp's values without intervals {values:.2f} s ({values / seconds:.0f} times)"
    )
    assert ours == pytest.approx(peer["values"], abs=1e-9)
    assert seconds <= 2
    assert intervals >= 20 * seconds
    # Though obp's have no intervals here, and ours have.
    assert values >= 10 * seconds


@pytest.mark.parametrize(("skew", "rate"), [(0.5, 0.005), (1, 0.005), (1, 0.05), (3, 0.02)])
def test_intervals_hold_the_worth_where_obps_do_not(
    tmp_path: Path, skew: float, rate: float
) -> None:
    random, kept, ours = np.random.default_rng(1), [], []
    while len(kept) < LOGS:
        log, worth, item = made_log(random, ROWS_OF_A_LOG, skew, rate)
        found = off_policy_value(log)
        if found.unsupported is None:
            kept.append((log.outcome, item, log.propensity, worth))
            ours.append([e.low <= worth <= e.high for e in found.estimates])
    columns = zip(("outcome", "item", "propensity", "worth"), zip(*kept, strict=True), strict=True)
    np.savez(tmp_path / "logs.npz", items=40, **{name: np.array(held) for name, held in columns})
    theirs = _peer("off_policy_intervals.py", tmp_path / "logs.npz")
    shares = dict(zip(("IPS", "SNIPS", "doubly robust"), np.mean(ours, axis=0), strict=True))
    held = ", ".join(f"{name} {share:.1%}" for name, share in shares.items())
    peers = ", ".join(f"{name} {share:.1%}" for name, share in theirs.items())
    print(f"\nclick rate {rate:.1%}, skew {skew:g}: of {LOGS} logs ours hold {held}; obp {peers}")
    assert min(shares.values()) >= 0.9
    assert all(shares[name] >= share - 0.05 for name, share in theirs.items())


@pytest.mark.parametrize("by", ["none", "epsilon", "softmax"])
def test_twenty_of_a_thousand_candidates_are_chosen_in_a_third_of_a_millisecond(by: Any) -> None:
    random = np.random.default_rng(0)
    scores, explore = random.beta(2, 30, 1_000), Explore(by=by)
    best = min(_seconds_of(lambda: choose(scores, SLATE, explore, random)) for _ in range(200))
    print(f"\n{by}: {best * 1e3:.3f} ms")
    assert best < 0.3e-3


def _peer(script: str, held: Path) -> dict[str, Any]:
    place = environment(
        *("obp", "obp==0.4.1", "torch==2.13.0", "pandas", "pyarrow", "scipy", "seaborn"),
        *("matplotlib", "mypy-extensions", "pyyaml", "tqdm"),
    )
    command = [str(place / "python"), "-W", "ignore", str(PEERS / script), str(held)]
    found: dict[str, Any] = json.loads(
        subprocess.run(command, check=True, capture_output=True, text=True).stdout
    )
    return found


def _timed(log: PolicyLog) -> float:
    return _seconds_of(lambda: off_policy_value(log, given_above=False))


def _seconds_of(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
