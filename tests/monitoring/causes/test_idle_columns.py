"""Idle columns: where one column comes of other rows it is named, and wrong outcomes name none."""

import numpy as np
import pandas as pd
import pytest

from shared.model.bundle import Bundle
from shared.monitoring import findings, judge
from shared.monitoring.causes import idle_columns
from shared.settings import Settings
from shared.settings_reading import parse_settings, typed_settings
from tests.conftest import bundle_of
from tests.monitoring.traffic import read_case

TIPS = """
name = "tips"
kind = "regression"
source = "tips.parquet"
key = "ride"
time = "at"
target = "tip"
features = ["way", "payment", "rain"]

[[candidates]]
name = "boosting"
estimator = "sklearn.ensemble.HistGradientBoostingRegressor"
preprocessing = "tree"
params = { max_iter = 60 }

[package]
golden_rows = 10
"""


def tips(rows: int, seed: int, first: str = "2024-01-01", days: float = 120) -> pd.DataFrame:
    """Return rides whose features tell nothing of each other, and two of them of the tip."""
    rng = np.random.default_rng(seed)
    way, payment = rng.gamma(3, 2, rows), rng.choice(["card", "cash", "app"], rows)
    moments = pd.Timestamp(first, tz="UTC") + pd.to_timedelta(np.arange(rows) * days / rows, "D")
    tip = way + 3.0 * (payment == "app") - 3.0 * (payment == "cash") + rng.normal(0, 2, rows)
    return pd.DataFrame(
        {
            "ride": [f"R{seed}-{n}" for n in range(rows)],
            "at": moments,
            "way": way,
            "payment": payment,
            "rain": rng.normal(0, 1, rows),
            "tip": tip,
        }
    )


def later(rows: int = 1_200) -> pd.DataFrame:
    return tips(rows, 1, "2024-05-06", 7)


@pytest.fixture(scope="module")
def settings() -> Settings:
    return typed_settings(parse_settings(TIPS))


@pytest.fixture(scope="module")
def bundle(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("tips") / "bundle"
    return bundle_of(tips(6_000, 0), settings, "boosting", folder)


def mixed(name: str, share: float = 1.0) -> pd.DataFrame:
    """Return rides of which some have another one's value of a column."""
    rows, rng = later(), np.random.default_rng(2)
    at = np.flatnonzero(rng.random(len(rows)) < share)
    values = rows[name].to_numpy(copy=True)
    values[at] = values[rng.permutation(at)]
    return rows.assign(**{name: values})


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_a_column_of_other_rows_is_named_before_the_loss_that_it_is(
    bundle: Bundle, settings: Settings, share: float
) -> None:
    case = read_case(mixed("payment", share), bundle, settings)
    verdict = judge.judge(case, findings.find(case))
    first = verdict.reasons[0]
    assert (first.level, first.stage, first.column) == ("act", "inputs", "payment")
    assert first.what == "payment no longer tells of the outcomes, while the other columns do"
    assert first.likely_cause is not None
    assert first.likely_cause.startswith("its values may be of other rows: that is ")
    assert first.next_step == (
        "Check what feeds payment first: it may be all of the loss, and training would learn from "
        "it. If it is right, train again on the rows up to now."
    )
    (lost,) = {r.next_step for r in verdict.reasons if r.stage == "quality"}
    assert lost == first.next_step
    assert not verdict.believable


def test_where_outcomes_are_wrong_or_all_is_well_no_column_is_named(
    bundle: Bundle, settings: Settings
) -> None:
    # A payment that makes no difference any more.
    alike = later().assign(tip=lambda rows: rows["tip"] - 3.0 * (rows["payment"] == "app"))
    for rows in (later(), mixed("tip"), mixed("tip", 0.5), mixed("rain"), alike):
        case = read_case(rows, bundle, settings)
        assert idle_columns.find(case, findings.find(case)) is None
