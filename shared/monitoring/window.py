"""The window: what a bundle predicted in a span of time, as a profile that adds up over parts."""

import functools
import operator
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from shared.monitoring.outcomes import challengers, slices
from shared.monitoring.outcomes.challengers import Pairs
from shared.monitoring.outcomes.slices import Slices
from shared.monitoring.windows import column_faults
from shared.monitoring.windows.column_faults import Faults
from shared.policies.impressions import Impressions
from shared.profiles.profile import Profile
from shared.tasks.binary.selective_labels import Selected

MOST_UNKNOWN = 100
Part = TypeVar("Part", Impressions, Selected)


@dataclass(frozen=True)
class Window:
    """The rows that a bundle answered, or a part of them.

    `slices` are those that the settings ask for, and `pairs` the rows that a challenger scored as
    well, by its digest. `first` and `last` are the times of the earliest and the latest row,
    `answered` the moments between which the log has them answered. `pending` rows have no outcome,
    and are not due before `next_due`. `others` counts the rows that another bundle answered,
    which are left out. `unscored` says why a file's rows have no probability, and `labelled`
    whether it has outcomes. `faults` are what the contract cannot read of a file, `taken` the
    columns that it has of the log's, and `left` those of such names that are something else.
    `unknown` are outcomes of which the profile has no names, of which the most frequent are kept.
    `impressions` are the rows of slates whose outcome has come, and `selected` those whose answers
    decided whether an outcome is seen.
    """

    profile: Profile
    slices: Slices
    pairs: dict[str, Pairs]
    first: datetime | None
    last: datetime | None
    answered: tuple[datetime, datetime] | None
    pending: int
    next_due: datetime | None
    others: int
    unscored: str | None
    labelled: bool
    faults: Faults = field(default_factory=dict)
    taken: frozenset[str] = frozenset()
    left: Faults = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)
    impressions: Impressions | None = None
    selected: Selected | None = None

    @property
    def chosen(self) -> Impressions | None:
        """The rows of slates that a policy chose, as far as their outcome has come."""
        return self.impressions.chosen() if self.impressions else None

    def __add__(self, other: "Window") -> "Window":
        spans = [span for span in (self.answered, other.answered) if span]
        return Window(
            profile=self.profile + other.profile,
            slices=slices.merged(self.slices, other.slices),
            pairs=challengers.merged(self.pairs, other.pairs),
            first=min(_known(self.first, other.first), default=None),
            last=max(_known(self.last, other.last), default=None),
            answered=(min(a for a, _ in spans), max(b for _, b in spans)) if spans else None,
            pending=self.pending + other.pending,
            next_due=min(_known(self.next_due, other.next_due), default=None),
            others=self.others + other.others,
            unscored=self.unscored or other.unscored,
            labelled=self.labelled or other.labelled,
            faults=column_faults.merged(self.faults, other.faults),
            taken=self.taken | other.taken,
            left=column_faults.merged(self.left, other.left),
            unknown=Counter(dict((self.unknown + other.unknown).most_common(MOST_UNKNOWN))),
            impressions=_both(self.impressions, other.impressions),
            selected=_both(self.selected, other.selected),
        )


def total(parts: Iterable[Window]) -> Window:
    """Add the parts of a window up."""
    return functools.reduce(operator.add, parts)


def _both(one: Part | None, other: Part | None) -> Part | None:
    return one + other if one and other else one or other


def _known(*moments: datetime | None) -> list[datetime]:
    return [moment for moment in moments if moment]
