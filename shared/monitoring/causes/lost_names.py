"""Names of a category that have lost rows, and which of the new ones stand for them."""

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from shared.monitoring.case import Case
from shared.profiles.counting_plan import CategoryPlan

# Of new names so many are looked for.
MOST_RENAMED = 10
# So many standard errors less are no chance.
SURELY = 3.0
# A new name has about the share that the one has lost which it stands for, but for so much of it.
AS_MUCH = 0.25
# Names that were cut short have at least such a share of what those have lost that begin so.
CUT = 0.5
NUMBER = re.compile(r"\d+")


class LostShares(NamedTuple):
    """What share each known name has lost, those beyond chance alone, and those less than half."""

    each: dict[str, float]
    surely: dict[str, float]
    gone: list[str]


def lost_shares(name: str, case: Case) -> LostShares:
    """Return what shares known names have lost since history."""
    planned = case.baseline.plan[name]
    assert isinstance(planned, CategoryPlan)
    now, before = case.profile.counts[f"bins {name}"], case.history[f"bins {name}"]
    once, rows = before / max(before.sum(), 1), max(now.sum(), 1)
    lost = once - now / rows
    surely = lost > SURELY * np.sqrt(once * (1 - once) / rows)
    names = [*enumerate(planned.categories)]
    gone = [value for at, value in names if now[at] / rows < 0.5 * once[at]]
    each = {value: float(lost[at]) for at, value in names}
    return LostShares(each, {value: each[value] for at, value in names if surely[at]}, gone)


def cut_short(
    unseen: Mapping[str, int], lost: Mapping[str, float], known: Sequence[str], rows: int
) -> dict[str, str]:
    """Return the known names that begin as all new ones, if these stand for them; else none.

    Numbers in names go on to other ones: a first product is no eleventh that was cut short. Codes
    that are all of one length are no numbers.
    """
    are_codes = len({*map(len, known)}) == 1
    pairs = {
        old: value
        for value in sorted(unseen, key=lambda each: -unseen[each])
        for old in known
        if value and old.startswith(value) and _ends_within(value, old, are_codes)
    }
    share = sum(lost.get(old, 0.0) for old in pairs)
    is_all = {*pairs.values()} >= {*unseen}
    return pairs if is_all and share >= CUT * sum(unseen.values()) / rows else {}


def _ends_within(value: str, old: str, are_codes: bool) -> bool:
    if len(old) <= len(value):
        return False
    return are_codes or not (value[-1].isdigit() and old[len(value)].isdigit())


def renamed(
    unseen: Mapping[str, int], lost: Mapping[str, float], rows: int
) -> list[tuple[str, str]]:
    """Suggest which new names are old ones: of a like name, or of one that has lost as much."""
    pairs = []
    for value in sorted(unseen, key=lambda v: -unseen[v])[:MOST_RENAMED]:
        share = unseen[value] / rows
        written = {old.casefold().strip(): old for old in lost if not numbered(old, value)}
        like = difflib.get_close_matches(value.casefold().strip(), [*written], 1, 0.6)
        near = [old for old, less in lost.items() if _is_as_much(share, less, rows)]
        if like:
            pairs.append((written[like[0]], value))
        elif len(near) == 1 and not numbered(near[0], value):
            pairs.append((near[0], value))
    return pairs


def _is_as_much(share: float, less: float, rows: int) -> bool:
    return abs(share - less) <= max(AS_MUCH * less, float(np.sqrt((share + less) / rows)))


def numbered(old: str, new: str) -> bool:
    """Tell whether names are alike but for their numbers, as those of different things are."""
    one, other = (NUMBER.sub("#", name.casefold().strip()) for name in (old, new))
    return one == other and "#" in one
