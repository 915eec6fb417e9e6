"""When clocks are put forward and back: habits of local time then come at another hour of UTC."""

from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from shared.schema.arrow import HOUR_SECONDS

# Of each part of the world one zone: clocks are changed there at about the same time.
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Sydney")


def changes_between(before: float, moments: Iterable[float]) -> frozenset[int]:
    """Return how many hours later (above 0) or earlier rows may come at moments than `before`.

    All are seconds since 1970. After clocks are put forward, it is an hour earlier.
    """
    found = set[int]()
    for name in ZONES:
        zone = ZoneInfo(name)
        found |= {_offset(before, zone) - _offset(moment, zone) for moment in moments}
    return frozenset(found - {0})


def _offset(moment: float, zone: ZoneInfo) -> int:
    offset = datetime.fromtimestamp(moment, UTC).astimezone(zone).utcoffset()
    return round(offset.total_seconds() / HOUR_SECONDS) if offset else 0
