"""A suspect: a number whose values moved, and with which a loss of quality goes away.

Below its threshold a column is proof of nothing; nor does a loss prove that the world has changed.
Where a column's values, brought back to the size that they had in history, have the model err as it
did before, it is that column which is to be checked first. Had the world changed and not the
column, its values would be as they were; had both changed, other values would be no better.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shared.frames import with_values
from shared.log_columns import OUTCOME
from shared.model.verdict import Reason
from shared.monitoring.case import Case
from shared.monitoring.causes.possible_changes import PossibleChanges
from shared.monitoring.causes.trial import Trial
from shared.monitoring.findings import Findings
from shared.monitoring.input_checks.detection import Deviation, DriftDetector
from shared.monitoring.windows import logged_answers
from shared.monitoring.wording.column_reasons import LEAST_NAMED
from shared.monitoring.wording.deviation_reasons import deviation_reason
from shared.monitoring.wording.retraining import TRAIN_AGAIN
from shared.monitoring.wording.units import unit_of
from shared.profiles.counting_plan import CountingPlan, NumberPlan
from shared.tasks.outcome_statistics import Bias

# From such a share of its threshold a number is near it, as one in a hundred is by chance. So many
# such numbers are tried, by the checks that tell of their size.
NEAR, MOST_TRIED = 0.7, 4
# From such a share on it is said beside a loss that inputs do not explain.
TELLING = 0.5
OF_SIZE = ("range", "distance", "linear dependence", "dependence")
# With so much of the extra error gone, and so many standard errors of it, the loss is the column's.
GONE, SURELY = 0.5, 3.0
ROWS, FEWEST_ROWS = 2_000, 30


@dataclass(frozen=True)
class Suspect:
    """A column that a loss goes away with, in words, and its check nearest to its threshold.

    What became of it is such a `share` of the extra error.
    """

    column: str
    what: str
    likely_cause: str
    share: float
    deviation: Deviation

    @property
    def next_step(self) -> str:
        """Say what to check before any training."""
        return (
            f"Check what feeds {self.column} first: it may be all of the loss, and training would "
            f"learn from it. If it is right, {TRAIN_AGAIN}."
        )

    def among(self, reasons: Sequence[Reason], plan: CountingPlan) -> list[Reason]:
        """Return a verdict's reasons with the column's, as serious as the loss."""
        change = {"likely_cause": self.likely_cause, "next_step": self.next_step, "level": "act"}
        own = [r for r in reasons if r.column == self.column and r.stage in ("feed", "inputs")]
        if own:
            return [r.model_copy(update=change) if r in own else r for r in reasons]
        nearest, name = self.deviation, self.column
        unit = unit_of(nearest.statistic, plan)
        reason = deviation_reason("act", "inputs", self.what, name, nearest, unit, self.next_step)
        return [*reasons, reason.model_copy(update=change)]


def near_words(case: Case, findings: Findings, least: float = 0.0) -> str | None:
    """Say how near inputs and answers are to their thresholds, if it is such a share or more.

    None where one is beyond.
    """
    columns = {*case.bundle.contract.features, *case.baseline.plan.watched}
    near = next((d for d in findings.deviations if d.statistic.column in columns), None)
    if near is None:
        return "inputs and answers were not judged"
    if near.beyond or near.excess < least:
        return None
    # What has not passed it is not to be rounded up to it.
    share = min(near.excess, 0.99)
    return (
        f"no input or answer passed its threshold (the nearest, {near.statistic.column}, is at "
        f"{share:.2f} of it)"
    )


def find(case: Case, findings: Findings) -> Suspect | None:
    """Return the number with which most of what all rows have lost goes away, if any."""
    moved = _moved_numbers(case, findings)
    rows = known_rows(case).head(ROWS) if moved else pd.DataFrame()
    if len(rows) < FEWEST_ROWS:
        return None
    before, now = errors_before(case), errors_now(rows, case)
    trial = Trial(rows, DriftDetector(case.baseline, days=case.days), findings.hours, None)
    possible = PossibleChanges(trial)
    found = []
    for deviation in moved:
        for change in possible.resized(deviation.statistic.column):
            undone = errors_now(with_values(rows, change.undo(rows)), case)
            share = now.share_gone(undone, before)
            if share >= GONE:
                found.append(_suspect(change.words, share, deviation))
    return max(found, key=lambda one: one.share, default=None)


def _suspect(words: str, share: float, deviation: Deviation) -> Suspect:
    name, gone = deviation.statistic.column, f"{min(share, 1):.0%} of the extra error is gone"
    what = f"the loss goes away with a change of {name}"
    return Suspect(name, what, f"{words}: with that undone, {gone}", share, deviation)


@dataclass(frozen=True)
class Errors:
    """Squared errors of answers, shape (rows,), least where chances are right; and their bias."""

    squares: np.ndarray
    bias: Bias

    def share_gone(self, undone: "Errors", before: "Errors") -> float:
        """Return which share of the extra error is gone with other answers to the same rows.

        Where errors are no larger than `before`, but for chance, it is that of the bias.
        """
        # What is far beyond all of history's would be all that counts.
        now, again = (one.squares.clip(max=before.squares.max()) for one in (self, undone))
        extra, less = now.mean() - before.squares.mean(), now - again
        if extra > SURELY * _error(now):
            return float(less.mean() / extra) if less.mean() > SURELY * _error(less) else 0.0
        wrong, left = (abs(one.bias.observed - one.bias.predicted) for one in (self, undone))
        is_biased = wrong > SURELY * self.bias.error and less.mean() > 0
        return float(1 - left / wrong) if is_biased else 0.0

    def share_gone_without_rows(self, fewer: "Errors", before: "Errors") -> float:
        """Return which share of the extra error, or else of the bias, is gone with fewer rows."""
        now, left = (one.squares.clip(max=before.squares.max()) for one in (self, fewer))
        extra = now.mean() - before.squares.mean()
        if extra > SURELY * _error(now):
            return float((now.mean() - left.mean()) / extra)
        wrong, still = (abs(one.bias.observed - one.bias.predicted) for one in (self, fewer))
        return float(1 - still / wrong) if wrong > SURELY * self.bias.error else 0.0


def errors_before(case: Case) -> Errors:
    """Return the errors of the bundle's held-out rows."""
    target = case.bundle.contract.target
    return _errors(case.bundle.reference().dropna(subset=[target]), target, case)


