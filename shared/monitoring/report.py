"""The reports that Evidently makes of a window, as pages.

Evidently draws a bounded sample. Whether a column has drifted is not decided on it: every column's
number and threshold are those of the verdict, so that the two pages cannot contradict each other.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd
from evidently import (
    BinaryClassification,
    DataDefinition,
    Dataset,
    MulticlassClassification,
    Recsys,
    Regression,
    Report,
)
from evidently.legacy.calculations import stattests
from evidently.legacy.core import ColumnType
from evidently.metrics import MAE, RMSE, AbsMaxError, MeanError, R2Score
from evidently.presets import (
    ClassificationPreset,
    DataDriftPreset,
    DataSummaryPreset,
    RecsysPreset,
    RegressionPreset,
)

from shared.log_columns import OUTCOME, PREDICTION, PROBABILITY
from shared.model.bundle import Bundle
from shared.monitoring import pages, report_sample
from shared.monitoring.case import Case
from shared.monitoring.findings import Findings
from shared.monitoring.pages import DRIFT, QUALITY, SUMMARY, Reports
from shared.monitoring.report_sample import Sample
from shared.monitoring.wording import notes
from shared.tasks.binary.binary_task import Threshold


@dataclass(frozen=True)
class Plan:
    """What Evidently is to draw: its metrics or presets, columns' roles, and what is left out."""

    metrics: list[Any]
    roles: DataDefinition
    lines: tuple[str, ...] = ()


def evidently_reports(case: Case, findings: Findings) -> Reports:
    """Return the reports on a window that has rows, beside its bundle's reference."""
    inputs = report_sample.inputs(case)
    absent = [name for name in case.bundle.contract.features if name not in inputs.window]
    return Reports(
        data_summary=_data_summary(inputs, absent),
        data_drift=_data_drift(inputs, absent, findings),
        quality=_quality(case, findings),
    )


def _data_summary(inputs: Sample, absent: list[str]) -> str:
    lines = _left_out("the window lacks them", absent)
    return _page(
        SUMMARY, lines, inputs, lambda: Plan([DataSummaryPreset()], _columns(inputs.window))
    )


def _data_drift(inputs: Sample, absent: list[str], findings: Findings) -> str:
    """Evidently takes no empty column; an empty one is left out, and named."""
    now, before = inputs.window, inputs.reference
    empty = [str(n) for n in now if now[n].isna().all() or before[n].isna().all()]
    kept = Sample(now.drop(columns=empty), before.drop(columns=empty), inputs.words)
    lines = [
        "A column counts as drifted here when the verdict says so: its number is that of "
        "the whole window, as a multiple of its threshold, and above 1. The pictures show the "
        "sample.",
        *_left_out("the window lacks them", absent),
        *_left_out("they are empty in the window or in the reference", empty),
    ]
    if findings.state != "judged":
        lines.append("Too few rows to judge: no column counts as drifted.")
    if not len(kept.window.columns):
        return pages.plain(DRIFT, lines)
    return _page(
        DRIFT, lines, kept, lambda: Plan([_drift_preset(kept, findings)], _columns(kept.window))
    )


def _drift_preset(inputs: Sample, findings: Findings) -> DataDriftPreset:
    names = [str(name) for name in inputs.window]
    numbers = {name: _drift(name, findings) for name in names}

    def verdict(_: pd.Series, now: pd.Series, __: ColumnType, threshold: float) -> Any:
        number = numbers.get(str(now.name), 0.0)
        return number, number > threshold

    stattests.register_stattest(VERDICT, verdict)
    return DataDriftPreset(
        method=VERDICT.name,
        threshold=1.0,
        # One column is enough for the report's own headline.
        drift_share=1 / len(names),
    )


def _drift(name: str, findings: Findings) -> float:
    """Return a column's largest number in thresholds: above 1 where the verdict blames it."""
    excess = [d.excess for d in findings.deviations if d.statistic.column == name]
    blamed = name in findings.culprits or name in findings.caused
    most = max(excess, default=0.0)
    return most if blamed else min(most, 1.0)


def _quality(case: Case, findings: Findings) -> str:
    if slates := report_sample.slates(case):
        return _slates_quality(slates, case, findings)
    answers, task = report_sample.answers(case), case.bundle.task
    lines = notes.quality_notes(findings.quality, case.monitor)
    lines = lines or ["Only rows with an outcome are shown."]
    if answers.window[OUTCOME].dtype == object:
        answers, others = report_sample.alike_classes(answers)
        lines += _left_out("the window or the reference lacks these classes", others)
    plan = QUALITY_PLANS[task.report](case.bundle, answers)
    if min(frame["outcome"].nunique() for frame in (answers.window, answers.reference)) < 2:
        return pages.plain(QUALITY, [*lines, "The report needs outcomes that differ."])
    return _page(QUALITY, [*lines, *plan.lines], answers, lambda: plan)


