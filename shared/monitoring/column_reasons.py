"""What is wrong with a column, and what is usual of it, in words."""

import difflib
from collections.abc import Sequence

from shared.baseline.baseline_profile import BaselineProfile
from shared.monitoring.detection import Deviation
from shared.monitoring.window import Window
from shared.profiles.counts import LOST
from shared.profiles.gram import HOUR

# A feed is broken, not only odd, when so large a share of its rows is.
BROKEN = 0.5


def of_column(
    name: str, beside: Sequence[str], first: Deviation, window: Window, usual: BaselineProfile
) -> tuple[str, str, str | None]:
    """Return what is wrong with a column, what to do, and what is likely behind it.

    Those `beside` it are missing in the same rows.
    """
    check = first.statistic.check
    if check == "missing":
        return _of_missing(name, beside, window, usual)
    if check == "new":
        return _of_new(name, window, usual)
    if check in ("linear dependence", "dependence"):
        return _of_ties(name, usual)
    what, step = _TOLD[check]
    if check == "spike" and first.number >= BROKEN:
        what = "{name} is stuck"
    if name == usual.plan.time:
        what = "rows arrive at other hours of the day"
        step = "Check whether rows are lost at some hours, or the clock is in another time zone."
    kind = window.profile.kinds.get(name)
    return what.format(name=name, kind=kind), step.format(name=name), None


_TOLD = {
    "unreadable": (
        "{name} cannot be read as a number ({kind})",
        "Check what is written into {name}: the model can read none of these values.",
    ),
    "spike": (
        "one value of {name} is far more frequent",
        "Check whether {name} is stuck, or filled in where it is missing.",
    ),
    "fewer": (
        "a frequent value of {name} has become rare",
        "Check whether rows with one value of {name} are lost, or sent elsewhere.",
    ),
    "unseen": (
        "{name} has values within its range that it never had before",
        "Check whether {name} has another unit, or is rounded differently.",
    ),
    "values": (
        "{name} has other values than before",
        "Check whether {name} has another unit, or is rounded differently.",
    ),
    "distance": (
        "{name} has shifted",
        "Look at {name} in the drift report: is it a new source, or the season?",
    ),
}


def _of_ties(name: str, usual: BaselineProfile) -> tuple[str, str, str | None]:
    """Name the columns that tell most of it; there are none where no tree told anything."""
    plan = usual.plan
    tied = HOUR if name == plan.time else name
    others = next((tie.others[:3] for tie in plan.dependences if tie.column == tied), ())
    shown = ", ".join(plan.time if other == HOUR else other for other in others)
    what = f"{name} no longer fits the other columns" + (f" ({shown})" if shown else "")
    step = f"Check whether {name} still comes from the same rows: "
    return what, f"{step}{shown or 'the other columns'} point to other values.", None


def _of_missing(
    name: str, beside: Sequence[str], window: Window, usual: BaselineProfile
) -> tuple[str, str, str | None]:
    profile, at = window.profile, LOST.index("missing")
    lost = int(profile.counts[f"lost {name}"][at])
    named, be, its = _and([name, *beside]), "are" if beside else "is", "their" if beside else "its"
    if lost == profile.size:
        step = f"Restore the feed of {named}: no row of the window has a value of {name}."
        return f"{named} {be} empty: {its} feed is lost", step, None
    before = usual.before()
    share, once = lost / profile.size, before[f"lost {name}"][at] / before["rows"]
    more = "more" if share > once else "less"
    step = f"Check where {named} {'come' if beside else 'comes'} from: {more} of {name} is missing "
    step += "than in training."
    more = f"together {more}" if beside else more
    what = f"{named} {be} missing {more} often: in {share:.1%} of the rows (expected {once:.1%})"
    return what, step, None


def _and(names: Sequence[str]) -> str:
    """Write names as a list in words: the first three, and how many more."""
    shown = [*names[:3], f"{len(names) - 3} more"] if len(names) > 4 else list(names)
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _of_new(name: str, window: Window, usual: BaselineProfile) -> tuple[str, str, str | None]:
    unseen = window.profile.unseen.get(name, {})
    if not unseen:
        low, high = window.profile.extremes[name]
        step = f"Check whether {name} can have such values: the model has never seen them."
        return f"{name} is far outside its range ({low:g} to {high:g})", step, None
    often = sorted(unseen, key=lambda value: (-unseen[value], value))
    seen = ", ".join(often[:3])
    step = f"Check whether {name} has renamed or new categories: the model has never seen {seen}."
    renamed = _renamed(name, unseen, window, usual)
    likely = f"renamed: {', '.join(f'{a} → {b}' for a, b in renamed)}" if renamed else None
    return f"{name} has new categories ({seen})", step, likely


def _renamed(
    name: str, unseen: dict[str, int], window: Window, usual: BaselineProfile
) -> list[tuple[str, str]]:
    """Suggest which new categories are old ones: of a like name, or of those gone as often."""
    known = usual.plan[name]
    assert known.kind == "category"
    bins, once = window.profile.counts[f"bins {name}"], usual.before()[f"bins {name}"]
    rows = max(bins.sum(), 1)
    lost = {
        value: once[at] / max(once.sum(), 1)
        for at, value in enumerate(known.categories)
        if bins[at] / rows < 0.5 * once[at] / max(once.sum(), 1)
    }
    pairs = []
    for value in sorted(unseen, key=lambda v: -unseen[v])[:10]:
        share = unseen[value] / rows
        written = {old.casefold().strip(): old for old in lost}
        like = difflib.get_close_matches(value.casefold().strip(), list(written), 1, 0.6)
        near = [old for old, before in lost.items() if 0.5 < share / before < 2]
        if like:
            pairs.append((written[like[0]], value))
        elif len(near) == 1:
            pairs.append((near[0], value))
    return pairs


def beside(deviation: Deviation) -> str:
    """Tell what a threshold comes from."""
    return spans(deviation.blocks, deviation.hours, deviation.largest)


def spans(blocks: int | None, hours: int | None, largest: float | None) -> str:
    if largest is None:
        return "the history is too short to learn more than chance"
    return f"the largest of {blocks} normal spans of {_long(hours or 0)} was {largest:.3g}"


def _long(hours: int) -> str:
    return f"{hours / 24:g} days" if hours > 24 else f"{hours} hours"
