"""Two sides on the same held-out rows: those that both kept, or one's holdout with a champion."""

from dataclasses import asdict, dataclass

from pydantic import TypeAdapter

from shared import run_memory
from shared.errors import Refusal
from shared.lineage import metadata
from shared.model.comparisons import model_pairs
from shared.model.comparisons.model_pairs import PairedScores
from shared.runs.comparing.sides import Side
from shared.tasks.metrics import Score
from shared.words import number_of


@dataclass(frozen=True)
class SameRows:
    """The first side beside another on the same held-out rows, or in `note` why there are none.

    `rows` say in words which they are.
    """

    side: Side
    paired: PairedScores | None
    rows: str = ""
    note: str = ""


def read(first: Side, other: Side) -> SameRows:
    """Compare on the rows that both kept; else as a training run did, when one was champion."""
    note = "no row was held out by both with the same outcome"
    try:
        paired = _on_kept_rows(first, other)
    except Refusal as refusal:
        paired, note = None, str(refusal)
    if paired:
        return SameRows(other, paired, f"{number_of(paired.rows, 'row')} that both held out")
    for judge, champion in ((other, first), (first, other)):
        if found := _beside_champion(judge, champion):
            words = f"the {number_of(found.rows, 'row')} of the holdout of {judge.letter}"
            words += f", when {champion.letter} was champion"
            return SameRows(other, found if judge is other else _turned(found), words)
    return SameRows(other, None, note=note)


def _on_kept_rows(first: Side, other: Side) -> PairedScores | None:
    key = f"{metadata.history_name()} same-rows-1 {first.training_run.run} {other.training_run.run}"
    if kept := run_memory.recall(key):
        return TypeAdapter(PairedScores).validate_python(kept)
    paired = model_pairs.compare(first.held_out, other.held_out, first.settings.get("seed", 0))
    if paired:
        run_memory.remember(key, asdict(paired))
    return paired


def _beside_champion(judge: Side, champion: Side) -> PairedScores | None:
    """Return what a training run found beside the champion of then, if that is the other side."""
    evaluation = judge.evaluation
    found = evaluation.comparisons.get("champion")
    if found is None or evaluation.champion not in champion.digests:
        return None
    return PairedScores(evaluation.rows, found.scores, evaluation.scores, found.difference)


def _turned(found: PairedScores) -> PairedScores:
    """Return scores with the two sides in each other's place."""
    differences = {n: Score(-d.value, -d.high, -d.low) for n, d in found.differences.items()}
    return PairedScores(found.rows, found.theirs, found.own, differences)
