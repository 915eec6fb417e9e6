"""How many slates of 20 out of 1,000 items are answered a second: `make bench-recommend`.

Each is durable in SQLite before it is answered. Asked of it: 1,000 a second on two cores, which the
load generator shares; and half of them within 10 ms, of 32 clients who wait a while before they ask
again. (Where none waits, 32 of 1,000 a second take 32 ms, whatever is served.)
"""

from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd
import pytest

from shared.model.bundle import Bundle
from shared.settings_reading import parse_settings, typed_settings
from tests.benchmarks.serving_peers import millrace
from tests.benchmarks.wrk import SECONDS, loaded
from tests.conftest import bundle_of
from tests.tasks.impressions import SHELF

ITEMS, SHOWN, SLATES, SLATE, ROUNDS = 1_000, 20, 8_000, 5, 3
MODEL = (
    ("k = 3", f"k = {SHOWN}"),
    ("max_iter = 20", "max_iter = 100, max_leaf_nodes = 31"),
    ('"user", "age", "item", "price"', '"user", "age", "city", "item", "price", "brand", "size"'),
)


def catalogue() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "item": [f"i{at:03d}" for at in range(ITEMS)],
            "price": rng.uniform(1, 9, ITEMS).round(2),
            "brand": [f"b{at}" for at in rng.integers(0, 30, ITEMS)],
            "size": rng.normal(50, 10, ITEMS).round(1),
        }
    )


def impressions(items: pd.DataFrame) -> pd.DataFrame:
    """Return slates of items that were chosen evenly, and what was clicked."""
    rng, rows = np.random.default_rng(0), SLATES * SLATE
    shown = np.concatenate([rng.choice(ITEMS, SLATE, replace=False) for _ in range(SLATES)])
    user = np.repeat(rng.integers(0, 400, SLATES), SLATE)
    seconds = np.repeat(np.sort(rng.integers(0, 60 * 86_400, SLATES)), SLATE)
    place = np.tile(np.arange(1, SLATE + 1), SLATES)
    made = pd.DataFrame(
        {
            "impression": [f"s{at // SLATE}:{at % SLATE + 1}" for at in range(rows)],
            "shown": pd.Timestamp("2024-03-01", tz="UTC") + pd.to_timedelta(seconds, unit="s"),
            "user": [f"u{at}" for at in user],
            "age": 20 + user % 50,
            "city": [f"c{at % 12}" for at in user],
            "visit": np.repeat([f"s{at}" for at in range(SLATES)], SLATE),
            "place": place,
            "propensity": 1 / (ITEMS - place + 1),
        }
    ).join(items.iloc[shown].reset_index(drop=True))
    odds = 1 - 0.4 * made["price"] + 0.03 * (made["age"] - 40) * (made["size"] > 50)
    return made.assign(clicked=rng.random(rows) < 1 / (1 + np.exp(-odds)))


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder, items = tmp_path_factory.mktemp("shelf"), catalogue()
    items.to_parquet(folder / "items.parquet", index=False)
    text = SHELF.format(items=folder / "items.parquet")
    for old, new in MODEL:
        assert old in text
        text = text.replace(old, new)
    settings = typed_settings(parse_settings(text))
    return bundle_of(impressions(items), settings, "boosting", folder / "bundle")


@pytest.mark.parametrize(
    ("clients", "pause_ms", "least", "most_ms"),
    [(1, 0, 0, 10), (32, 0, 1_000, 64), (32, 20, 1_000, 10)],
    ids=["one", "as many as can be", "at ease"],
)
def test_slates_a_second(
    bundle: Bundle,
    clients: int,
    pause_ms: int,
    least: float,
    most_ms: float,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked, found, spent = {"user": "u7", "age": 27, "city": "c3"}, [], 0.0
    with millrace(bundle, asked, tmp_path, "/recommend") as server:
        for _ in range(ROUNDS):
            before = server.cpu_seconds
            found.append(loaded(server, clients, tmp_path, pause_ms=pause_ms))
            spent = 1000 * (server.cpu_seconds - before) / (found[-1].rate * SECONDS)
    rate, half = median(one.rate for one in found), median(one.p50 for one in found)
    with capsys.disabled():
        print(f"\n{clients} clients that wait {pause_ms} ms: {rate:,.0f} slates/s, ", end="")
        print(f"p50 {half:.1f} ms, {spent:.2f} ms of a core each in the last round")
    assert rate >= least
    assert half <= most_ms
