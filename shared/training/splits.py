"""Train, validation and holdout: spans of time, never shuffled."""

from datetime import datetime
from typing import Any

import pandas as pd

from shared.errors import Refusal
from shared.settings import Settings
from shared.tasks.task import Task
from shared.words import number_of


def by_time(frame: pd.DataFrame, task: Task, settings: Settings) -> dict[str, pd.DataFrame]:
    """Split the rows that have an outcome into `train`, `validation` and `holdout`, in time.

    Rows of the same moment stay together. Raises `Refusal` when a part lacks what is learnt from.
    """
    rows = labelled(within(frame, settings), task, settings)
    moments = pd.to_datetime(rows[settings.time], utc=True)
    validation, holdout = _borders(moments, settings)
    parts = {
        "train": rows[moments < validation],
        "validation": rows[(moments >= validation) & (moments < holdout)],
        "holdout": rows[moments >= holdout],
    }
    for name, part in parts.items():
        if fault := task.split_fault(part[settings.target]):
            raise Refusal(
                f"{name} has {number_of(len(part), 'row')} with {fault}: move the dates or "
                "shares in [split]"
            )
    return {name: part.reset_index(drop=True) for name, part in parts.items()}


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
    split, moments = settings.split, pd.to_datetime(frame[settings.time], utc=True)
    if split.start:
        frame, moments = frame[moments >= split.start], moments[moments >= split.start]
    return frame[moments < split.end] if split.end else frame


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


def labelled(frame: pd.DataFrame, task: Task, settings: Settings) -> pd.DataFrame:
    """Return the rows whose outcome is known, ordered by time and key, the target as learnt."""
    rows = frame[frame[settings.target].notna()]
    rows = rows.assign(**{settings.target: task.encode(rows[settings.target])})
    order = pd.DataFrame(
        {"time": pd.to_datetime(rows[settings.time], utc=True), "key": rows[settings.key]}
    )
    return rows.loc[order.sort_values(["time", "key"]).index]


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
