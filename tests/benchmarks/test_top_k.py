"""How long the best of many items take to find for one user: beside implicit and RecTools.

All have the same factors of users and items, and one thread: `make bench-recommend`.
"""

import json
import subprocess
import time
from pathlib import Path
from statistics import median

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from shared.policies.exploration import best_first
from tests.benchmarks.serving_peers import environment

PEER = Path(__file__).parent / "peers" / "top_k.py"
FACTORS, USERS, SHOWN = 64, 300, 20


@pytest.mark.parametrize("items", [1_000, 100_000])
def test_the_best_of_many_items_are_the_peers_and_found_sooner(items: int, tmp_path: Path) -> None:
    rng, held = np.random.default_rng(0), tmp_path / "factors.npz"
    users, catalogue = (rng.normal(size=(n, FACTORS)).astype("float32") for n in (USERS, items))
    np.savez(held, users=users, items=catalogue, k=SHOWN)
    took, found = [], []
    with threadpool_limits(1):
        for user in users:
            began = time.perf_counter()
            found.append(best_first(catalogue @ user, SHOWN).tolist())
            took.append(time.perf_counter() - began)
    python = environment("top-k", "implicit==0.7.2", "RecTools==0.19.0", ours=False) / "python"
    done = subprocess.run(
        [str(python), "-W", "ignore", str(PEER), str(held)],
        check=True,
        capture_output=True,
        text=True,
    )
    theirs = json.loads(done.stdout)
    print(f"\n{SHOWN} of {items:,} items: {1e6 * median(took):.0f} µs", end="")
    for name, (seconds, chosen) in theirs.items():
        print(f", {name} {1e6 * seconds:.0f} µs", end="")
        # Sums in another order may turn two neighbours round.
        same = np.mean([set(one) == set(other) for one, other in zip(found, chosen, strict=True)])
        assert same > 0.99
    print()
    assert median(took) <= min(seconds for seconds, _ in theirs.values())
