"""What passed its threshold, in words: what it is, how far, why probably, and what to do."""

import difflib
from collections.abc import Iterable, Sequence

from shared import scores
from shared.monitoring.breaches import Breach
from shared.monitoring.findings import Findings
from shared.monitoring.quality import BIAS, Loss, Quality
from shared.monitoring.rivals import Comparison
from shared.monitoring.service import Service
from shared.monitoring.verdict import Level, Reason, Stage
from shared.monitoring.window import Window
from shared.profiles.counts import LOST
from shared.profiles.deviations import Deviation
from shared.profiles.plan import SCORE
from shared.profiles.relations import HOUR
from shared.profiles.usual import Usual
from shared.settings import Monitor

# Fewer failed or refused requests than this are accidents, whatever their share.
FEWEST_REQUESTS = 5
# A feed is broken, not only odd, when so large a share of its rows is.
BROKEN = 0.5
# The model leans on a feature that carries so much of its order; and on a slice of so many rows.
LEANS = 0.1
BEYOND = 2.0
# The checks in the order in which they tell what is wrong: the first one names it.
TELLING = ("unreadable", "missing", "new", "spike", "unseen", "values", "distance", "relation")
ODD = ("unreadable", "missing", "new", "spike", "unseen")
SHARE = "of rows"
UNITS = {
    "missing": "of rows more, or fewer",
    "unreadable": SHARE,
    "new": SHARE,
    "unseen": SHARE,
    "spike": "of rows gained by one value",
    "values": "of values would have to be others (total variation)",
    "distance": "from history (mean difference of the distribution functions)",
    "relation": "times its usual distance from what the other columns tell",
    "volume": "in natural logarithms of the usual number of rows",
    "silence": "of a usual day's rows, without any",
}
MOVED = "of rows would have to change (total variation)"


def of_contract(breaches: Iterable[Breach]) -> list[Reason]:
    """Name each breach of the contract."""
    found = []
    for breach in breaches:
        seen = f" ({breach.seen})" if breach.seen else ""
        what = f"{breach.column}: {breach.problem}{seen}"
        step = f"Mend what feeds {breach.column}: it breaks the contract of the bundle."
        found.append(Reason("act", "contract", what, breach.column, breach.share, 0.0, SHARE, step))
    return found


def of_arrivals(found: Findings) -> list[Reason]:
    """Name rows that came too many, too few, twice, or not at all for a time."""
    reasons = []
    if found.repeated:
        name, share = found.repeated
        what = f"{share:.1%} of the rows repeat {'a key' if name != 'row' else 'another row'}"
        step = "See whether a feed was sent twice, or its callers ask again."
        reasons.append(Reason("watch", "feed", what, name, share, 0.01, SHARE, step))
    for deviation in found.deviations:
        check, column = deviation.statistic
        if deviation.beyond and check in ("volume", "silence"):
            step = "See whether rows were lost, or sent elsewhere, before they were answered."
            told = {
                "volume": "the number of rows is not the usual one",
                "silence": "no row came for an unusually long time",
            }
            reasons.append(_reason("watch", "feed", told[check], column, deviation, step))
    return reasons


def of_columns(found: Findings, window: Window, usual: Usual) -> list[Reason]:
    """Name the columns that are to blame, the worst first, each by what tells most of it."""
    reasons: list[Reason] = []
    caused = found.cause.columns if found.cause else ()
    time = usual.plan.time
    culprits = [HOUR if name == time else name for name in caused]
    culprits += [name for name in found.culprits if name not in culprits]
    for name in culprits:
        beyond = {d.statistic.check: d for d in found.deviations if d.statistic.column == name}
        beyond = {check: d for check, d in beyond.items() if d.beyond}
        shown = time if name == HOUR else name
        first = next((beyond[check] for check in TELLING if check in beyond), None)
        if first is None or (reasons and shown in caused and shown == caused[-1]):
            # Of two that changed places, one reason is enough.
            continue
        if found.cause and shown in caused:
            reasons.append(_caused(found, first))
        else:
            reasons.append(_of_column(shown, first, found, window, usual))
    return reasons


def _caused(found: Findings, first: Deviation) -> Reason:
    assert found.cause
    name, share = found.cause.columns[0], found.cause.share
    what = found.cause.words + (f", in {share:.0%} of the rows" if share < 1 else "")
    step = f"Ask what feeds {' and '.join(found.cause.columns)} what it changed, and turn it back."
    level: Level = "act" if share >= BROKEN else "watch"
    return _reason(
        level, "feed", what, name, first, step, "just that: undone, the window is usual again"
    )


