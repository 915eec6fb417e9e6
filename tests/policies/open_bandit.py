"""The Open Bandit sample: what two policies of a fashion shop showed in a week of 2019.

Of the wheel `obp` 0.4.1 (Apache-2.0; Saito, Aihara, Matsutani, Narita, Open Bandit Dataset and
Pipeline, 2021), read as a data package: it is never imported.
"""

from importlib.metadata import files
from pathlib import Path

import numpy as np
import pandas as pd

from shared.policies.policy_log import PolicyLog


def sample(policy: str, part: str) -> pd.DataFrame:
    """Return 10,000 impressions of a policy (`bts` or `random`) and a part of the shop."""
    for file in files("obp") or ():
        if str(file).endswith(f"obd/{policy}/{part}/{part}.csv"):
            return pd.read_csv(Path(str(file.locate())), index_col=0)
    raise FileNotFoundError(f"obp has no {part} of {policy}")


def uniform_log(impressions: pd.DataFrame, items: int) -> PolicyLog:
    """Return a log of single impressions, for a policy that shows each item as often."""
    rows = np.arange(len(impressions))
    return PolicyLog(
        outcome=impressions["click"].to_numpy("float64"),
        propensity=impressions["propensity_score"].to_numpy(),
        target=np.full(len(rows), 1 / items),
        slate=rows,
        position=impressions["position"].to_numpy(),
        cluster=rows,
    )