def _slates_quality(slates: Sample, case: Case, findings: Findings) -> str:
    """Report slates in the order of the model's chances; what was clicked in none says nothing."""
    ranking, sizes = case.bundle.contract.ranking, slates.window["slate"].value_counts()
    assert ranking is not None
    roles = Recsys(user_id="slate", item_id="item", target=OUTCOME, prediction=PROBABILITY)
    definition = DataDefinition(
        ranking=[roles],
        categorical_columns=["slate", "item"],
        numerical_columns=[OUTCOME, PROBABILITY],
    )
    lines = [
        *notes.quality_notes(findings.quality, case.monitor),
        "A user of this report is a slate, in the order of the model's chances. There is no "
        "reference, as a bundle keeps rows and no whole slates.",
    ]
    if slates.window[OUTCOME].nunique() < 2:
        return pages.plain(QUALITY, [*lines, "The report needs outcomes that differ."])
    k = min(ranking.top, int(sizes.max()))
    return _page(QUALITY, lines, slates, lambda: Plan([RecsysPreset(k=k)], definition))


def _binary_quality(bundle: Bundle, shown: Sample) -> Plan:
    roles = DataDefinition(
        classification=[
            BinaryClassification(
                target=OUTCOME,
                prediction_labels=PREDICTION,
                prediction_probas=PROBABILITY,
                pos_label=1,
            )
        ],
        categorical_columns=[OUTCOME, PREDICTION],
        numerical_columns=[PROBABILITY],
    )
    rule = bundle.manifest.rule
    assert isinstance(rule, Threshold)
    return Plan([ClassificationPreset(probas_threshold=rule.threshold)], roles)


def _multiclass_quality(bundle: Bundle, shown: Sample) -> Plan:
    """Report labels alone: an absent class among probabilities is an error to Evidently."""
    roles = DataDefinition(
        classification=[MulticlassClassification(target=OUTCOME, prediction_labels=PREDICTION)],
        categorical_columns=[OUTCOME, PREDICTION],
    )
    return Plan([ClassificationPreset()], roles)


def _regression_quality(bundle: Bundle, shown: Sample) -> Plan:
    """Report no share of an outcome that is 0 or below: Evidently divides by next to nothing."""
    roles = DataDefinition(
        regression=[Regression(target=OUTCOME, prediction=PREDICTION)],
        numerical_columns=[OUTCOME, PREDICTION],
    )
    if min(frame[OUTCOME].min() for frame in (shown.window, shown.reference)) > 0:
        return Plan([RegressionPreset()], roles)
    errors = [MeanError(), MAE(), RMSE(error_distr=False), R2Score(), AbsMaxError()]
    return Plan(
        errors, roles, tuple(_left_out("some outcomes are 0 or below", ["errors in percent"]))
    )


def _page(title: str, lines: list[str], shown: Sample, plan: Callable[[], Plan]) -> str:
    """Draw a report; one that Evidently cannot draw is a page with its error, not a lost run."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            planned = plan()
            frames = (shown.window, shown.reference) if len(shown.reference) else (shown.window,)
            sides = [Dataset.from_pandas(frame, planned.roles) for frame in frames]
            report = Report(planned.metrics).run(*sides).get_html_str(as_iframe=False)
    except Exception as error:
        failed = f"Evidently could not draw this report: {type(error).__name__}: {error}"
        return pages.plain(title, [failed, *lines])
    source = f"Evidently on {shown.words}. The verdict is on the run's summary card."
    return pages.around(report, title, [source, *lines])


def _columns(frame: pd.DataFrame) -> DataDefinition:
    categories = [name for name in frame if frame[name].dtype == object]
    numbers = [name for name in frame if name not in categories]
    return DataDefinition(numerical_columns=numbers, categorical_columns=categories)


def _left_out(why: str, names: list[str]) -> list[str]:
    return [f"Left out because {why}: {', '.join(names)}."] if names else []


VERDICT = stattests.StatTest(
    name="verdict",
    display_name="Millrace's verdict, in thresholds",
    allowed_feature_types=[ColumnType.Numerical, ColumnType.Categorical],
)
QUALITY_PLANS: dict[str, Callable[[Bundle, Sample], Plan]] = {
    "classification of two": _binary_quality,
    "classification of many": _multiclass_quality,
    "numbers": _regression_quality,
}
