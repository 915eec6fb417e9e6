"""Train, validation and holdout: spans of time, never shuffled."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from shared.errors import Refusal
from shared.settings import Settings
from shared.tasks.task import Task
from shared.words import number_of

PARTS = ("train", "validation", "holdout")


def by_time(
    frame: pd.DataFrame,
    task: Task,
    settings: Settings,
    of_train: Collection[str] | None = None,
) -> dict[str, pd.DataFrame]:
    """Split the rows that have an outcome into `train`, `validation` and `holdout`, in time.

    Their target is as it is learnt. Rows of the same moment stay together. Of train only the
    columns `of_train` are taken, where these are named. Raises `Refusal` when a part lacks what is
    learnt from. Of a large frame, no row is copied more than once.
    """
    places, moments = _labelled_places(frame, settings)
    borders = moments.searchsorted(list(_borders(moments, settings)))
    parts = {}
    for name, part in zip(PARTS, np.split(places, borders), strict=True):
        columns = of_train if name == "train" else None
        whole = frame if columns is None else frame[[held for held in frame if held in columns]]
        rows = whole.take(part)
        rows.index = pd.RangeIndex(len(part))
        target = task.encode(rows[settings.target]).to_numpy()
        rows.isetitem(list(rows).index(settings.target), target)
        if fault := task.split_fault(rows[settings.target]):
            more = ", or raise [train] rows" if settings.train.rows else ""
            raise Refusal(
                f"{name} has {number_of(len(rows), 'row')} with {fault}: move the dates or "
                f"shares in [split]{more}"
            )
        parts[name] = rows
    return parts


def moved(settings: Settings, until: datetime | None) -> Settings:
    """Return settings whose split ends at a moment: validation and holdout keep their lengths."""
    split = settings.split
    if until is None:
        return settings
    dates: dict[str, datetime] = {"end": until}
    if split.validation and split.holdout:
        if not split.end:
            raise Refusal("--until moves a split by dates, which needs an 'end' in [split]")
        later = until - split.end
        dates |= {"validation": split.validation + later, "holdout": split.holdout + later}
    if split.start and min(dates.values()) <= split.start:
        raise Refusal(f"--until {until:%Y-%m-%d} leaves nothing to train on before validation")
    return settings.model_copy(update={"split": split.model_copy(update=dates)})


def within(frame: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Return the rows in the span of the settings' split, with and without an outcome."""
    inside = _inside(pd.to_datetime(frame[settings.time], utc=True), settings)
    return frame if inside.all() else frame[inside]


def spans(parts: dict[str, pd.DataFrame], task: Task, settings: Settings) -> list[dict[str, Any]]:
    """Describe each part: its rows, its first and last moment, its target."""
    return [
        {
            "Part": name,
            "Rows": len(rows),
            "From (UTC)": str(rows[settings.time].iloc[0])[:16],
            "To (UTC)": str(rows[settings.time].iloc[-1])[:16],
            **task.span_facts(rows[settings.target]),
        }
        for name, rows in parts.items()
    ]


def _labelled_places(frame: pd.DataFrame, settings: Settings) -> tuple[np.ndarray, pd.Series]:
    """Return the places of a split's rows with an outcome, by time and key, and their moments."""
    moments = pd.to_datetime(frame[settings.time], utc=True)
    known = moments.notna() & frame[settings.target].notna()
    wanted = np.flatnonzero(_inside(moments, settings) & known.to_numpy())
    order = pd.DataFrame({"time": moments.iloc[wanted], "key": frame[settings.key].iloc[wanted]})
    order = order.set_axis(wanted).sort_values(["time", "key"])
    return order.index.to_numpy(), order["time"]


def _inside(moments: pd.Series, settings: Settings) -> np.ndarray:
    """Tell which moments are in the span of the settings' split."""
    split, inside = settings.split, np.ones(len(moments), dtype=bool)
    if split.start:
        inside &= (moments >= split.start).to_numpy()
    if split.end:
        inside &= (moments < split.end).to_numpy()
    return inside


def _borders(moments: pd.Series, settings: Settings) -> tuple[pd.Timestamp, pd.Timestamp]:
    split = settings.split
    if split.validation and split.holdout:
        return pd.Timestamp(split.validation), pd.Timestamp(split.holdout)
    if moments.empty:
        raise Refusal(
            f"no row of the source has an outcome in {settings.target!r}: nothing to learn"
        )
    last = len(moments) - 1
    first = 1 - split.validation_share - split.holdout_share
    ends = (first, 1 - split.holdout_share)
    validation, holdout = (moments.iloc[min(last, round(share * len(moments)))] for share in ends)
    return validation, holdout
