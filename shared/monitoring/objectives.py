"""Objectives that the model or its service missed: losses of quality, and a sick service."""

from collections.abc import Sequence

from shared.kinds import looks_inverted, metric_name, metric_text, turned_round
from shared.model.verdict import ChallengerComparison, Level, Reason
from shared.monitoring.outcomes import aims
from shared.monitoring.outcomes.lacking_outcomes import OF_DUE, TOO_FEW
from shared.monitoring.outcomes.losses import BIAS, SHARE, Loss
from shared.monitoring.outcomes.quality import Quality
from shared.monitoring.service import Service
from shared.monitoring.wording import class_reasons
from shared.monitoring.wording.deviation_reasons import threshold_source
from shared.monitoring.wording.retraining import TRAIN_AGAIN
from shared.sections.operation import Monitor
from shared.tasks.multiclass.class_shares import UNKNOWN, share_words
from shared.tasks.task import TaskWords
from shared.words import in_form, number_of

# Fewer failed or refused requests than this are accidents, whatever their share.
FEWEST_REQUESTS = 5
# What a slice that holds fewer of the rows, or has fewer outcomes of another class, has lost wakes
# nobody.
LARGE_SLICE, MANY_OUTCOMES = 0.1, 20
# A slice that has lost about as much as all rows is not where the loss is.
MUCH_MORE = 4 / 3


def quality_reasons(
    quality: Quality,
    challengers: Sequence[ChallengerComparison],
    monitor: Monitor,
    words: TaskWords,
) -> list[Reason]:
    """Name the losses of quality that are beyond their thresholds."""
    if quality.state == "none came" and quality.due >= monitor.minimum_outcomes:
        return [_no_outcomes(quality)]
    better = [each.challenger for each in challengers if each.better and not each.worse]
    proven = [loss for loss in quality.losses if loss.proven]
    respelled = class_reasons.respelled_reasons(quality)
    if any(reason.level == "act" for reason in respelled):
        # Scores without these rows say nothing of the model.
        return respelled
    if quality.state == "one class":
        return [_one_class(loss, quality, words) for loss in proven[:1]]
    # What all rows have lost, a slice has lost with them: one reason is enough.
    overall = {loss.metric for loss in proven if not loss.slice}
    missed = [aims.aim_reason(one) for one in quality.missed if one.metric not in overall]
    biased = [loss.of for loss in proven if loss.metric == BIAS]
    return (
        respelled
        + ([] if proven else class_reasons.new_class_reasons(quality))
        + missed
        + [
            _loss_reason(loss, quality, better[:1], words)
            for loss in proven
            if not (loss.slice and loss.metric in overall)
            and not (loss.metric == SHARE and loss.of in biased)
        ]
    )


def _no_outcomes(quality: Quality) -> Reason:
    due = number_of(quality.due, "outcome that is due", "outcomes that are due")
    return Reason(
        level="watch",
        stage="outcomes",
        what=f"none of the {due} has arrived",
        number=1.0,
        threshold=1 - TOO_FEW,
        unit=OF_DUE,
        next_step="Check whether outcomes still reach the log: without them quality is unknown.",
    )


def _one_class(loss: Loss, quality: Quality, words: TaskWords) -> Reason:
    """Write the reason for outcomes that are all alike: it is they who are wrong, not the model."""
    others = "other classes" if loss.of else "the other class"
    unknown = class_reasons.unknown_words(quality)
    return Reason(
        level="act",
        stage="outcomes",
        what=unknown or f"all {quality.received:,} outcomes are {_alike(loss)}",
        number=loss.loss,
        threshold=loss.threshold,
        unit=_unit(loss, words),
        next_step="Check what feeds the outcomes: "
        + ("classes may be renamed, or new." if unknown else f"those of {others} may be lost."),
        baseline=threshold_source(loss.blocks, loss.hours, loss.largest, _unit(loss, words)),
    )


def _alike(loss: Loss) -> str:
    """Write what all outcomes are, and what was predicted of them."""
    if not loss.of:
        return f"{'true' if loss.now else 'false'} (predicted {loss.expected:.1%} true)"
    if loss.now == 1:
        return f"{share_words(loss.of)} (predicted {loss.expected:.1%})"
    return f"of one class, and none is {share_words(loss.of)} (predicted {loss.expected:.1%})"


def _loss_reason(loss: Loss, quality: Quality, better: Sequence[str], words: TaskWords) -> Reason:
    """Write the reason for a loss; that of a slice with few of the rows wakes nobody."""
    few = loss.share < LARGE_SLICE or (loss.telling is not None and loss.telling < MANY_OUTCOMES)
    step = f"{TRAIN_AGAIN.capitalize()}, and have the challenger reviewed."
    if _may_be_renamed(loss, quality, words):
        step = f"Check first whether outcomes are lost or renamed. {step}"
    if better:
        step = f"Review the challenger {better[0][:12]}: it is better on the same rows."
    what = _change(loss, words)
    if loss.slice:
        what = f"{what} where {loss.slice} ({loss.share:.0%} of the rows)"
    return Reason(
        level="watch" if few else "act",
        stage="quality",
        what=what,
        column=loss.slice,
        number=loss.loss,
        threshold=loss.threshold,
        unit=_unit(loss, words),
        next_step=step,
        baseline=threshold_source(loss.blocks, loss.hours, loss.largest, _unit(loss, words)),
        likely_cause=None if loss.slice else _likely_cause(loss, quality, words),
    )