def errors_now(rows: pd.DataFrame, case: Case) -> Errors:
    """Return the errors of rows of the window that have their outcome."""
    return _errors(rows, OUTCOME, case)


def _error(values: np.ndarray) -> float:
    return float(values.std() / np.sqrt(len(values)))


def _moved_numbers(case: Case, findings: Findings) -> list[Deviation]:
    """Return the check of each number nearest to its threshold, of those that are near theirs.

    What the model hardly depends on costs no quality.
    """
    plan, worst = case.baseline.plan, dict[str, Deviation]()
    for deviation in findings.deviations:
        check, name = deviation.statistic
        is_near = check in OF_SIZE and deviation.excess >= NEAR
        costs = findings.importance.get(name, 0.0) >= LEAST_NAMED
        if is_near and costs and isinstance(plan.by_name.get(name), NumberPlan):
            worst.setdefault(name, deviation)
    return list(worst.values())[:MOST_TRIED]


def known_rows(case: Case) -> pd.DataFrame:
    """Return rows of the window's sample that have an outcome, and can be answered again."""
    rows = case.profile.sample
    needed = {OUTCOME, *case.bundle.contract.features, *case.bundle.task.score_names}
    if not needed <= {*rows}:
        return pd.DataFrame()
    whole = logged_answers.whole_rows(rows, case)
    return whole[whole[OUTCOME].notna()].reset_index(drop=True)


def _errors(rows: pd.DataFrame, outcome: str, case: Case) -> Errors:
    """Return the errors of what the model answers to rows with their outcome."""
    bundle, task = case.bundle, case.bundle.task
    measured = task.measured(bundle.scores(rows), bundle.manifest.rule, rows)
    target = task.encode(rows[outcome]).to_numpy("float64")
    return Errors(task.losses(target, measured) ** 2, task.bias(target, measured))
