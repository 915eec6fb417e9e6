#!/usr/bin/env bash
# obp 0.4.1: is the interval of its self-normalised estimate (SNIPS) that of a ratio of two sums?
# Expected: where every reward is 1, each resample's SNIPS is 1, and so are both ends of the interval. Seen: the
# weights' mean is fixed before rewards are resampled, so that the interval is that of IPS, stretched: it reaches
# above the largest reward that there is, and is as wide as if self-normalising had taken no variance away.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check obp==0.4.1 torch==2.13.0
venv/bin/python -W ignore - <<'PYTHON'
import numpy
from obp.ope import SelfNormalizedInverseProbabilityWeighting

rows, random = 1_000, numpy.random.default_rng(0)
item = (random.random(rows) < 0.9).astype(int)
found = SelfNormalizedInverseProbabilityWeighting().estimate_interval(
    reward=numpy.ones(rows),
    action=item,
    pscore=numpy.where(item, 0.9, 0.1),
    action_dist=numpy.full((rows, 2, 1), 0.5),
    position=numpy.zeros(rows, int),
    n_bootstrap_samples=1_000,
    random_state=0,
)
low, high = found["95.0% CI (lower)"], found["95.0% CI (upper)"]
print(f"obp's SNIPS of rewards that are all 1: 95 % interval {low:.3f} to {high:.3f}")
raise SystemExit(not low < 0.95 < 1.05 < high)
PYTHON