def _may_be_renamed(loss: Loss, quality: Quality, words: TaskWords) -> bool:
    """Say whether outcomes of a kind became rarer, or those of unknown classes oftener.

    Where scores are lost, too, the model may err in more than how many there are of a kind.
    """
    scored = any(one.proven and one.metric not in (BIAS, SHARE) for one in quality.losses)
    is_share = loss.metric == BIAS and words.form.endswith("%") and not scored
    fell = (loss.metric == SHARE or is_share) and loss.now < loss.expected
    return fell or (loss.of == UNKNOWN and loss.now > loss.expected)


def _unit(loss: Loss, words: TaskWords) -> str:
    side = "above" if loss.now > loss.expected else "below"
    if loss.metric == BIAS:
        return f"{words.unit} ({side} the {words.predicted})"
    if loss.metric == SHARE:
        return f"of outcomes ({side} the predicted share)"
    return f"{side} the expected {metric_name(loss.metric)}"


def _change(loss: Loss, words: TaskWords) -> str:
    """Write what a score was expected to be, and what it is."""
    verb = "rose" if loss.now > loss.expected else "fell"
    if loss.metric in (BIAS, SHARE):
        form = words.form if loss.metric == BIAS else ".1%"
        now, expected = (in_form(number, form) for number in (loss.now, loss.expected))
        return f"the {loss.of_bias(words.observed)} {verb} to {now} (predicted {expected})"
    metric = metric_name(loss.metric)
    now, expected = metric_text(loss.now), metric_text(loss.expected)
    return f"{metric} {verb} to {now} (expected {expected})"


def _likely_cause(loss: Loss, quality: Quality, words: TaskWords) -> str | None:
    """Say whether the scores alone explain a loss, and where it is the largest."""
    likely = []
    if _may_be_renamed(loss, quality, words) and (unknown := class_reasons.unknown_words(quality)):
        likely += [unknown]
    changed = quality.fault is not None and quality.fault.changed
    if looks_inverted(loss.metric, loss.now, loss.expected) and not changed:
        turned = metric_text(turned_round(loss.metric, loss.now))
        likely += [f"outcomes look inverted (turned round it would be {turned})"]
    elif quality.fault:
        of = f" of {quality.fault.of}" if quality.fault.of else ""
        likely += [f"outcomes{of} {quality.fault.looks}"]
    expected = {str(name): score for name, score in quality.estimated.items()}.get(loss.metric)
    if expected is not None:
        harder = expected.low <= loss.now <= expected.high
        cause = (
            "these rows are harder to predict"
            if harder
            else "the same inputs now lead to other outcomes"
        )
        likely += [f"{cause} (the {words.scores} alone suggest {metric_text(expected.value)})"]
    if quality.place and loss.metric not in (BIAS, SHARE):
        likely += [str(quality.place)]
    of_slices = [
        one
        for one in quality.losses
        if one.slice and one.metric == loss.metric and one.loss >= MUCH_MORE * loss.loss
    ]
    if of_slices:
        worst = max(of_slices, key=lambda one: one.loss / one.threshold)
        likely += [f"it is worst where {worst.slice} ({metric_text(worst.now)})"]
    return "; ".join(likely) or None


def service_reasons(service: Service | None, monitor: Monitor) -> list[Reason]:
    """Name what the service failed, refused, delayed or missed beyond what the settings allow."""
    if service is None:
        return []
    failures = monitor.error_share if service.errors >= FEWEST_REQUESTS else None
    rejected = _rejected_otherwise(service, monitor)
    refusals = monitor.rejected_share if rejected >= FEWEST_REQUESTS else None
    slow, spooled = service.p99_ms or 0.0, service.spool_rows or 0
    reasons = [
        _objective(
            ("act", service.share(service.errors), failures, "of requests"),
            f"the service failed {service.errors:,} of {service.requests:,} requests",
            "Read the service's log for the errors; roll back if they came with a bundle.",
        ),
        _objective(
            ("watch", service.share(rejected), refusals, "of requests"),
            f"the service refused {rejected:,} of {service.requests:,} requests",
            "Check what its callers send: rows that break the contract get no answer.",
        ),
        _objective(
            ("watch", slow, monitor.p99_ms, "ms"),
            f"p99 latency reached {slow:,.0f} ms in the slowest minute",
            "Check what else the machine is doing, and whether more workers would help.",
        ),
        _objective(
            ("watch", service.silent_minutes, monitor.silent_minutes, "minutes"),
            f"the service was silent for {number_of(service.silent_minutes, 'minute')}",
            "Check whether the service or its machine was stopped: it answered nobody then.",
        ),
        _objective(
            ("watch", spooled, monitor.spooled_rows, "rows"),
            f"up to {number_of(spooled, 'row')} waited on disk for the log",
            "Check why the log's database was unavailable: the disk holds only so many rows.",
        ),
    ]
    return [reason for reason in reasons if reason]


def _rejected_otherwise(service: Service, monitor: Monitor) -> int:
    """Count the requests that were refused, but for those whose rows are a reason of their own."""
    rows = service.refused_rows or 0
    is_said = rows >= FEWEST_REQUESTS and service.refused_share > monitor.rejected_share
    return service.rejected - (dict(service.kinds).get("bad_row", 0) if is_said else 0)


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
        number=number,
        threshold=limit,
        unit=unit,
        next_step=step,
    )
