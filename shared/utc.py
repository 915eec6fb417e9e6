"""Times as people and files write them: UTC where they name no zone."""

from datetime import UTC, datetime

from shared.errors import Refusal


def as_utc(moment: datetime) -> datetime:
    """Return a moment in UTC; one without a zone is in UTC already."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def parse_time(text: str | None, option: str) -> datetime | None:
    """Read an ISO time, in UTC unless it names a zone; None where there is none.

    Raises `Refusal` naming the option that it was given by.
    """
    if not text:
        return None
    try:
        return as_utc(datetime.fromisoformat(text))
    except ValueError:
        raise Refusal(f"{option} {text!r} is not an ISO time, such as 2013-05-13T00:00") from None
