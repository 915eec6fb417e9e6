"""Two models on the same rows: those that both held out, joined by key, time and outcome."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from shared.kinds import Metric
from shared.schema.contract import Contract
from shared.tasks import metrics
from shared.tasks.choice import measured_beside, task_of
from shared.tasks.metrics import Score
from shared.tasks.task import stacked

# The columns of a pair have these ends.
ENDS = (" of one", " of the other")


@dataclass(frozen=True)
class HeldOut:
    """The rows that a training run keeps of its holdout, with outcomes and answers.

    `rule` is what made its answers of the model's scores.
    """

    rows: pd.DataFrame
    contract: Contract
    rule: Any


@dataclass(frozen=True)
class PairedScores:
    """Scores on so many rows: one model's, another's, and the other's less the one's, paired."""

    rows: int
    own: dict[Metric, Score]
    theirs: dict[Metric, Score]
    differences: dict[Metric, Score]


def compare(own: HeldOut, theirs: HeldOut, seed: int = 0) -> PairedScores | None:
    """Score both on the rows that both held out; None where these are none, or do not differ.

    Raises `Refusal` where their answers are of different kinds.
    """
    places = _same_rows(own, theirs)
    task, contract = task_of(own.contract), own.contract
    rows, others = (held.rows.iloc[at] for held, at in zip((own, theirs), places, strict=True))
    target = task.encode(rows[contract.target]).to_numpy()
    if not len(rows) or not task.can_score(target):
        return None
    measured = _measured(own, own, rows), _measured(own, theirs, others)
    scores = [metrics.score(task.measure, target, each, seed) for each in measured]
    differences = metrics.difference(task.measure, target, measured[1], measured[0], seed)
    return PairedScores(len(rows), scores[0], scores[1], differences)


def _same_rows(own: HeldOut, theirs: HeldOut) -> tuple[np.ndarray, np.ndarray]:
    """Return where the rows are that both have, in each; shapes (rows,)."""
    frames = []
    for held in (own, theirs):
        contract = held.contract
        names = {"key": contract.key, "time": contract.time, "outcome": contract.target}
        frame = pd.DataFrame({name: held.rows[column] for name, column in names.items()})
        frame["at"] = np.arange(len(frame))
        frames.append(frame[~frame.duplicated(["key", "time"], keep=False)])
    both = frames[0].merge(frames[1], on=["key", "time"], suffixes=ENDS)
    both = both[both["outcome" + ENDS[0]] == both["outcome" + ENDS[1]]]
    return both["at" + ENDS[0]].to_numpy(), both["at" + ENDS[1]].to_numpy()


def _measured(own: HeldOut, held: HeldOut, rows: pd.DataFrame) -> np.ndarray:
    """Return what the metrics of one measure of the answers that were kept with the rows."""
    theirs = task_of(held.contract)
    columns = {name: rows[name].to_numpy("float64") for name in theirs.score_names}
    scores = stacked(columns, theirs.score_names)
    return measured_beside(task_of(own.contract), theirs, scores, held.rule, rows)
