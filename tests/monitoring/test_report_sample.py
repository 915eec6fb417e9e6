"""The sample that reports are drawn of: bounded, with columns of plain types."""

import numpy as np
import pandas as pd

from shared.model.bundle import Bundle
from shared.monitoring import report_sample
from shared.settings import Settings
from tests.monitoring.traffic import read_case, week


def test_inputs_are_texts_and_finite_numbers_of_no_more_rows_than_the_settings_say(
    bundle: Bundle, settings: Settings
) -> None:
    few = settings.model_copy(
        update={"monitor": settings.monitor.model_copy(update={"sample_rows": 50})}
    )
    rows = week().assign(income=lambda f: f["income"].mask(f.index % 2 == 0, np.inf))
    sample = report_sample.inputs(read_case(rows, bundle, few))
    known = len(bundle.reference())
    assert sample.words == f"50 of 233 rows of the window and 50 of {known:,} rows of the reference"
    assert (
        list(sample.window) == list(sample.reference) == [*bundle.contract.features, "probability"]
    )
    assert sample.window["income"].dtype == "float64"
    assert not np.isinf(sample.window["income"]).any()
    assert {type(value) for value in sample.window["region"]} == {str}


def test_answers_are_the_rows_with_an_outcome_and_the_bundles_own_predictions(
    bundle: Bundle, settings: Settings
) -> None:
    rows = week(40).assign(probability=lambda f: np.linspace(0, 1, len(f)))
    sample = report_sample.answers(read_case(rows, bundle, settings))
    known = rows[rows["defaulted"].notna()]
    assert len(sample.window) == len(known)
    shown = sample.window.sort_values("probability", ignore_index=True)
    assert shown["outcome"].tolist() == known["defaulted"].astype(int).tolist()
    predicted = known["probability"].to_numpy() >= bundle.manifest.rule.threshold
    assert shown["prediction"].tolist() == pd.Series(predicted).astype(int).tolist()
    assert sample.words.startswith(f"all {len(known)} rows of the window and ")
