"""What the model and its service have not kept of what they promised, in words."""

from collections.abc import Sequence

from shared.monitoring import column_reasons
from shared.monitoring.challengers import Comparison
from shared.monitoring.quality import BIAS, Loss, Quality
from shared.monitoring.service import Service
from shared.monitoring.verdict import Level, Reason
from shared.settings import Monitor
from shared.tasks import metrics

# Fewer failed or refused requests than this are accidents, whatever their share.
FEWEST_REQUESTS = 5
# What a slice that holds fewer of the rows has lost wakes nobody.
LARGE_SLICE = 0.1


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
    named = "the share that came true" if loss.metric == BIAS else metrics.words(loss.metric)
    promised = "predicted" if loss.metric == BIAS else "promised"
    what = f"{named} is {loss.now:.3f} where {loss.promised:.3f} was {promised}"
    if loss.slice:
        what = f"where {loss.slice} ({loss.share:.0%} of the rows), {what}"
    return Reason(
        level="act" if loss.share >= LARGE_SLICE else "watch",
        stage="quality",
        what=what,
        column=loss.slice,
        number=loss.loss,
        threshold=loss.threshold,
        unit="lost",
        next_step=step,
        usual=column_reasons.spans(loss.blocks, loss.hours, loss.largest),
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
