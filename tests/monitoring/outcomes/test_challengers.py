"""A bundle beside its challengers: pairs add up, and differences are those of the rows."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss, roc_auc_score

from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.model.verdict import ChallengerComparison
from shared.monitoring.outcomes import challengers
from shared.monitoring.outcomes.challengers import Pairs
from shared.monitoring.windows import scope
from shared.monitoring.windows.reading import WindowReader
from shared.sections.answers import Action, Slates
from shared.settings import Settings
from shared.tasks import metrics
from shared.tasks.binary.acting import Acting
from shared.tasks.binary.binary_counts import BinaryCounts
from shared.tasks.binary.binary_metrics import measure
from shared.tasks.binary.binary_task import Binary
from shared.tasks.ranking.ranking_task import Ranking
from tests.monitoring.traffic import answer, week

DIGEST = "c" * 64
OWN, THEIRS = "own probability", "theirs probability"
COUNTER, CANDIDATES = BinaryCounts(), 5


def paired(rows: int, blur: float, seed: int = 0) -> pd.DataFrame:
    """Return rows of which the bundle knows the chances with so much noise, the challenger all."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(-1, 1.5, rows)
    chance = 1 / (1 + np.exp(-odds))
    own = 1 / (1 + np.exp(-odds - blur * rng.normal(size=rows)))
    outcome = (rng.random(rows) < chance).astype(float)
    return pd.DataFrame({"challenger": DIGEST, OWN: own, THEIRS: chance, "outcome": outcome})


def compared(pairs: dict[str, Pairs], settings: Settings) -> list[ChallengerComparison]:
    return challengers.compare(pairs, COUNTER, Binary(), settings)


def totals(pairs: dict[str, Pairs]) -> dict[Any, Any]:
    return {
        d: dict(zip(p.cells.tolist(), p.counts.tolist(), strict=True)) for d, p in pairs.items()
    }


@given(cut=st.integers(0, 60), again=st.integers(0, 60))
def test_pairs_of_parts_add_up_in_any_order(cut: int, again: int) -> None:
    frame = paired(60, 1.0)
    first, second = sorted((cut, again))
    parts = [
        challengers.count(frame.iloc[a:b], COUNTER)
        for a, b in ((0, first), (first, second), (second, 60))
    ]
    whole = totals(challengers.count(frame, COUNTER))
    assert totals(challengers.merged(challengers.merged(parts[0], parts[1]), parts[2])) == whole
    assert totals(challengers.merged(parts[2], challengers.merged(parts[1], parts[0]))) == whole


def test_scores_and_differences_are_those_of_the_rows(settings: Settings) -> None:
    frame = paired(5_000, 1.0)
    (found,) = compared(challengers.count(frame, COUNTER), settings)
    truth = frame["outcome"]
    assert (found.rows, found.received) == (5_000, 5_000)
    for name, peer in (("roc_auc", roc_auc_score), ("log_loss", log_loss)):
        own, theirs = peer(truth, frame[OWN]), peer(truth, frame[THEIRS])
        assert found.own[name].value == pytest.approx(own, abs=1e-3)
        assert found.theirs[name].value == pytest.approx(theirs, abs=1e-3)
        assert found.differences[name].value == pytest.approx(theirs - own, abs=1e-3)
        exact = metrics.difference(measure, truth, frame[THEIRS], frame[OWN])[name]
        assert found.differences[name].error == pytest.approx(exact.error, rel=0.35)
    assert (found.better, found.worse) == (("roc_auc", "log_loss"), ())


def test_a_challenger_that_is_as_good_is_neither_better_nor_worse(settings: Settings) -> None:
    frame = paired(5_000, 1.0)
    alike = frame.assign(**{THEIRS: frame[OWN]})
    (found,) = compared(challengers.count(alike, COUNTER), settings)
    assert (found.better, found.worse) == ((), ())
    turned = frame.rename(columns={OWN: THEIRS, THEIRS: OWN})
    (found,) = compared(challengers.count(turned, COUNTER), settings)
    assert (found.better, found.worse) == ((), ("roc_auc", "log_loss"))


@pytest.mark.parametrize("change", [{"outcome": np.nan}, {"outcome": 1.0}])
def test_rows_without_outcomes_of_both_classes_compare_nothing(
    change: dict[str, float], settings: Settings
) -> None:
    (found,) = compared(challengers.count(paired(500, 1.0).assign(**change), COUNTER), settings)
    assert (found.rows, found.differences, found.better) == (500, {}, ())