def _of_column(
    name: str, first: Deviation, found: Findings, window: Window, usual: Usual
) -> Reason:
    check, number = first.statistic.check, first.number
    if name == SCORE:
        stuck = check == "spike" and number >= BROKEN
        what = "the score is stuck" if stuck else _SCORE.get(check, "the score has shifted")
        step = "Look for what moved the inputs; once outcomes come, see what it cost."
        return _reason("act" if stuck else "watch", "predictions", what, SCORE, first, step)
    what, step, likely = _words(name, first, window, usual)
    leans = found.importance.get(name, 0.0)
    stage: Stage = "feed" if check in ODD else "inputs"
    level: Level = "watch"
    if (check in ODD and number >= BROKEN) or (leans >= LEANS and first.excess >= BEYOND):
        level = "act"
    if leans:
        likely = "; ".join(w for w in (likely, f"{leans:.0%} of the model's order is its") if w)
    return _reason(level, stage, what, name, first, step, likely)


_SCORE = {"missing": "rows without a score have become more, or fewer"}


def _words(
    name: str, first: Deviation, window: Window, usual: Usual
) -> tuple[str, str, str | None]:
    """Return what is wrong with a column, what to do, and what is likely behind it."""
    check = first.statistic.check
    if check == "missing":
        return _of_missing(name, window, usual)
    if check == "new":
        return _of_new(name, window, usual)
    what, step = _TOLD[check]
    if check == "spike" and first.number >= BROKEN:
        what = "{name} is stuck"
    if name == usual.plan.time:
        what = "the rows come at other hours of the day"
        step = "See whether rows are lost at some hours, or the clock has another zone."
    kind = window.profile.kinds.get(name)
    return what.format(name=name, kind=kind), step.format(name=name), None


_TOLD = {
    "unreadable": (
        "{name} cannot be read as a number ({kind})",
        "See what is written into {name}: the model reads none of these values.",
    ),
    "spike": (
        "{name} has one value far more often",
        "See whether {name} is stuck, or filled in where it is missing.",
    ),
    "unseen": (
        "{name} takes values, within its range, that it never had",
        "See whether {name} has another unit, or is rounded in another way.",
    ),
    "values": (
        "{name} takes other values than it used to",
        "See whether {name} has another unit, or is rounded in another way.",
    ),
    "distance": (
        "{name} has shifted",
        "Look at {name} in the drift report: is it a new source, or the season?",
    ),
    "relation": (
        "{name} does not fit the other columns any more",
        "See what feeds {name}: its values and those of the other columns do not go together.",
    ),
}


def _of_missing(name: str, window: Window, usual: Usual) -> tuple[str, str, str | None]:
    profile, at = window.profile, LOST.index("missing")
    lost = int(profile.counts[f"lost {name}"][at])
    if lost == profile.size:
        step = f"Restore the feed of {name}: no row of the window holds a value of it."
        return f"{name} is empty: its feed is lost", step, None
    before = usual.before()
    share, once = lost / profile.size, before[f"lost {name}"][at] / before["rows"]
    more = "more" if share > once else "less"
    step = f"See where {name} comes from: {more} of it is missing than the model knew."
    return f"{name} is missing {more} often: in {share:.1%} of the rows, not {once:.1%}", step, None


def _of_new(name: str, window: Window, usual: Usual) -> tuple[str, str, str | None]:
    unseen = window.profile.unseen.get(name, {})
    if not unseen:
        low, high = window.profile.extremes[name]
        step = f"See whether {name} may take such values; the model never met them."
        return f"{name} is far out of its range ({low:g} to {high:g})", step, None
    often = sorted(unseen, key=lambda value: (-unseen[value], value))
    seen = ", ".join(often[:3])
    step = f"See whether {name} was renamed or has grown; the model never met {seen}."
    renamed = _renamed(name, unseen, window, usual)
    likely = f"renamed: {', '.join(f'{a} → {b}' for a, b in renamed)}" if renamed else None
    return f"{name} holds new categories ({seen})", step, likely


