"""Names of categories: what new ones may have been called, and known ones that were exchanged."""

import itertools
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from shared.monitoring.case import Case
from shared.monitoring.causes import lost_names
from shared.monitoring.causes.categories.encodings import garbled_names, without_accents
from shared.profiles.counting_plan import CategoryPlan, NumberPlan
from shared.schema.texts import zeros_lost
from shared.words import quoted_if_odd

# So many pairs of names are shown.
SHOWN = 3
# A list is another one where so many of its names are new, and about as many are gone.
FEWEST_NAMES, ABOUT_AS_MANY = 5, 0.2
# Exchanged back, two names leave so little of what the shares were off, or no more than so many
# times what chance leaves, which is not most of it.
REMAINS, TIMES_CHANCE, NOT_MOST = 0.15, 1.5, 0.4
# What a number is that is a boolean, or written for one.
FLAG = (0.0, 1.0)
# A name no longer comes where it has less than so much of its share.
GONE = 0.05
# Of so many names whose shares moved the most, each two may have been exchanged.
MOST_MOVED = 6
# Names that are rarer, or of shares less far apart, are not told to be exchanged.
LEAST_SHARE, LEAST_APART = 0.02, 0.1
# How a name may be written otherwise, in words.
WRITTEN: dict[str, Callable[[str], str]] = {
    "in another case": str.casefold,
    "with other blanks": lambda name: "".join(name.split()),
    "in another case and with other blanks": lambda name: "".join(name.casefold().split()),
    "in another form of Unicode": lambda name: unicodedata.normalize("NFC", name),
    "with other accents": without_accents,
    "with other signs": lambda name: "".join(filter(str.isalnum, name.casefold())),
}


def new_names_words(name: str, often: Sequence[str], case: Case) -> str | None:
    """Say what new categories, the most frequent first, may have been called; None if unknown."""
    planned, unseen = case.baseline.plan[name], case.profile.unseen[name]
    known = planned.categories if isinstance(planned, CategoryPlan) else ()
    if written := _written_words(often, known):
        return written
    lost = lost_names.lost_shares(name, case)
    rows = max(case.profile.counts[f"bins {name}"].sum(), 1)
    if cut := lost_names.cut_short(unseen, lost.each, known, rows):
        return f"cut short: {_pairs_words(cut)}"
    gone, few = lost.gone, min(len(often), len(lost.gone)) < FEWEST_NAMES
    if not few and abs(len(often) - len(gone)) <= ABOUT_AS_MANY * len(gone):
        return f"another list of names: {len(often)} are new, and {len(gone)} known ones have gone"
    renamed = lost_names.renamed(unseen, lost.surely, rows)
    return f"renamed: {', '.join(itertools.starmap(_pair_words, renamed))}" if renamed else None


def _written_words(often: Sequence[str], known: Sequence[str]) -> str | None:
    """Say how new names are known ones written otherwise, if all of them are."""
    if lost := zeros_lost(often, known):
        return f"zeros are lost: {_pairs_words({old: new for new, old in lost.items()})}"
    for how, written in WRITTEN.items():
        old_of = {written(old): old for old in reversed(known)}
        if all(written(value) in old_of for value in often):
            return f"{how}: {_pairs_words({old_of[written(value)]: value for value in often})}"
    if garbled := garbled_names(often, known):
        return f"in another encoding: {_pairs_words(garbled)}"
    return _added(often, known) if len(often) > 1 else None


