"""The task of a problem: the one place that asks which kind of answer it gives."""

from typing import Annotated

import numpy as np
import pyarrow as pa
from pydantic import Field

from shared.errors import Refusal
from shared.schema.contract import Contract
from shared.settings import Settings
from shared.tasks.answer_counts import AnswerCounts
from shared.tasks.answer_plan import AnswerPlan
from shared.tasks.binary.acting import Acting
from shared.tasks.binary.binary_counts import BinaryCounts
from shared.tasks.binary.binary_diagnostics import BinaryDiagnostics
from shared.tasks.binary.binary_task import Binary, Threshold
from shared.tasks.multiclass import classes
from shared.tasks.multiclass.multiclass_counts import MulticlassCounts
from shared.tasks.multiclass.multiclass_diagnostics import MulticlassDiagnostics
from shared.tasks.multiclass.multiclass_rules import LeastCost, MostProbable
from shared.tasks.multiclass.multiclass_task import Multiclass
from shared.tasks.ranking.ranking_task import Ranking
from shared.tasks.regression.intervals import Intervals
from shared.tasks.regression.regression_counts import RegressionCounts
from shared.tasks.regression.regression_diagnostics import RegressionDiagnostics
from shared.tasks.regression.regression_task import Point, Regression
from shared.tasks.task import Rows, Task

AnyRule = Threshold | MostProbable | LeastCost | Point | Intervals
AnyDiagnostics = Annotated[
    BinaryDiagnostics | MulticlassDiagnostics | RegressionDiagnostics, Field(discriminator="kind")
]


def task_of(contract: Contract) -> Task:
    """Return the task of a contract's target."""
    if contract.kind == "multiclass":
        return Multiclass(contract[contract.target].categories or ())
    if contract.kind == "regression":
        return Regression(contract.interval)
    if contract.action:
        return Acting(action=contract.action, key=contract.key)
    return Ranking(slates=contract.ranking) if contract.ranking else Binary()


def answer_counts(plan: AnswerPlan) -> AnswerCounts:
    """Return what counts answers by a plan."""
    if plan.kind == "multiclass":
        return MulticlassCounts(plan.classes)
    if plan.kind == "regression":
        return RegressionCounts(plan)
    return BinaryCounts()


def refuse_target(values: pa.ChunkedArray, contract: Contract, settings: Settings) -> None:
    """Raise `Refusal` where a target, as it came, is not what its kind of answer needs."""
    if contract.kind == "multiclass":
        classes.refuse_target(values, contract, settings)


def measured_beside(
    task: Task, theirs: Task, scores: np.ndarray, rule: AnyRule, rows: Rows
) -> np.ndarray:
    """Return what the metrics of a task measure of a bundle's scores, whose own task is `theirs`.

    Classes that only the task has are impossible to it. Raises `Refusal` where its answers are of
    another kind, or of a class that the task does not have.
    """
    if theirs.kind != task.kind:
        raise Refusal(f'its kind is "{theirs.kind}", and that of this model "{task.kind}"')
    if isinstance(task, Multiclass) and isinstance(theirs, Multiclass):
        return task.placed(theirs.measured(scores, rule, rows), theirs.classes)
    return task.measured(scores, rule, rows)
