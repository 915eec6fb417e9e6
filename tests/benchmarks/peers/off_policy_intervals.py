"""How often obp's own intervals hold an even policy's worth, of logs that are laid beside it."""

import json
import sys
from pathlib import Path

import numpy as np
from obp.ope import InverseProbabilityWeighting, SelfNormalizedInverseProbabilityWeighting

RESAMPLES = 200

held = np.load(Path(sys.argv[1]))
items = int(held["items"])
estimators = {
    "IPS": InverseProbabilityWeighting(),
    "SNIPS": SelfNormalizedInverseProbabilityWeighting(),
}
shares = dict.fromkeys(estimators, 0.0)
for outcome, item, propensity, worth in zip(
    *(held[name] for name in ("outcome", "item", "propensity", "worth")), strict=True
):
    for name, estimator in estimators.items():
        found = estimator.estimate_interval(
            reward=outcome,
            action=item,
            pscore=propensity,
            action_dist=np.full((len(item), items, 1), 1 / items),
            position=np.zeros(len(item), int),
            n_bootstrap_samples=RESAMPLES,
            random_state=0,
        )
        inside = found["95.0% CI (lower)"] <= worth <= found["95.0% CI (upper)"]
        shares[name] += inside / len(held["worth"])
print(json.dumps(shares))
