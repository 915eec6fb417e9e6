"""A loss of quality that a model was trained to answer, and of which it has seen no row.

The newest rows are held out: a model that is trained right after a loss learns from those before.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from shared import problem_commands, utc
from shared.model import loss_proofs
from shared.model.bundle import Bundle
from shared.model.evaluation import Evaluation
from shared.model.verdict import Verdict
from shared.settings import Settings
from shared.tasks.metrics import gain
from shared.words import number_of

MINUTE = "%Y-%m-%d %H:%M"
# Of fewer rows since a loss none can be spared.
FEWEST = 20


@dataclass(frozen=True)
class RowsRead:
    """What a training read: the parts, whose split was moved to end at `until` (an ISO time).

    If `served`, rows of the log with an outcome are among them.
    """

    parts: Mapping[str, pd.DataFrame]
    settings: Settings
    until: str | None
    served: bool

    def moments(self, part: str) -> pd.Series:
        """Return when the rows of a part were."""
        return pd.to_datetime(self.parts[part][self.settings.time], utc=True)


def noted(
    judged: Evaluation, read: RowsRead, champion: Bundle | None, verdicts: Iterable[Verdict]
) -> Evaluation:
    """Return an evaluation with a note, if its model has not seen the loss that the champion has.

    `verdicts` are those on the problem's windows.
    """
    began = loss_proofs.loss_began(verdicts, champion.digest) if champion else None
    words = unseen_words(read, began) if began else None
    if not words:
        return judged
    beside = " On these rows it is no better than the champion." if _is_no_better(judged) else ""
    return judged.model_copy(update={"notes": (f"{words}{beside}", *judged.notes)})


def unseen_words(read: RowsRead, began: datetime) -> str | None:
    """Say that a model of train and validation has seen no row since a loss began, and what helps.

    None where it has seen some.
    """
    last, held = read.moments("validation").max(), read.moments("holdout")
    if last >= began:
        return None
    words = (
        f"It learned from rows up to {last:{MINUTE}}, before the loss of quality began "
        f"({began:{MINUTE}} UTC): it has not seen what changed."
    )
    since = held[held >= began]
    if since.empty:
        return f"{words} {_no_outcomes(read)}"
    rows = number_of(len(since), "row")
    if len(since) < FEWEST:
        return f"{words} Only {rows} since then had an outcome: train again when more have come."
    shorter = _shorter(since, read)
    all_held = f"All {rows} since then are held out"
    return f"{words} {all_held}: with [split] {shorter} it learns from half of them."


def _no_outcomes(read: RowsRead) -> str:
    if read.served:
        return "No row since then has an outcome yet."
    train = problem_commands.make_command(
        "train", "ARGS='--served true'", problem=read.settings.name
    )
    return (
        f"No row since then has an outcome in the table: `{train}` learns from the rows that were "
        "served, too."
    )


def _shorter(since: pd.Series, read: RowsRead) -> str:
    """Return the setting that leaves half of the rows since a loss to be learnt from.

    It is as the settings file has it: without what `until` moves all dates by.
    """
    split, half = read.settings.split, since.iloc[len(since) // 2]
    if split.holdout:
        until = utc.parse_time(read.until, "--until")
        moved = until - split.end if until and split.end else timedelta()
        return f'holdout = "{(half - moved).floor("s").isoformat()}"'
    share = len(since) / 2 / sum(map(len, read.parts.values()))
    return f"holdout_share = {share:.2g} (now {split.holdout_share:g})"


def _is_no_better(judged: Evaluation) -> bool:
    """Say whether no metric's difference to the champion is proven to be a gain."""
    beside = judged.comparisons.get("champion")
    return beside is not None and all(
        gain(difference, name)[0] <= 0 for name, difference in beside.difference.items()
    )
