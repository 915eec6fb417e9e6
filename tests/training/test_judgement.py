"""The winner judged: beside the baseline and the champion, with the rows that a bundle keeps."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from shared.model.bundle import Bundle
from shared.schema.inference import infer_contract
from shared.settings import Settings
from shared.tasks.binary.binary_task import Binary
from shared.tasks.choice import task_of
from shared.training import judgement, splits
from shared.training.fitting import candidates
from shared.training.judgement import Judgement
from tests.kinds import MULTICLASS


@pytest.fixture(scope="module")
def judge(settings: Settings, table: pd.DataFrame):
    """Return a function that judges the boosting candidate beside a champion."""
    contract, parts = infer_contract(table, settings), splits.by_time(table, Binary(), settings)
    chosen = candidates.fit_and_score("boosting", parts, contract, settings)
    model = candidates.refit("boosting", parts, contract, settings)

    def judge(champion: Bundle | None, **searched: Any) -> Judgement:
        about = chosen | searched, parts, table, contract, champion, settings
        return judgement.judge(model, *about)

    return judge


def test_a_first_model_is_compared_with_the_baseline_alone(judge, bundle: Bundle) -> None:
    judged = judge(None)
    assert set(judged.evaluation.comparisons) == {"baseline"}
    assert (judged.evaluation.candidate, judged.evaluation.champion) == ("boosting", None)
    assert judged.evaluation == bundle.evaluation
    assert [span.hours for span in judged.evaluation.varies] == [72, 168, 336]


def test_a_table_is_cut_into_the_same_parts_with_no_more_of_train_than_is_judged_by(
    settings: Settings, table: pd.DataFrame
) -> None:
    contract = infer_contract(table, settings)
    parts = splits.by_time(table, Binary(), settings)
    places = splits.places(table, Binary(), settings)
    found = judgement.parts_to_judge(table, places, contract, settings)
    assert found["holdout"].equals(parts["holdout"])
    assert found["validation"].equals(parts["validation"])
    assert found["train"].equals(parts["train"][["region", "defaulted"]])


def test_the_champion_is_scored_on_the_same_rows_and_its_equal_passes(
    judge, bundle: Bundle
) -> None:
    found = judge(bundle).evaluation
    assert found.champion == bundle.digest
    assert found.comparisons["champion"].scores == found.scores
    assert {score.value for score in found.comparisons["champion"].difference.values()} == {0}
    assert [gate.gate for gate in found.gates if gate.passed] == [
        "gain in log loss over the baseline (lower end of the 95% interval) above",
        "gain in log loss over the champion (upper end of the 95% interval) at least",
    ]


def test_a_champion_that_cannot_read_the_rows_is_named_with_the_reason(
    judge, bundle: Bundle
) -> None:
    class Other:
        digest = "f" * 64

        def scores(self, rows: pd.DataFrame) -> np.ndarray:
            return bundle.scores(rows.drop(columns="age"))

    found = judge(Other(), search="trees", params={"max_iter": 30}).evaluation
    assert set(found.comparisons) == {"baseline"}
    first, note = found.notes
    assert first == "boosting is trees with max_iter = 30: a trial of its search."
    assert note.startswith("The champion ffffffffffff could not be scored: ")
    assert "age" in note


def test_the_rows_that_are_kept_have_the_model_s_answers_in_the_order_of_time(
    judge, settings: Settings
) -> None:
    judged = judge(None)
    assert len(judged.golden) == settings.package.golden_rows == 50
    assert judged.reference["applied"].is_monotonic_increasing
    cut = judged.evaluation.rule.threshold
    for rows in (judged.reference, judged.golden):
        assert rows["prediction"].tolist() == (rows["probability"] >= cut).tolist()


def test_a_sample_is_said(settings: Settings, table: pd.DataFrame) -> None:
    contract, parts = infer_contract(table, settings), splits.by_time(table, Binary(), settings)
    chosen = candidates.fit_and_score("logistic", parts, contract, settings)
    model = candidates.refit("logistic", parts, contract, settings)
    about = model, chosen, parts, table, contract, None, settings
    facts = {"sample": "3,000 of 9,000 rows, evenly over time", "share sampled": 1 / 3}
    whole, sampled = judgement.judge(*about), judgement.judge(*about, facts)
    assert sampled.evaluation.notes == (
        "Learnt from and judged on a sample: 3,000 of 9,000 rows, evenly over time.",
        *whole.evaluation.notes,
    )


def test_rows_of_classes_that_nothing_could_learn_are_left_out_of_all_scores_and_said() -> None:
    settings, table = MULTICLASS.settings(), MULTICLASS.claims(500, 0)
    strange = table["applied"].rank(method="first") > len(table) - 3
    burnt = table.assign(fate=table["fate"].where(~strange, "burnt"))
    contract = infer_contract(burnt, settings)
    parts = splits.by_time(burnt, task_of(contract), settings)
    chosen = candidates.fit_and_score("boosting", parts, contract, settings)
    model = candidates.refit("boosting", parts, contract, settings)
    known = parts["holdout"]["loan"].isin(table["loan"][~strange])
    without = parts | {"holdout": parts["holdout"][known].reset_index(drop=True)}
    about = table[~strange], contract, None, settings
    found, same = (
        judgement.judge(model, chosen, each, *about).evaluation for each in (parts, without)
    )
    words = (
        "3 rows of the holdout are left out of all scores, of classes without a row to learn "
        "from: 'burnt' (3)."
    )
    assert (found.notes, same.notes) == ((words,), ())
    assert repr(found.model_copy(update={"notes": ()})) == repr(same)
    assert found.rows == sum(each.rows for each in found.slices)
