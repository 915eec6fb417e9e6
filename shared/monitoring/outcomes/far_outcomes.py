"""Outcomes far beyond all of history's: a loss that rests on them says nothing of the model.

One outcome of a trillion ends any correlation. Unless such outcomes are many, quality is judged by
the others, and these are to be checked first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from shared.kinds import metric_name, metric_text
from shared.log_columns import OUTCOME
from shared.model.verdict import Level, Reason
from shared.monitoring.case import Case
from shared.monitoring.causes.outcomes.outcome_faults import OutcomeFault
from shared.monitoring.outcomes.losses import BIAS, SHARE, Loss
from shared.monitoring.outcomes.row_losses import row_losses
from shared.monitoring.wording.retraining import TRAIN_AGAIN
from shared.tasks.choice import answer_counts
from shared.tasks.outcome_statistics import FarCells
from shared.words import list_of, number_of

# The check of the reason, by which its rows are found.
FAR = "far"
# So few, or so small a share, wake nobody. Where a larger share than the last is far off, the world
# is another one.
FEW_OUTCOMES, FEW, MOST = 5, 0.01, 0.25
# So many of their values are shown.
MOST_VALUES = 3


@dataclass(frozen=True)
class FarOutcomes:
    """So many `rows` of those `received` have outcomes that are far beyond all of history's.

    They count in `far`, and `hides` is the worst loss that they would prove and the others do not.
    Of `few` outcomes in all, no loss is proven. `values` are those in the window's sample, the
    farthest first.
    """

    rows: int
    received: int
    far: FarCells
    values: tuple[float, ...] = ()
    hides: Loss | None = None
    few: bool = False

    @property
    def level(self) -> Level:
        """Whether they are a trifle, or the feed is plainly wrong."""
        return "watch" if self.rows <= max(FEW_OUTCOMES, FEW * self.received) else "act"

    @property
    def words(self) -> str:
        """How many they are, how far off, and what they are."""
        are = "is" if self.rows == 1 else "are"
        shown = list_of([f"{value:,.6g}" for value in dict.fromkeys(self.values)], MOST_VALUES)
        return (
            f"{self.rows:,} of {number_of(self.received, 'outcome')} {are} at least "
            f"{metric_text(self.far.beyond)} from the prediction (in history at most "
            f"{metric_text(self.far.farthest)}){f': {shown}' if shown else ''}"
        )

    @property
    def note(self) -> str:
        """Say that they are not judged."""
        if self.few:
            return f"{self.words}; fewer came than quality is judged by."
        return f"{self.words}: quality is judged without {self.them}."

    @property
    def fault(self) -> OutcomeFault:
        """What is wrong with outcomes that have a loss beside these."""
        return OutcomeFault("are far beyond all of history's", of=number_of(self.rows, "row"))

    @property
    def them(self) -> str:
        """The word for them."""
        return "it" if self.rows == 1 else "them"

    def without(self, answers: np.ndarray) -> np.ndarray:
        """Return counts of answers without theirs."""
        return np.where(self.far.cells, 0, answers)

    def beside(self, with_all: Sequence[Loss], others: Sequence[Loss]) -> "FarOutcomes":
        """Return these with the worst loss that all outcomes prove, and the others do not."""
        proven = {_subject(one) for one in others if one.proven}
        hidden = [one for one in with_all if one.proven and _subject(one) not in proven]
        return replace(self, hides=next(iter(hidden), None))


def _subject(loss: Loss) -> tuple[str, str | None, str]:
    return loss.metric, loss.slice, loss.of


def find(case: Case, few: bool = False) -> FarOutcomes | None:
    """Return the window's outcomes that are far beyond all of history's, unless they are many.

    Where `few` came in all, any number of them is told.
    """
    counter, answers = answer_counts(case.baseline.plan.answers), case.profile.counts["answers"]
    far = counter.far_cells(answers, case.bundle.evaluation.diagnostics)
    received = counter.received(answers)
    rows = int(answers[far.cells].sum()) if far else 0
    if not far or not 0 < rows <= (1.0 if few else MOST) * received:
        return None
    return FarOutcomes(rows, received, far, _values(case, far), few=few)


def _values(case: Case, far: FarCells) -> tuple[float, ...]:
    """Return the outcomes that are far off, of the window's sample, the farthest first."""
    lost = row_losses(case)
    order = np.argsort(-lost, kind="stable")[: int((lost >= far.beyond).sum())]
    rows = case.profile.sample.iloc[order]
    return tuple(rows[OUTCOME].astype("float64")) if len(rows) else ()


def far_reasons(found: FarOutcomes | None) -> list[Reason]:
    """Name them where a loss rests on them alone, or too few came to prove one."""
    if found is None or not (found.hides or found.few):
        return []
    return [
        Reason(
            level=found.level,
            stage="outcomes",
            what=found.words,
            check=FAR,
            number=found.far.beyond,
            threshold=found.far.farthest,
            unit="or more from the prediction",
            next_step=_next_step(found),
            baseline=f"the holdout's farthest was {metric_text(found.far.farthest)}",
        )
    ]


def _next_step(found: FarOutcomes) -> str:
    if found.hides is None:
        return f"Check {found.them} first: quality is judged when more outcomes have come."
    return (
        f"Check {found.them} first: {_hidden(found.hides, found.them)}, and nothing is trained. If "
        f"they are right, {TRAIN_AGAIN}."
    )


def _hidden(loss: Loss, them: str) -> str:
    """Say what all outcomes would have proven."""
    where = f" where {loss.slice}" if loss.slice else ""
    if loss.metric in (BIAS, SHARE):
        return f"with {them} outcomes would be biased{where}, and without {them} they are not"
    name, now = metric_name(loss.metric), metric_text(loss.now)
    expected = metric_text(loss.expected)
    return (
        f"with {them} {name}{where} would be {now} (expected {expected}), and without {them} it is "
        "within its threshold"
    )
