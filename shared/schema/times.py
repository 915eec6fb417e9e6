"""Moments as people write them."""

from datetime import UTC, datetime

from shared.errors import Refusal


def parse(text: str | None, option: str) -> datetime | None:
    """Read an ISO time, which is UTC unless it says otherwise; None of nothing.

    Raises `Refusal` naming the option that it was given by.
    """
    if not text:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal(f"{option} {text!r} is no ISO time, such as 2013-05-13T00:00") from None
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
