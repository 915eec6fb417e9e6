"""Objectives that the model or its service missed: losses of quality, and a sick service."""

from collections.abc import Sequence

from shared.model.verdict import ChallengerComparison, Level, Reason
from shared.monitoring import column_reasons
from shared.monitoring.quality import BIAS, Loss, Quality
from shared.monitoring.service import Service
from shared.sections import Monitor
from shared.tasks import metrics

# Fewer failed or refused requests than this are accidents, whatever their share.
FEWEST_REQUESTS = 5
# What a slice that holds fewer of the rows has lost wakes nobody.
LARGE_SLICE = 0.1


def of_quality(
    quality: Quality, rivals: Sequence[ChallengerComparison], monitor: Monitor
) -> list[Reason]:
    """Name the losses of quality that are beyond their thresholds."""
    if quality.state == "none came" and quality.due >= monitor.minimum_outcomes:
        step = "Check whether outcomes still reach the log: without them quality is unknown."
        what = f"none of the {quality.due:,} outcomes that are due has arrived"
        return [
            Reason(
                level="watch",
                stage="outcomes",
                what=what,
                column=None,
                number=1.0,
                threshold=0.0,
                unit="of due rows",
                next_step=step,
            )
        ]
    better = [rival for rival in rivals if rival.better and not rival.worse]
    lost = [loss for loss in quality.losses if loss.loss > loss.threshold]
    # What all rows have lost, a slice has lost with them: it is told once.
    whole = {loss.metric for loss in lost if not loss.slice}
    told = [loss for loss in lost if not loss.slice or loss.metric not in whole]
    return [_of_loss(loss, quality, better[:1]) for loss in told]


def _of_loss(loss: Loss, quality: Quality, better: Sequence[ChallengerComparison]) -> Reason:
    """Write the reason for a loss; that of a slice with few of the rows wakes nobody."""
    step = "Train again on rows up to now, and put the challenger to review."
    if better:
        step = f"Review the challenger {better[0].challenger[:12]}: it is better on the same rows."
    what = _change(loss)
    if loss.slice:
        what = f"{what} where {loss.slice} ({loss.share:.0%} of the rows)"
    return Reason(
        level="act" if loss.share >= LARGE_SLICE else "watch",
        stage="quality",
        what=what,
        column=loss.slice,
        number=loss.loss,
        threshold=loss.threshold,
        unit="lost",
        next_step=step,
        baseline=column_reasons.spans(loss.blocks, loss.hours, loss.largest),
        likely_cause=None if loss.slice else _why(loss, quality),
    )


def _change(loss: Loss) -> str:
    """Write what a score was expected to be, and what it is."""
    verb = "rose" if loss.now > loss.promised else "fell"
    if loss.metric == BIAS:
        return f"the observed share {verb} to {loss.now:.3f} (predicted {loss.promised:.3f})"
    metric = metrics.metric_name(loss.metric)
    return f"{metric} {verb} to {loss.now:.3f} (expected {loss.promised:.3f})"


def _why(loss: Loss, quality: Quality) -> str | None:
    """Write whether the probabilities alone explain a loss, and where it is the largest."""
    likely = []
    expected = {str(name): score for name, score in quality.estimated.items()}.get(loss.metric)
    if expected is not None:
        harder = expected.low <= loss.now <= expected.high
        cause = (
            "these rows are harder to predict" if harder else "such inputs have other outcomes now"
        )
        likely += [f"{cause} (the probabilities alone predict {expected.value:.3f})"]
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
            "Check what its callers send: rows that break the contract get no answer.",
        ),
        _objective(
            ("watch", slow, monitor.p99_ms, "ms"),
            f"p99 latency reached {slow:,.0f} ms in the slowest minute",
            "Check what else the machine is doing, and whether more workers would help.",
        ),
        _objective(
            ("watch", service.silent_minutes, monitor.silent_minutes, "minutes"),
            f"the service was silent for {service.silent_minutes:,} minutes",
            "Check whether the service or its machine was stopped: it answered nobody then.",
        ),
        _objective(
            ("watch", spooled, monitor.spooled_rows, "rows"),
            f"up to {spooled:,} rows waited on disk for the log",
            "Check why the log's database was away: the disk holds only so many rows.",
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
    return Reason(
        level=level,
        stage="service",
        what=what,
        column=None,
        number=number,
        threshold=limit,
        unit=unit,
        next_step=step,
    )
