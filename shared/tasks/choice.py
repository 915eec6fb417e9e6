"""The task of a problem: the one place that asks which kind of answer it gives."""

from shared.profiles.counting_plan import AnswerPlan
from shared.schema.contract import Contract
from shared.tasks.binary import Binary, BinaryDiagnostics, Threshold
from shared.tasks.binary_counts import BinaryCounts
from shared.tasks.task import AnswerCounts, Task

AnyRule = Threshold
AnyDiagnostics = BinaryDiagnostics


def task_of(contract: Contract) -> Task:
    """Return the task of a contract's target."""
    return Binary()


def answer_counts(plan: AnswerPlan) -> AnswerCounts:
    """Return what counts answers by a plan."""
    return BinaryCounts()