def _renamed(
    name: str, unseen: dict[str, int], window: Window, usual: Usual
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


def _reason(
    level: Level,
    stage: Stage,
    what: str,
    column: str | None,
    deviation: Deviation,
    step: str,
    likely: str | None = None,
) -> Reason:
    unit = UNITS[deviation.statistic.check]
    if deviation.statistic.check == "distance" and deviation.statistic.column == HOUR:
        unit = MOVED
    return Reason(
        level=level,
        stage=stage,
        what=what,
        column=column,
        number=deviation.number,
        threshold=deviation.threshold,
        unit=unit,
        next_step=step,
        usual=beside(deviation),
        likely=likely,
    )


def beside(deviation: Deviation) -> str:
    """Tell what a threshold comes from."""
    return _spans(deviation.blocks, deviation.hours, deviation.largest)


def _spans(blocks: int | None, hours: int | None, largest: float | None) -> str:
    if largest is None:
        return "history is too short to tell more than what chance makes of so few rows"
    return f"the largest of {blocks} ordinary spans of {_long(hours or 0)} was {largest:.3g}"


def _long(hours: int) -> str:
    return f"{hours / 24:g} days" if hours > 24 else f"{hours} hours"


def of_quality(quality: Quality, rivals: Sequence[Comparison], monitor: Monitor) -> list[Reason]:
    """Name what the model has surely lost of what its bundle promised."""
    if quality.state == "none came" and quality.due >= monitor.minimum_outcomes:
        step = "See whether outcomes still reach the log: without them quality is not known."
        what = f"no outcome has come of {quality.due:,} that are due"
        return [Reason("watch", "outcomes", what, None, 1.0, 0.0, "of due rows", step)]
    better = [rival for rival in rivals if rival.better and not rival.worse]
    lost = [loss for loss in quality.losses if loss.loss > loss.threshold]
    # What all rows have lost, a slice has lost with them: it is told once.
    whole = {loss.metric for loss in lost if not loss.slice}
    told = [loss for loss in lost if not loss.slice or loss.metric not in whole]
    return [_of_loss(loss, quality, better[:1]) for loss in told]


def _of_loss(loss: Loss, quality: Quality, better: Sequence[Comparison]) -> Reason:
    """Tell a loss; that of a slice which holds few of the rows wakes nobody."""
    step = "Train again on rows up to now, and put the challenger to review."
    if better:
        step = f"Review the challenger {better[0].challenger[:12]}: on the same rows it is better."
    named = "the share that came true" if loss.metric == BIAS else scores.words(loss.metric)
    promised = "predicted" if loss.metric == BIAS else "promised"
    what = f"{named} is {loss.now:.3f} where {loss.promised:.3f} was {promised}"
    if loss.slice:
        what = f"where {loss.slice} ({loss.share:.0%} of the rows), {what}"
    return Reason(
        level="act" if loss.share >= LEANS else "watch",
        stage="quality",
        what=what,
        column=loss.slice,
        number=loss.loss,
        threshold=loss.threshold,
        unit="lost",
        next_step=step,
        usual=_spans(loss.blocks, loss.hours, loss.largest),
        likely=None if loss.slice else _why(loss, quality),
    )


def _why(loss: Loss, quality: Quality) -> str | None:
    """Tell whether the probabilities alone let expect a loss, and where it is the largest."""
    likely = []
    expected = {str(name): score for name, score in quality.estimated.items()}.get(loss.metric)
    if expected is not None:
        harder = expected.low <= loss.now <= expected.high
        cause = "such rows are harder to tell" if harder else "inputs have other outcomes now"
        likely += [f"{cause}: the probabilities alone let expect {expected.value:.3f}"]
    alike = [one for one in quality.losses if one.slice and one.metric == loss.metric]
    if alike:
        worst = max(alike, key=lambda one: one.loss / one.threshold)
        likely += [f"it is worst where {worst.slice} ({worst.now:.3f})"]
    return "; ".join(likely) or None


def of_service(service: Service | None, monitor: Monitor) -> list[Reason]:
    """Name a service that failed, refused, delayed or missed more than it may."""
    if service is None:
        return []
    failures = monitor.error_share if service.errors >= FEWEST_REQUESTS else None
    refusals = monitor.rejected_share if service.rejected >= FEWEST_REQUESTS else None
    slow, spooled = service.p99_ms or 0.0, service.spool_rows or 0
    found = [
        _objective(
            ("act", service.share(service.errors), failures, "of requests"),
            f"the service failed {service.errors:,} of {service.requests:,} requests",
            "Read the service's log for the errors; roll back if they came with a bundle.",
        ),
        _objective(
            ("watch", service.share(service.rejected), refusals, "of requests"),
            f"the service refused {service.rejected:,} of {service.requests:,} requests",
            "See what its callers send: rows that break the contract get no answer.",
        ),
        _objective(
            ("watch", slow, monitor.p99_ms, "ms"),
            f"in its slowest minute the service took {slow:,.0f} ms for one in a hundred",
            "See what else the machine does, and whether it takes more workers.",
        ),
        _objective(
            ("watch", service.silent_minutes, monitor.silent_minutes, "minutes"),
            f"the service reported nothing in {service.silent_minutes:,} minutes",
            "See whether it was stopped, or its machine: nobody was answered then.",
        ),
        _objective(
            ("watch", spooled, monitor.spooled_rows, "rows"),
            f"up to {spooled:,} rows waited on disk for the log",
            "See why the log's database was away: rows are kept, but only so many.",
        ),
    ]
    return [reason for reason in found if reason]


def _objective(
    measured: tuple[Level, float, float | None, str], what: str, step: str
) -> Reason | None:
    """Return a reason if a number is beyond what the settings allow, where they say anything."""
    level, number, limit, unit = measured
    if limit is None or number <= limit:
        return None
    return Reason(level, "service", what, None, number, limit, unit, step)
