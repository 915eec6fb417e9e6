"""A loss of quality that goes away without rows that come again: the world is as it was.

Where only the true outcomes are sent three times, the model is none the worse, and would learn from
these rows that they are more. Nor is proof what counts some rows twice.
"""

import math

import numpy as np

from shared.monitoring.case import Case
from shared.monitoring.causes import suspects
from shared.monitoring.causes.rows import repeated_rows
from shared.monitoring.findings import Findings
from shared.monitoring.input_checks.repeats import Repeat
from shared.monitoring.outcomes import quality
from shared.monitoring.outcomes.slices import Slicer
from shared.schema import arrow
from shared.tasks.choice import answer_counts


def explain(case: Case, findings: Findings) -> bool:
    """Say whether most of what all rows have lost is gone without those that repeat.

    Or nothing that rows have lost, or those of a slice, is proven without them.
    """
    repeat = findings.repeated
    if repeat is None:
        return False
    return _is_gone(case, repeat) or _is_unproven(case, findings, repeat)


def _is_gone(case: Case, repeat: Repeat) -> bool:
    rows = suspects.known_rows(case)
    if len(rows) < suspects.FEWEST_ROWS:
        return False
    once = repeated_rows.only_once(rows, case, repeat)
    if not suspects.FEWEST_ROWS <= len(once) < len(rows):
        return False
    before = suspects.errors_before(case)
    now, left = suspects.errors_now(rows, case), suspects.errors_now(once, case)
    return now.share_gone_without_rows(left, before) >= suspects.GONE


def _is_unproven(case: Case, findings: Findings, repeat: Repeat) -> bool:
    """Judge the quality of each row once, where all of them are in the sample."""
    rows = case.profile.sample
    once = repeated_rows.only_once(rows, case, repeat)
    if len(rows) < case.profile.size or len(once) == len(rows):
        return False
    counter, table = answer_counts(case.baseline.plan.answers), arrow.table(once)
    places, shape = counter.places(table), counter.shape
    answers = np.bincount(places[places >= 0], minlength=math.prod(shape)).reshape(shape)
    names = [row.slice for row in case.bundle.evaluation.slices]
    of_slices = Slicer(names, counter, case.settings).count(table, places)
    left = quality.judge_counts(case, findings.hours, answers, of_slices)
    return left.state == findings.quality.state and not any(loss.proven for loss in left.losses)