def other_spellings(names: Iterable[str], known: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return those of new names that are known ones written otherwise: which one, and how."""
    new, found = set(names) - set(known), dict[str, tuple[str, str]]()
    for how, written in WRITTEN.items():
        old_of = {written(old): old for old in reversed(known)}
        alike = {name: old_of[written(name)] for name in new if old_of.get(written(name))}
        found = {name: (old, how) for name, old in alike.items()} | found
    return found


def exchanged_names(name: str, case: Case) -> tuple[str, str] | None:
    """Return two categories whose shares are each other's, where all others are as they were.

    False and true are two, as are 0 and 1 of a number that had no other values.
    """
    planned = case.baseline.plan.by_name.get(name)
    # Of the time no bins are counted.
    counts = (case.profile.counts, case.history) if planned else ()
    bins = [counted[f"bins {name}"] for counted in counts]
    if isinstance(planned, CategoryPlan):
        names = planned.categories
    elif isinstance(planned, NumberPlan) and planned.values == FLAG:
        at = np.searchsorted(planned.edges, FLAG, side="right")
        bins = [_flags_first(counted, at) for counted in bins]
        names = _flag_names(name, case)
    else:
        return None
    now, before = (counted / max(counted.sum(), 1) for counted in bins)
    off = np.abs(now - before)
    moved = np.argsort(-off[:-1], kind="stable")[:MOST_MOVED]
    apart = [
        (off.sum() - off[[a, b]].sum() + abs(now[a] - before[b]) + abs(now[b] - before[a]), a, b)
        for a, b in itertools.combinations(sorted(moved), 2)
        if min(before[[a, b]]) >= LEAST_SHARE and abs(before[a] - before[b]) >= LEAST_APART
    ]
    left, one, other = min(apart, default=(np.inf, 0, 0))
    # The mean distance of shares of so many rows from the ones that they are drawn with.
    chance = np.sqrt(2 / np.pi * before * (1 - before) / max(bins[0].sum(), 1)).sum()
    most = max(REMAINS * off.sum(), min(TIMES_CHANCE * chance, NOT_MOST * off.sum()))
    return (names[one], names[other]) if left <= most else None


def _flags_first(counted: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return how many rows are 0 and 1, by the places of their bins, and how many are neither."""
    held = counted[at]
    return np.append(held, counted.sum() - held.sum())


def _flag_names(name: str, case: Case) -> tuple[str, str]:
    """Return the names of 0 and 1, which a boolean has as false and true."""
    is_boolean = name in case.profile.sample and case.profile.sample[name].dtype == bool
    return ("false", "true") if is_boolean else ("0", "1")


def merged_names(name: str, case: Case) -> tuple[str, str] | None:
    """Return a category that no longer comes and the one that grew by as much, and no other did."""
    planned = case.baseline.plan.by_name.get(name)
    if not isinstance(planned, CategoryPlan):
        return None
    bins = (case.profile.counts[f"bins {name}"], case.history[f"bins {name}"])
    now, before = (counted / max(counted.sum(), 1) for counted in bins)
    grown = now - before
    gone, grew = int(grown.argmin()), int(grown[:-1].argmax())
    lost = before[gone]
    if gone >= len(planned.categories) or lost < LEAST_SHARE or now[gone] > GONE * lost:
        return None
    # Lost rows would leave the others larger by their shares; of two that is the same.
    others = np.delete(grown, [gone, grew])
    chance = np.sqrt(before * (1 - before) / max(bins[0].sum(), 1)).sum()
    is_as_much = abs(grown[grew] - lost) <= max(REMAINS * lost, min(chance, NOT_MOST * lost))
    if not is_as_much or np.abs(others).sum() > max(REMAINS * lost, min(chance, NOT_MOST * lost)):
        return None
    return planned.categories[gone], planned.categories[grew]


def _pair_words(old: str, new: str) -> str:
    return f"{quoted_if_odd(old)} → {quoted_if_odd(new)}"


def _pairs_words(renamed: Mapping[str, str]) -> str:
    pairs = [*itertools.starmap(_pair_words, renamed.items())]
    more = f", and {len(pairs) - SHOWN} more" if len(pairs) > SHOWN else ""
    return ", ".join(pairs[:SHOWN]) + more


def _added(often: Sequence[str], known: Sequence[str]) -> str | None:
    """Say what stands before or after known names in all new ones, if it is the same."""
    first = max((old for old in known if old and old in often[0]), key=len, default=None)
    if first is None:
        return None
    begin, _, end = often[0].partition(first)
    old_of = {f"{begin}{old}{end}": old for old in known}
    if not all(value in old_of for value in often):
        return None
    signs = [f"{begin!r} before"] * bool(begin) + [f"{end!r} after"] * bool(end)
    return f"with {' and '.join(signs)}: {_pairs_words({old_of[v]: v for v in often})}"
