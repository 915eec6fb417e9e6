"""A fashion shop's items and users, which are real, and what users click, which is simulated.

Items, users' features and their names are of the Open Bandit sample (Saito, Aihara, Matsutani,
Narita, Open Bandit Dataset and Pipeline, 2021), of the wheel `obp` 0.4.1 (Apache-2.0), which is
read as a data package and never imported. Of its own clicks there are 38 in 10,000 impressions, too
few to learn from: `simulation` makes others, of which nobody made any.
"""

from dataclasses import replace
from functools import cache
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

import numpy as np
import pandas as pd
from problems.shop.simulation import Rules, Shop, click_chances, open_shop, serve

from shared.errors import Refusal
from shared.policies.impressions import Impressions

SEED, USERS, SLATES = 2019, 1_000, 6_000
# Of the items, so many were promoted: each shown as if it were so many times as good as the others,
# whatever it is worth.
PROMOTED, TIMES = 8, 8
FIRST, WEEK = pd.Timestamp("2019-11-04", tz="UTC"), pd.Timedelta(days=7)
HISTORY_WEEKS = 3
# Features come as digests: these are numbered in their order.
USER_FEATURES = {"user_feature_0": "user_a", "user_feature_1": "user_b"}
ITEM_FEATURES = {"item_feature_1": "item_a", "item_feature_3": "item_b"}


def table() -> pd.DataFrame:
    """Return three weeks of impressions, in which some items were promoted: 18,000 rows by time.

    `impression_id` is the key, `shown` the time in UTC, `clicked` the target, simulated.
    `propensity` is the chance that the item had there, given those above it.
    """
    random = np.random.default_rng(SEED)
    odds = 0.01 * np.ones_like(shop().chances)
    odds[:, random.permutation(odds.shape[1])[:PROMOTED]] *= TIMES
    # Softmax of temperature 1 shows items in proportion to their odds.
    window = serve(shop(), odds / (1 + odds), Rules(temperature=1), random, SLATES)
    span = HISTORY_WEEKS * WEEK.total_seconds()
    seconds = np.sort(random.integers(0, int(span), SLATES))
    return impressions(window.rows, FIRST + pd.to_timedelta(seconds, unit="s"))


def items() -> pd.DataFrame:
    """Return the shop's 80 items with their features."""
    found = _read("item_context.csv").sort_values("item_id", ignore_index=True)
    named = {new: _numbered(found[old], new[-1]) for old, new in ITEM_FEATURES.items()}
    size = found["item_feature_0"].round(3)
    return pd.DataFrame({"item_id": item_names(found["item_id"]), "item_size": size, **named})


@cache
def users() -> pd.DataFrame:
    """Return the shop's users: each has the features of somebody in the sample."""
    sample = _read("all.csv").sample(USERS, random_state=SEED)
    named = {new: _numbered(sample[old], new[-1]) for old, new in USER_FEATURES.items()}
    names = [f"u{number:03d}" for number in range(USERS)]
    return pd.DataFrame({"user_id": names, **named}).reset_index(drop=True)


@cache
def shop() -> Shop:
    """Return the shop with effects made by chance, for these users and as many items."""
    segments = users()["user_b"].astype("category").cat.codes.to_numpy("int64")
    random = np.random.default_rng(SEED)
    made = open_shop(random, items=80, segments=int(segments.max()) + 1, users=USERS)
    return replace(made, users=segments)


def impressions(rows: Impressions, slates_shown: pd.DatetimeIndex) -> pd.DataFrame:
    """Return simulated rows as a table, whose slates were shown at these times in turn."""
    slate = np.arange(len(rows.item)) // len(shop().positions)
    names = [f"past-{number}" for number in range(len(slates_shown))]
    found = pd.DataFrame(
        {
            "impression_id": [f"past-{at}:{p}" for at, p in zip(slate, rows.position, strict=True)],
            "shown": slates_shown[slate],
            "slate_id": np.array(names)[slate],
            "position": rows.position,
            "propensity": rows.propensity,
            "clicked": rows.clicked == 1,
        }
    )
    who = users().iloc[rows.user].reset_index(drop=True)
    what = items().iloc[rows.item].reset_index(drop=True)
    return pd.concat([found, who, what], axis=1)


def clicks(
    user: np.ndarray, item: np.ndarray, position: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    """Return which impressions are clicked, given the numbers of user and item; bool, (rows,)."""
    chance = click_chances(shop(), user, item, position)
    return np.asarray(random.random(len(chance)) < chance)


def item_names(numbers: pd.Series) -> pd.Series:
    """Return the names of items by their numbers."""
    return numbers.map("i{:02d}".format)


def _numbered(digests: pd.Series, letter: str) -> pd.Series:
    return pd.Series(pd.factorize(digests, sort=True)[0], digests.index).map(f"{letter}{{}}".format)


@cache
def _read(name: str) -> pd.DataFrame:
    """Read a file of the random policy's sample of the whole shop."""
    try:
        for file in files("obp") or ():
            if str(file).endswith(f"obd/random/all/{name}"):
                return pd.read_csv(Path(str(file.locate())), index_col=0)
    except PackageNotFoundError:
        pass
    raise Refusal(f"the shop needs {name} of obp: pip install --no-deps obp==0.4.1")
