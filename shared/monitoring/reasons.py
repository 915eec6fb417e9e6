"""What passed its threshold: simple fixed thresholds from the settings, not calibrated."""

from collections.abc import Iterable

from shared.data.checks import Breach
from shared.monitoring.drift import USUAL, Shift
from shared.monitoring.quality import Quality
from shared.monitoring.service import Service
from shared.monitoring.verdict import Level, Reason
from shared.settings import Monitor

PREDICTION = "probability"
# Fewer failed or refused requests than this are accidents, whatever their share.
FEWEST_REQUESTS = 5

STANDARD_DEVIATIONS = "standard deviations from the reference"
OF_ROWS = "of rows"
NOT_UNIQUE = "not unique"


def of_contract(breaches: Iterable[Breach]) -> list[Reason]:
    """Name each breach that the contract forbids, be it in one row."""
    found = []
    for breach in filter(_forbidden, breaches):
        seen = f" ({', '.join(breach.examples)})" if breach.examples else ""
        what = f"{breach.column}: {breach.problem}{seen}"
        step = f"Mend what feeds {breach.column}: it breaks the contract of the bundle."
        number = breach.share
        found.append(Reason("act", "contract", what, breach.column, number, 0.0, OF_ROWS, step))
    return found


def of_ranges(breaches: Iterable[Breach], monitor: Monitor) -> list[Reason]:
    """Name columns of which more than a few rows leave the range that was observed in training."""
    found, limit = [], monitor.unseen_share
    for breach in breaches:
        described = not breach.enforced and breach.problem != "not a known category"
        if described and breach.share > limit:
            what = f"{breach.column} is {breach.problem} ({', '.join(breach.examples)})"
            step = f"See whether {breach.column} may take such values; the model never met them."
            number = breach.share
            found.append(
                Reason("watch", "inputs", what, breach.column, number, limit, OF_ROWS, step)
            )
    return found


def of_columns(shifts: Iterable[Shift], monitor: Monitor) -> list[Reason]:
    """Name columns, and the score, that are lost, emptier, stuck, of new categories, or shifted."""
    tests = (_lost, _emptier, _stuck, _unseen, _moved)
    return [reason for s in shifts for test in tests if (reason := test(s, monitor))]


def _lost(s: Shift, monitor: Monitor) -> Reason | None:
    if s.state != "empty" or s.column == PREDICTION:
        return None
    step = f"Restore the feed of {s.column}: no row of the window holds a value of it."
    what = f"{s.column} is empty: its feed is lost"
    return Reason("act", "feed", what, s.column, 1.0, 0.0, "of rows missing", step)


def _emptier(s: Shift, monitor: Monitor) -> Reason | None:
    more, limit = s.missing - s.missing_before, monitor.missing_share
    if s.state in ("empty", "absent") or not more > limit:
        return None
    step = f"See where {s.column} comes from: more of it is missing than the model knew."
    what = f"{s.column} is missing more often than in the reference"
    unit = f"of rows more ({s.missing:.0%} instead of {s.missing_before:.0%})"
    return Reason("watch", "feed", what, s.column, more, limit, unit, step)


def _stuck(s: Shift, monitor: Monitor) -> Reason | None:
    if s.state != "constant":
        return None
    unit = "of rows hold the same value"
    if s.column == PREDICTION:
        step = "Send the service rows that differ, and look at what it answers them."
        return Reason("watch", "feed", "the score is stuck", None, 1.0, USUAL, unit, step)
    step = f"See whether {s.column} is stuck: it varies in the reference."
    return Reason("watch", "feed", f"{s.column} is constant", s.column, 1.0, USUAL, unit, step)


def _unseen(s: Shift, monitor: Monitor) -> Reason | None:
    if not s.unseen > monitor.unseen_share:
        return None
    seen = ", ".join(s.unseen_values)
    step = f"See whether {s.column} was renamed or has grown; the model never met {seen}."
    what, limit = f"{s.column} holds new categories ({seen})", monitor.unseen_share
    return Reason("watch", "inputs", what, s.column, s.unseen, limit, OF_ROWS, step)


def _moved(s: Shift, monitor: Monitor) -> Reason | None:
    limit, unit = threshold(s, monitor)
    if s.distance is None or not s.distance > limit:
        return None
    if s.column == PREDICTION:
        step = "Look for what moved the inputs; once outcomes come, see what it cost."
        what = "the score has shifted"
        return Reason("watch", "predictions", what, None, s.distance, limit, unit, step)
    step = f"Look at {s.column} in the drift report: is it a new unit, a new source, the season?"
    what = f"{s.column} has shifted"
    return Reason("watch", "inputs", what, s.column, s.distance, limit, unit, step)


def threshold(shift: Shift, monitor: Monitor) -> tuple[float, str]:
    """Return the distance that a column may have from the reference, and its unit."""
    if shift.state == "was constant":
        return monitor.unseen_share, "of rows hold another value than the reference's only one"
    if shift.column == PREDICTION:
        return monitor.prediction_drift, STANDARD_DEVIATIONS
    if shift.kind == "category":
        return monitor.category_drift, "of rows would have to change category"
    return monitor.drift, STANDARD_DEVIATIONS


def of_quality(quality: Quality, monitor: Monitor) -> list[Reason]:
    """Name a loss of ROC AUC: `act` where its interval lies below the promise, else `watch`."""
    if quality.state == "none came" and quality.due >= monitor.minimum_outcomes:
        step = "See whether outcomes still reach the log: without them quality is not known."
        what = f"no outcome has come of {quality.due:,} that are due"
        return [Reason("watch", "outcomes", what, None, 1.0, 0.0, "of due rows", step)]
    if quality.state != "judged":
        return []
    now, promised = quality.scores["roc_auc"], quality.promised["roc_auc"]
    loss = promised.value - now.value
    if not loss > monitor.roc_auc_loss:
        return []
    what = f"ROC AUC is {now.value:.3f} where {promised.value:.3f} was promised"
    step = "Train again on rows up to now, and put the challenger to review."
    level: Level = "act" if now.high < promised.value else "watch"
    return [Reason(level, "quality", what, None, loss, monitor.roc_auc_loss, "lost", step)]


def of_service(service: Service | None, monitor: Monitor) -> list[Reason]:
    """Name a service that failed, or refused, more requests than it may."""
    if service is None:
        return []
    found = []
    share = service.share(service.errors)
    if service.errors >= FEWEST_REQUESTS and share > monitor.error_share:
        step = "Read the service's log for the errors; roll back if they came with a bundle."
        what = f"the service failed {service.errors:,} of {service.requests:,} requests"
        limit = monitor.error_share
        found.append(Reason("act", "service", what, None, share, limit, "of requests", step))
    share = service.share(service.rejected)
    if service.rejected >= FEWEST_REQUESTS and share > monitor.rejected_share:
        step = "See what its callers send: rows that break the contract get no answer."
        what = f"the service refused {service.rejected:,} of {service.requests:,} requests"
        limit = monitor.rejected_share
        found.append(Reason("watch", "service", what, None, share, limit, "of requests", step))
    return found


def _forbidden(breach: Breach) -> bool:
    # A caller may ask again about the same key: every answer counts, with the same outcome.
    return breach.enforced and breach.problem != NOT_UNIQUE
