"""What a task fits: a candidate or trials, each with a result, new or of an earlier run."""

import math
from typing import Any

import pandas as pd
import pytest

from shared.lineage import run_artifacts
from shared.schema.inference import infer_contract
from shared.sections.training import Range, Search
from shared.settings import Settings
from shared.tasks.binary.binary_task import Binary
from shared.tasks.metrics import Score
from shared.training import splits
from shared.training.fitting import candidates, earlier_fits, fits, trials
from shared.training.fitting.candidates import Result
from shared.training.fitting.earlier_fits import EarlierFits
from shared.training.fitting.fits import Learnable, fit_task

STRENGTHS = {"C": Range(low=0.001, high=10.0, log=True)}
# What results have in common, whenever they are made.
NONE = EarlierFits()
SAME = ("candidate", "params", "rows", "error", "scores", "rule", "made_of")


@pytest.fixture(scope="module")
def parts(settings: Settings, table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    found = splits.by_time(table, Binary(), settings)
    # The earliest rows of each part: enough of them for fits of milliseconds.
    return {name: rows.head(300) for name, rows in found.items()}


@pytest.fixture
def fitted(
    settings: Settings,
    table: pd.DataFrame,
    parts: dict[str, pd.DataFrame],
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    """Return what the tasks of a search of the logistic candidate result in, by trial."""
    # To look through all installed packages takes a second.
    monkeypatch.setattr(earlier_fits, "code_digest", lambda *_: "the same code")
    contract = infer_contract(table, settings)

    def fit(earlier: EarlierFits = NONE, changed: Any = None, **search: Any) -> Any:
        searched = Search(**{"parameters": STRENGTHS, **search})
        update = {"search": {"logistic": searched}, **(changed or {})}
        made = settings.model_copy(update=update)
        given = Learnable(parts, "rows", contract, made, earlier)
        tasks = [names for names in trials.fit_tasks(made) if names[0].startswith("logistic-")]
        return {one["candidate"]: one for names in tasks for one in fit_task(names, given)}

    return fit


def same(results: dict[str, Result]) -> list[dict[str, Any]]:
    return [{key: one[key] for key in SAME} for one in results.values()]


def test_each_trial_is_scored_as_a_candidate_and_says_how_it_did(
    fitted: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    results = fitted(trials=3, tasks=2)
    assert sorted(results) == ["logistic-1", "logistic-2", "logistic-3"]
    assert all(one["scores"]["log_loss"].value < 1 for one in results.values())
    assert {one["search"] for one in results.values()} == {"logistic"}
    first, said = results["logistic-1"], capsys.readouterr().out.splitlines()
    assert said[0].startswith(f"logistic-1: log loss {first['scores']['log_loss'].value:.4f} in ")
    assert said[0].endswith(f" s; C = {first['params']['C']}")


def test_a_trial_that_fails_is_named_and_the_others_go_on(fitted: Any) -> None:
    results = fitted(method="grid", parameters={"C": (0.1, -1.0, 1.0)}, tasks=1)
    errors = [one["error"] for one in results.values()]
    assert errors[0] is None
    assert "The 'C' parameter of LogisticRegression must be" in errors[1]
    assert errors[2] is None
    assert results["logistic-2"]["params"] == {"C": -1.0}


@pytest.mark.parametrize(("metric", "sign"), [("roc_auc", 1), ("log_loss", -1)])
def test_the_better_a_trial_is_by_the_metric_the_higher_its_value(
    settings: Settings, metric: str, sign: int
) -> None:
    by = settings.model_copy(update={"select_by": metric})
    assert fits._value({"scores": {metric: Score(0.3, 0.2, 0.4)}}, by) == sign * 0.3
    assert math.isnan(fits._value({"scores": None}, by))


def test_halving_fits_all_on_few_rows_and_the_best_on_all(fitted: Any) -> None:
    results = fitted(method="halving", trials=9)
    assert len(results) == 9
    whole = [one for one in results.values() if not one["rows"]]
    assert sorted(one["rows"] for one in results.values() if one["rows"]) == [33] * 6 + [100] * 2
    assert len(whole) == 1
    assert len(whole[0]["before"]) == 2


@pytest.mark.parametrize("method", ["random", "halving", "optuna"])
def test_what_an_earlier_run_has_fitted_of_a_search_is_not_fitted_again(
    fitted: Any, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if method == "optuna":
        pytest.importorskip("optuna")
    first = fitted(method=method, trials=3, tasks=1)
    assert same(fitted(method=method, trials=3, tasks=1)) == same(first)
    kept = [[*first.values()]]
    monkeypatch.setattr(run_artifacts, "finished_results", lambda *_: kept)
    names: list[str] = []

    def fit_and_give(name: str, *_: Any) -> Any:
        names.append(name)
        raise RuntimeError("fitted again")

    monkeypatch.setattr(candidates, "_fit_and_give", fit_and_give)
    again = fitted(EarlierFits("TrainFlow/1"), method=method, trials=3, tasks=1)
    assert same(again) == same(first)
    words = "fitted by TrainFlow/1, of the same rows and settings"
    assert {one["taken"] for one in again.values()} == {words}
    other = {"threshold": 0.25}
    decided = fitted(EarlierFits("TrainFlow/1"), other, method=method, trials=3, tasks=1)
    assert {one["rule"].threshold for one in decided.values()} == {0.25}
    assert names == []
    fitted(EarlierFits("TrainFlow/1"), {"seed": 8}, method=method, trials=1)
    assert names == ["logistic-1"]
