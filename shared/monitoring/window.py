"""The window: what a bundle predicted in a span of time, from the prediction log or from a file."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd

from shared.data import sources
from shared.data.contract import Contract
from shared.data.database import LogUnavailable
from shared.data.prediction_log import PredictionLog
from shared.errors import Refusal
from shared.packaging.bundle import Bundle
from shared.settings import Settings

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Window:
    """The rows that a bundle answered: the contract's columns, `probability` and `outcome`.

    A file's rows lack `outcome` if the file does, and `probability` if that cannot be computed:
    `unscored` says why. The span is from `start` (included) to `until` (not included), None where
    no row has a time. Of the log alone: `others` counts the span's rows that another bundle
    answered, which are left out; `newest` is the time of the log's newest row, None if it has none;
    `minutes` are the service's while it answered the rows. Outcomes are those known at `read_at`.
    """

    rows: pd.DataFrame
    source: str
    start: datetime | None
    until: datetime | None
    read_at: datetime
    others: int = 0
    newest: datetime | None = None
    minutes: pd.DataFrame | None = None
    unscored: str | None = None


def read(settings: Settings, bundle: Bundle, until: str | None, file: str | None) -> Window:
    """Read the window from a file where one is named, else from the log.

    Raises `Refusal` when both a file and a time are given, or when either cannot be read.
    """
    if file and until:
        raise Refusal("give --until (a window of the log) or --window (a file), not both")
    if file:
        return from_file(Path(file), bundle)
    log = PredictionLog(settings.name, bundle.contract)
    try:
        return from_log(log, bundle, _moment(until), settings)
    except LogUnavailable as error:
        raise Refusal(f"the prediction log cannot be read: {error}") from None
    finally:
        log.close()


def from_log(
    log: PredictionLog, bundle: Bundle, until: datetime | None, settings: Settings
) -> Window:
    """Read the settings' window of days before `until`, or up to the newest row."""
    now, newest = datetime.now(UTC), log.newest()
    if until is None:
        until = newest.replace(second=0, microsecond=0) + MINUTE if newest else now
    start = until - timedelta(days=settings.monitor.window_days)
    found = log.window(start, until)
    theirs = found["bundle"] == bundle.digest
    rows = found[theirs]
    named = {"key": bundle.contract.key, "time": bundle.contract.time}
    first, last = (rows["logged_at"].min(), rows["logged_at"].max()) if len(rows) else (now, now)
    return Window(
        rows=rows.rename(columns=named).reset_index(drop=True),
        source=log.address,
        start=start,
        until=until,
        read_at=now,
        others=int((~theirs & (found["role"] != "challenger")).sum()),
        newest=newest,
        minutes=log.minutes(first, last),
    )


def from_file(path: Path, bundle: Bundle) -> Window:
    """Read a table with the contract's columns; the bundle's model answers where the file does not.

    Outcomes are its column `outcome`, or the target's.
    """
    rows, contract = sources.read_file(path), bundle.contract
    at = _times(rows, contract)
    unscored = None
    if "probability" not in rows:
        try:
            rows["probability"] = bundle.probabilities(rows)
        except Refusal as refusal:
            unscored = str(refusal)
    if "probability" in rows:
        rows["probability"] = pd.to_numeric(rows["probability"], errors="coerce")
        rows["prediction"] = rows["probability"] >= bundle.manifest.threshold
    given = "outcome" if "outcome" in rows else contract.target
    if given in rows:
        rows["outcome"] = _labels(rows[given], path)
    return Window(
        rows=rows,
        source=str(path),
        start=at.min().floor("min").to_pydatetime() if len(at) else None,
        until=at.max().floor("min").to_pydatetime() + MINUTE if len(at) else None,
        read_at=datetime.now(UTC),
        unscored=unscored,
    )


def _times(rows: pd.DataFrame, contract: Contract) -> pd.Series:
    if contract.time not in rows:
        return pd.Series(dtype="datetime64[ns, UTC]")
    return pd.to_datetime(rows[contract.time], utc=True, errors="coerce").dropna()


def _labels(values: pd.Series, path: Path) -> pd.Series:
    try:
        return values.astype("float64")
    except (TypeError, ValueError) as error:
        raise Refusal(
            f"{path}: column {values.name!r} should hold true, false or nothing: {error}"
        ) from None


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal(f"--until {text!r} is no ISO time, such as 2013-05-13T00:00") from None
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
