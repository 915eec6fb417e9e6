"""obp's own estimators over a log that is laid beside it: their values and times, as JSON."""

import json
import sys
import time
from pathlib import Path

import numpy as np
from obp.ope import (
    DoublyRobust,
    InverseProbabilityWeighting,
    SelfNormalizedInverseProbabilityWeighting,
)

# Of the 10,000 that it takes unless it is said otherwise.
RESAMPLES = 100

held = np.load(Path(sys.argv[1]))
shape = (len(held["outcome"]), len(held["target_of"]), 1)
rewards = np.broadcast_to(held["predicted_of"][None, :, None], shape)
given = {
    "reward": held["outcome"],
    "action": held["item"],
    "pscore": held["propensity"],
    "position": np.zeros(shape[0], int),
    "action_dist": np.ascontiguousarray(np.broadcast_to(held["target_of"][None, :, None], shape)),
}
more = {"estimated_rewards_by_reg_model": np.ascontiguousarray(rewards)}
named = {
    "IPS": (InverseProbabilityWeighting(), given),
    "SNIPS": (SelfNormalizedInverseProbabilityWeighting(), given),
    "doubly robust": (DoublyRobust(), given | more),
}
found, seconds, with_interval = {}, {}, {}
for name, (estimator, values) in named.items():
    for _ in range(3):
        started = time.perf_counter()
        found[name] = float(estimator.estimate_policy_value(**values))
        seconds[name] = min(seconds.get(name, np.inf), time.perf_counter() - started)
    started = time.perf_counter()
    estimator.estimate_interval(**values, n_bootstrap_samples=RESAMPLES)
    with_interval[name] = time.perf_counter() - started
print(json.dumps({"values": found, "seconds": seconds, "with_interval": with_interval}))