def test_the_log_pairs_what_both_scored_and_nothing_else(
    bundle: Bundle, settings: Settings, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILLRACE_LOG", f"sqlite:///{tmp_path / 'log.db'}")
    log = PredictionLog("loans", bundle.contract)
    asked = week(900)
    answer(log, asked, bundle)
    answer(log, week(40, seed=2), bundle, "f" * 64)
    shadowed = [
        {**row, "bundle": DIGEST, "role": "challenger", "probability": row["probability"] / 2}
        for frame in log.predictions.batches(
            datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)
        )
        for row in frame[frame["bundle"] == bundle.digest].head(600).to_dict("records")
    ]
    log.predictions.append(
        [{k: None if pd.isna(v) else v for k, v in row.items()} for row in shadowed]
    )
    log.outcomes.add(dict(asked[["loan", "defaulted"]].dropna().astype({"defaulted": bool}).values))
    planned = scope.plan_log(log, None, settings)
    log.close()
    found = WindowReader(planned, bundle, settings).read()
    assert (found.profile.size, found.others) == (900, 40)
    assert {digest: pairs.counts.sum() for digest, pairs in found.pairs.items()} == {DIGEST: 600}
    (beside,) = compared(found.pairs, settings)
    assert 500 < beside.received < 600
    assert beside.worse == ("log_loss",)


def chosen(rows: int, share: float, seed: int = 0) -> pd.DataFrame:
    """Return slates of one of five candidates: the one that seems best is shown.

    Both bundles know the true chance with as much noise of their own; with the chance `share` the
    first of the candidates is shown, whatever it is worth.
    """
    rng = np.random.default_rng(seed)
    odds = rng.normal(-1, 1.5, (rows, CANDIDATES))
    own, theirs = (1 / (1 + np.exp(-odds - rng.normal(size=odds.shape))) for _ in range(2))
    best = own.argmax(axis=1)
    at = np.where(rng.random(rows) < share, rng.integers(0, CANDIDATES, rows), best)
    there = np.arange(rows), at
    return pd.DataFrame(
        {
            "challenger": DIGEST,
            OWN: own[there],
            THEIRS: theirs[there],
            "outcome": (rng.random(rows) < 1 / (1 + np.exp(-odds[there]))).astype(float),
            "position": 1.0,
            "candidates": CANDIDATES,
            "propensity": share / CANDIDATES + (1 - share) * (at == best),
        }
    )


def test_rows_that_the_bundle_chose_flatter_the_challenger_unless_they_weigh_by_their_chance(
    settings: Settings,
) -> None:
    ranking = Ranking(slates=Slates(user="user", item="item", slate="slate"))
    frame = chosen(16_000, 0.3)
    (naive,) = compared(challengers.count(frame, COUNTER), settings)
    assert (naive.better, naive.weighed, naive.unweighed) == (("roc_auc", "log_loss"), None, None)
    pairs = challengers.count(frame, COUNTER, ranking.seen_by, clip=10)
    (weighed,) = challengers.compare(pairs, COUNTER, ranking, settings)
    assert (weighed.better, weighed.worse, weighed.received) == ((), (), 16_000)
    effective = 16_000 * 25 / (1 / 0.76 + 4 / 0.06)
    assert weighed.weighed == pytest.approx(effective, rel=0.03)
    rows = 0.2 / frame["propensity"].to_numpy()
    assert weighed.own["log_loss"].value == pytest.approx(
        log_loss(frame["outcome"], frame[OWN], sample_weight=rows), abs=1e-3
    )
    exact = metrics.difference(measure, frame["outcome"], frame[THEIRS], frame[OWN], counts=rows)
    error = exact["log_loss"].error
    assert weighed.differences["log_loss"].error == pytest.approx(error, rel=0.35)


def test_rows_that_nothing_was_explored_of_are_not_weighed_and_it_is_said_why(
    settings: Settings,
) -> None:
    ranking = Ranking(slates=Slates(user="user", item="item", slate="slate"))
    frame = chosen(5_000, 0.0)
    pairs = challengers.count(frame, COUNTER, ranking.seen_by, clip=10)
    (found,) = challengers.compare(pairs, COUNTER, ranking, settings)
    assert found.weighed is None
    assert found.unweighed == (
        "cannot tell: the log shows 20% of what an even choice would show (95 % interval 20% to "
        "20%), and 90% are needed"
    )
    assert found.differences


def test_weighed_pairs_of_parts_add_up(settings: Settings) -> None:
    ranking = Ranking(slates=Slates(user="user", item="item", slate="slate"))
    frame = chosen(3_000, 0.3)

    def of(rows: pd.DataFrame) -> Pairs:
        return challengers.count(rows, COUNTER, ranking.seen_by, clip=2)[DIGEST]

    whole, parts = of(frame), of(frame.iloc[:700]) + of(frame.iloc[700:])
    for name, values in vars(whole).items():
        assert np.asarray(getattr(parts, name)) == pytest.approx(np.asarray(values))
    assert whole.support is not None
    assert whole.support.largest == (2.0,)
    assert whole.support.kept < 0.9
    assert whole.support.mean_weight == pytest.approx(1, abs=0.05)


def test_a_row_let_through_stands_for_those_that_were_not() -> None:
    task = Acting(action=Action(on=True, let_through=0.1), key="id")
    frame = pd.DataFrame(
        {"action": [True, False, False, None], "propensity": [0.1, 0.1, 1.0, None]}, dtype=object
    )
    assert task.seen_by.weights(frame).tolist() == [0, 10, 1, 1]
