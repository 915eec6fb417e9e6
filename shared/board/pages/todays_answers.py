"""What a champion answers today of a row that was logged, and why."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from shared.errors import in_a_line
from shared.model.bundle import Bundle

if TYPE_CHECKING:
    # Imported when a bundle is asked: they bring scikit-learn, 75 MB that no other page needs.
    from shared.model.predictor import Predictor
    from shared.reasons.explanations import Explainer, Explanation

# So many bundles are kept open.
MOST_OPEN = 4


class OpenedBundle:
    """What answers for a bundle, and what explains its answers, once somebody asks."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    @cached_property
    def predictor(self) -> "Predictor":
        """What answers as a server does."""
        from shared.model.predictor import Predictor

        return Predictor(self._bundle)

    @cached_property
    def explainer(self) -> "Explainer":
        """What explains the bundle's answers."""
        from shared.reasons.explanations import Explainer

        return Explainer(self._bundle)


class OpenedBundles:
    """The bundles that were opened last: what is in a bundle never changes."""

    def __init__(self) -> None:
        self._by_digest: dict[str, OpenedBundle] = {}

    def open(self, bundle: Bundle) -> OpenedBundle:
        """Return a bundle, opened."""
        if bundle.digest not in self._by_digest:
            kept = list(self._by_digest.items())[1 - MOST_OPEN :]
            self._by_digest = dict(kept) | {bundle.digest: OpenedBundle(bundle)}
        return self._by_digest[bundle.digest]


@dataclass(frozen=True)
class Today:
    """What the champion says of a row today: its answers, or in `note` why there are none."""

    digest: str
    answers: Mapping[str, Any]
    note: str = ""


def ask(row: Mapping[str, Any], champion: Bundle, opened: OpenedBundles) -> Today:
    """Return what a champion answers of a row as the log has it."""
    try:
        predictor = opened.open(champion).predictor
        asked = predictor.rows_as_asked({name: [value] for name, value in row.items()})
        found = predictor.score(asked)
    except KeyError as error:
        return Today(champion.digest, {}, f"the log has no column {error} for the champion")
    except Exception as error:
        # Pipelines are the teams' own: they may fail in any way.
        why = in_a_line(error)
        return Today(champion.digest, {}, f"the champion does not answer this row: {why}")
    names = [column.name for column, _ in champion.task.columns]
    return Today(champion.digest, {name: found[name][0] for name in names if name in found})


def reasons(
    row: Mapping[str, Any], champion: Bundle, opened: OpenedBundles
) -> "Explanation | None":
    """Return the reasons for today's answer; None where they cannot be had."""
    try:
        return opened.open(champion).explainer.explain(row)
    except Exception as error:
        # Pipelines are the teams' own: they may fail in any way.
        print(f"no reasons for {row['prediction_id']}: {error}", file=sys.stderr, flush=True)
        return None
