"""Evidently's reports on a window, as pages: the drill-down below the verdict.

Evidently sees a bounded sample, and holds columns against the same thresholds as the verdict does.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd
from evidently import BinaryClassification, DataDefinition, Dataset, Report
from evidently.legacy.calculations import stattests
from evidently.legacy.core import ColumnType
from evidently.presets import ClassificationPreset, DataDriftPreset, DataSummaryPreset

from shared.monitoring import drift, notes, pages, sample
from shared.monitoring.findings import Findings
from shared.monitoring.reasons import PREDICTION
from shared.monitoring.sample import Sample
from shared.monitoring.verdict import WORDS
from shared.monitoring.window import Window
from shared.packaging.bundle import Bundle
from shared.settings import Monitor, Settings

SUMMARY, DRIFT, QUALITY = "Data summary", "Data drift", "Classification quality"


@dataclass(frozen=True)
class Reports:
    """Three pages (HTML): Evidently's report, or the state that leaves nothing to report."""

    data_summary: str
    data_drift: str
    quality: str


def write(window: Window, found: Findings, bundle: Bundle, settings: Settings) -> Reports:
    """Draw the reports on a window beside its bundle's reference."""
    if not len(window.rows):
        said = [f"{WORDS[found.state][0].capitalize()}: there is nothing to draw."]
        return Reports(*(pages.plain(title, said) for title in (SUMMARY, DRIFT, QUALITY)))
    inputs = sample.inputs(window, bundle, settings)
    absent = [name for name in bundle.contract.features if name not in inputs.window]
    return Reports(
        data_summary=_data_summary(inputs, absent),
        data_drift=_data_drift(inputs, absent, settings.monitor),
        quality=_quality(sample.answers(window, bundle, settings), found, bundle, settings.monitor),
    )


def _data_summary(inputs: Sample, absent: list[str]) -> str:
    said = [*_left_out("the window lacks them", absent)]
    return _page(SUMMARY, said, inputs, lambda: (DataSummaryPreset(), _columns(inputs.window)))


def _data_drift(inputs: Sample, absent: list[str], monitor: Monitor) -> str:
    """Evidently takes no empty column; an empty one is left out, and named."""
    now, before = inputs.window, inputs.reference
    empty = [str(n) for n in now if now[n].isna().all() or before[n].isna().all()]
    kept = Sample(now.drop(columns=empty), before.drop(columns=empty), inputs.words)
    said = [
        "Drift is a distance above the settings' threshold: standard deviations for numbers "
        "(Wasserstein), a share of rows for categories (total variation).",
        *_left_out("the window lacks them", absent),
        *_left_out("they are empty in the window or in the reference", empty),
    ]
    if not len(kept.window.columns):
        return pages.plain(DRIFT, said)
    return _page(DRIFT, said, kept, lambda: (_drift_preset(kept, monitor), _columns(kept.window)))


def _drift_preset(inputs: Sample, monitor: Monitor) -> DataDriftPreset:
    stattests.register_stattest(TOTAL_VARIATION, _total_variation)
    return DataDriftPreset(
        num_method="wasserstein",
        num_threshold=monitor.drift,
        cat_method=TOTAL_VARIATION.name,
        cat_threshold=monitor.category_drift,
        per_column_threshold={PREDICTION: monitor.prediction_drift},
        # One column is enough for the report's own headline.
        drift_share=1 / len(inputs.window.columns),
    )


def _quality(answers: Sample, found: Findings, bundle: Bundle, monitor: Monitor) -> str:
    said = notes.of_quality(found.quality, monitor) or ["The rows with an outcome alone."]
    if min(frame["outcome"].nunique() for frame in (answers.window, answers.reference)) < 2:
        return pages.plain(QUALITY, [*said, "It takes outcomes of both classes to draw."])
    roles = DataDefinition(
        classification=[
            BinaryClassification(
                target="outcome",
                prediction_labels="prediction",
                prediction_probas=PREDICTION,
                pos_label=1,
            )
        ],
        categorical_columns=["outcome", "prediction"],
        numerical_columns=[PREDICTION],
    )
    cut = bundle.manifest.threshold
    return _page(
        QUALITY, said, answers, lambda: (ClassificationPreset(probas_threshold=cut), roles)
    )


def _page(
    title: str, said: list[str], drawn: Sample, plan: Callable[[], tuple[Any, DataDefinition]]
) -> str:
    """Draw a report; one that Evidently cannot draw is a page with its error, not a lost run."""
    lines = [f"Evidently on {drawn.words}. The verdict is on the run's summary card.", *said]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            preset, definition = plan()
            sides = [Dataset.from_pandas(f, definition) for f in (drawn.window, drawn.reference)]
            report = Report([preset]).run(*sides).get_html_str(as_iframe=False)
    except Exception as error:
        failed = f"Evidently could not draw this report: {type(error).__name__}: {error}"
        return pages.plain(title, [failed, *said])
    return pages.around(report, title, lines)


def _columns(frame: pd.DataFrame) -> DataDefinition:
    categories = [name for name in frame if frame[name].dtype == object]
    numbers = [name for name in frame if name not in categories]
    return DataDefinition(numerical_columns=numbers, categorical_columns=categories)


def _left_out(why: str, names: list[str]) -> list[str]:
    return [f"Left out, as {why}: {', '.join(names)}."] if names else []


def _total_variation(
    before: pd.Series, now: pd.Series, _: ColumnType, threshold: float
) -> tuple[float, bool]:
    shares = [dict(side.value_counts(normalize=True)) for side in (before, now)]
    distance = drift.total_variation(*shares)
    return distance, distance > threshold


TOTAL_VARIATION = stattests.StatTest(
    name="total_variation",
    display_name="Total variation distance",
    allowed_feature_types=[ColumnType.Categorical],
)
