"""What a champion answers today of a row that was logged, and why."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.model import explanations
from shared.model.bundle import Bundle
from shared.model.explanations import Explanation
from shared.model.predictor import Predictor

# So many bundles are kept open.
MOST_OPEN = 4


class Predictors:
    """The predictors of the bundles that were opened last: what is in a bundle never changes."""

    def __init__(self) -> None:
        self._by_digest: dict[str, Predictor] = {}

    def open(self, bundle: Bundle) -> Predictor:
        """Return the predictor of a bundle."""
        if bundle.digest not in self._by_digest:
            kept = list(self._by_digest.items())[1 - MOST_OPEN :]
            self._by_digest = dict(kept) | {bundle.digest: Predictor(bundle)}
        return self._by_digest[bundle.digest]


@dataclass(frozen=True)
class Today:
    """What the champion says of a row today: its answers, or in `note` why there are none."""

    digest: str
    answers: Mapping[str, Any]
    note: str = ""


def ask(row: Mapping[str, Any], champion: Bundle, predictors: Predictors) -> Today:
    """Return what a champion answers of a row as the log has it."""
    try:
        predictor = predictors.open(champion)
        asked = predictor.rows_as_asked({name: [value] for name, value in row.items()})
        found = predictor.score(asked)
    except KeyError as error:
        return Today(champion.digest, {}, f"the log has no column {error} for the champion")
    except Exception as error:
        # Pipelines are the teams' own: they may fail in any way.
        why = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        return Today(champion.digest, {}, f"the champion does not answer this row: {why}")
    names = [column.name for column, _ in champion.task.columns]
    return Today(champion.digest, {name: found[name][0] for name in names if name in found})


def reasons(row: Mapping[str, Any], champion: Bundle) -> Explanation | None:
    """Return the reasons for today's answer; None where they cannot be had."""
    try:
        return explanations.explain(row, champion)
    except Exception as error:
        # Pipelines are the teams' own: they may fail in any way.
        print(f"no reasons for {row['prediction_id']}: {error}", file=sys.stderr, flush=True)
        return None
