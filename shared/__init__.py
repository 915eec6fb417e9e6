"""Millrace: what the flows, the notebooks and the `millrace` command are made of."""

import os
from pathlib import Path

__version__ = "0.1.0"

# Metaflow puts a whole package that says so into every flow's code package.
METAFLOW_PACKAGE_POLICY = "include"

# Where a checkout has its flows; where a wheel is installed they are a project's, in its folder.
FLOWS = Path(__file__).parent.parent / "flows"
if not FLOWS.is_dir() and Path("flows", "train.py").is_file():
    FLOWS = Path.cwd() / "flows"

# Names the project branch whose runs count outside flows (see `shared.lineage.run_history`).
BRANCH = "MILLRACE_BRANCH"

# Metaflow refuses to run for nobody and for root, which is who a container runs as. Runs are then
# marked with this name; a decision still asks for a person's (see `shared.reviewer`).
ANONYMOUS = "millrace"

if not any(
    os.environ.get(name, "root") != "root"
    for name in ("METAFLOW_USER", "SUDO_USER", "USERNAME", "USER")
):
    os.environ["USERNAME"] = ANONYMOUS

# OpenMP's threads wait for each other by spinning, 300,000 times if nobody says otherwise: where
# other processes want the cores, ten times the work's own time. So few cost a lone process nothing
# to speak of, where sleeping at once (OMP_WAIT_POLICY=PASSIVE) takes it half as long again.
SPINS = "300"
if not {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT"} & os.environ.keys():
    os.environ["GOMP_SPINCOUNT"] = SPINS
