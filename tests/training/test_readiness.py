"""What is known of candidates and of own checks before a training."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from shared import problems
from shared.errors import Refusal
from shared.kinds import Kind
from shared.schema.inference import infer_contract
from shared.sections.training import Candidate, Range, Search, Train
from shared.settings import Settings
from shared.training import readiness
from shared.training.fitting import estimators, proposals


def with_candidates(settings: Settings, *candidates: Candidate) -> Settings:
    return settings.model_copy(update={"candidates": candidates})


def test_each_candidate_is_built_and_a_failure_is_a_line(settings: Settings) -> None:
    checks = {check.name: check for check in readiness.check_candidates(settings)}
    assert checks["logistic"].problem is None
    assert checks["boosting"].problem is None
    assert checks["broken"].problem == (
        "candidate 'broken': estimator 'sklearn.linear_model.NoSuchModel' cannot be imported: "
        "module 'sklearn.linear_model' has no attribute 'NoSuchModel'"
    )


def test_candidates_are_fitted_on_the_rows_that_are_given(
    settings: Settings, table: pd.DataFrame
) -> None:
    contract = infer_contract(table, settings)
    rows = table[table[settings.target].notna()].head(300).astype({settings.target: "int64"})
    checks = readiness.check_candidates(settings, rows, contract)
    assert [check.model is not None for check in checks] == [True, True, False]


def test_a_classifier_without_chances_is_told_before_it_takes_part(
    settings: Settings, table: pd.DataFrame
) -> None:
    contract = infer_contract(table, settings)
    rows = table[table[settings.target].notna()].head(300).astype({settings.target: "int64"})
    hinge = Candidate(
        name="hinge", estimator="sklearn.linear_model.SGDClassifier", preprocessing="linear"
    )
    (check,) = readiness.check_candidates(with_candidates(settings, hinge), rows, contract)
    assert check.problem
    assert check.problem.startswith("candidate 'hinge': ")
    assert "predict_proba" in check.problem
    assert 'params = { loss = "log_loss" }' in check.problem


def test_an_estimator_that_cannot_learn_from_all_rows_as_it_is_asked_to_is_told(
    settings: Settings,
) -> None:
    asked = Candidate(
        name="trees",
        estimator="sklearn.ensemble.HistGradientBoostingClassifier",
        preprocessing="tree",
        learns_from="all",
    )
    in_batches = Candidate(
        name="sgd", estimator="sklearn.linear_model.SGDClassifier", learns_from="all"
    )
    sampled = with_candidates(settings, asked, in_batches)
    sampled = sampled.model_copy(update={"train": Train(rows=100)})
    assert readiness.refuse_unready(sampled) == [
        "candidate 'trees': learns_from = \"all\", and HistGradientBoostingClassifier holds all "
        "its rows in memory as it is set here: leave that out, and it learns from the sample"
    ]
    # Of a table that is read whole, each learns from all.
    assert readiness.refuse_unready(with_candidates(settings, asked, in_batches)) == []


def test_a_typo_in_a_parameter_is_told_with_the_nearest(settings: Settings) -> None:
    typo = Candidate(
        name="typo",
        estimator="sklearn.ensemble.HistGradientBoostingClassifier",
        params={"max_itr": 30},
    )
    with pytest.raises(Refusal) as refused:
        readiness.refuse_unready(with_candidates(settings, typo))
    assert str(refused.value) == (
        "no candidate can be built: candidate 'typo': HistGradientBoostingClassifier has no "
        "parameter 'max_itr'; did you mean 'max_iter'?"
    )


@pytest.mark.parametrize(
    ("kind", "estimator", "words"),
    [
        (
            "regression",
            "sklearn.linear_model.LogisticRegression",
            'LogisticRegression is a classifier, and kind = "regression" needs a regressor',
        ),
        (
            "multiclass",
            "sklearn.linear_model.Ridge",
            'Ridge is a regressor, and kind = "multiclass" needs a classifier',
        ),
    ],
)
def test_an_estimator_for_another_kind_of_answer_is_refused(
    kind: Kind, estimator: str, words: str
) -> None:
    # A classifier would take the whole numbers of a target for classes, and be fitted.
    with pytest.raises(Refusal, match=f"candidate 'one': {words}"):
        estimators.build_estimator(Candidate(name="one", estimator=estimator), 7, kind)


def test_those_that_cannot_take_part_are_named_and_the_others_go_on(settings: Settings) -> None:
    (problem,) = readiness.refuse_unready(settings)
    assert "NoSuchModel" in problem


def test_keys_of_a_table_in_the_settings_are_whole_numbers_again(settings: Settings) -> None:
    weighted = Candidate(
        name="weighted",
        estimator="sklearn.linear_model.LogisticRegression",
        params={"class_weight": {"0": 1, "1": 5}},
    )

    assert estimators.build_estimator(weighted, 7, "binary").class_weight == {0: 1, 1: 5}


def with_search(settings: Settings, **search: Any) -> Settings:
    searched = Search(**{"parameters": {"max_leaf_nodes": (7, 15)}, **search})
    return settings.model_copy(update={"search": {"boosting": searched}})


def test_a_search_for_a_parameter_that_there_is_not_is_refused_whatever_else_can_be_fitted(
    settings: Settings,
) -> None:
    typo = with_search(settings, parameters={"max_leaf_node": (7, 15), "max_iter": (9,)})
    with pytest.raises(Refusal) as refused:
        readiness.refuse_unready(typo)
    assert str(refused.value) == (
        "candidate 'boosting with max_leaf_node = 7': HistGradientBoostingClassifier has no "
        "parameter 'max_leaf_node'; did you mean 'max_leaf_nodes'?"
    )
    broken = typo.model_copy(update={"search": {"broken": typo.search["boosting"]}})
    with pytest.raises(Refusal, match=r"^candidate 'broken': estimator .* cannot be imported"):
        readiness.refuse_unready(broken)


def test_each_value_of_a_search_is_fitted_on_the_rows_that_are_given(
    settings: Settings, table: pd.DataFrame
) -> None:
    rows = table[table[settings.target].notna()].head(300).astype({settings.target: "int64"})
    held = {"max_leaf_nodes": (7, 1), "learning_rate": Range(low=-0.1, high=0.3)}
    odd = with_search(settings, parameters=held)
    (check,) = readiness.check_searches(odd, rows, infer_contract(table, settings))
    first, second = check.problems
    assert "candidate 'boosting with max_leaf_nodes = 1': InvalidParameterError: The" in first
    assert "candidate 'boosting with learning_rate = -0.1': InvalidParameterError" in second
    assert readiness.check_searches(odd)[0].problems == ()


def test_a_search_by_a_package_that_is_not_here_is_refused(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proposals, "is_installed", lambda: False)
    with pytest.raises(Refusal, match="optuna, which is not installed: pip install optuna"):
        readiness.refuse_unready(with_search(settings, method="optuna"))


def test_own_checks_that_cannot_be_run_are_refused_before_a_training(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "checks.py").write_text("def wide(predict):\n    pass\n")
    problems.make_importable("unready", tmp_path)
    with pytest.raises(Refusal, match="wide takes"):
        readiness.refuse_unready(settings.model_copy(update={"name": "unready"}))
