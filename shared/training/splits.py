"""Train, validation and holdout: spans of time, never shuffled."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa

from shared import utc
from shared.errors import Refusal
from shared.schema.contract import Contract
from shared.schema.reading import typed_frame
from shared.settings import Settings
from shared.tasks.choice import task_of
from shared.tasks.task import Task
from shared.words import number_of

PARTS = ("train", "validation", "holdout")
# Train and validation, one after the other: what a chosen candidate learns from.
SEEN = "train and validation"


Places: TypeAlias = Mapping[str, np.ndarray | range]
"""Where the rows of each part are in a frame, in their order; a range where they stand together."""


def labels(rows: pd.DataFrame | pa.Table, contract: Contract) -> pd.DataFrame:
    """Return what rows are split by: their key, time and target, typed by the contract.

    They may be as a source has them; what was typed before stays as it is.
    """
    names = dict.fromkeys((contract.key, contract.time, contract.target))
    columns = tuple(contract[name] for name in names)
    return typed_frame(rows, contract.model_copy(update={"columns": columns}))


def by_time(frame: pd.DataFrame, task: Task, settings: Settings) -> dict[str, pd.DataFrame]:
    """Split the rows that have an outcome into `train`, `validation` and `holdout`, in time.

    Their target is as it is learnt. Rows of the same moment stay together. Raises `Refusal` when a
    part lacks what is learnt from. The frame stays as it is, whatever becomes of the parts.
    """
    found = {name: _as_array(part) for name, part in places(frame, task, settings).items()}
    return {name: _part(frame, part, task, settings.target) for name, part in found.items()}


def places(frame: pd.DataFrame, task: Task, settings: Settings) -> dict[str, np.ndarray | range]:
    """Return where the rows of each part are, as `by_time` splits them; raises what that does."""
    labelled, moments = _labelled_places(frame, settings)
    borders = moments.searchsorted(list(_borders(moments, settings)))
    found = dict(zip(PARTS, np.split(labelled, borders), strict=True))
    for name, part in found.items():
        if fault := task.split_fault(task.encode(frame[settings.target].take(part))):
            more = ", or raise [train] rows" if settings.train.rows else ""
            raise Refusal(
                f"{name} has {number_of(len(part), 'row')} with {fault}: move the dates or "
                f"shares in [split]{more}"
            )
    return {name: _as_range(part) for name, part in found.items()}


def cut(
    frame: pd.DataFrame,
    where: Places,
    contract: Contract,
    of_train: Collection[str] | None = None,
) -> dict[str, pd.DataFrame]:
    """Return the parts of a frame whose rows are at some `places`, their target as it is learnt.

    Of train only the columns `of_train` are taken, where these are named. Rows that stand together
    are the frame's own: no part is to be changed. Of a large frame no row is copied more than once.
    """
    held = frame if of_train is None else frame[[name for name in frame if name in of_train]]
    return {
        name: _part(held if name == "train" else frame, part, task_of(contract), contract.target)
        for name, part in where.items()
    }


def with_seen(where: Places) -> Places:
    """Return `places` of train and validation together, and of the holdout."""
    train, validation = where["train"], where["validation"]
    both = _as_range(np.concatenate([_as_array(train), _as_array(validation)]))
    return {SEEN: both, "holdout": where["holdout"]}


def seen(parts: Mapping[str, pd.DataFrame], columns: Collection[str] | None = None) -> pd.DataFrame:
    """Return the rows of train and validation, or some `columns` of them, of those that are there.

    They are copied, unless the parts have both as one.
    """
    apart = [parts[SEEN]] if SEEN in parts else [parts["train"], parts["validation"]]
    if columns is not None:
        apart = [rows[[n for n in dict.fromkeys(columns) if n in apart[0]]] for rows in apart]
    return apart[0] if len(apart) == 1 else pd.concat(apart, ignore_index=True)


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


def within_span(frame: pd.DataFrame, settings: Settings, until: str | None) -> pd.DataFrame:
    """Return the rows in the span of a split that ends at `until`, where that is given."""
    found = within(frame, moved(settings, utc.parse_time(until, "--until")))
    # Numbered anew, all of them would be copied.
    return found if found is frame else found.reset_index(drop=True)


def spans(
    frame: pd.DataFrame, where: Places, contract: Contract, settings: Settings
) -> list[dict[str, Any]]:
    """Describe each part: its rows, its first and last moment, its target."""
    parts = cut(frame[[settings.time, settings.target]], where, contract)
    return [
        {
            "Part": name,
            "Rows": len(rows),
            "From (UTC)": str(rows[settings.time].iloc[0])[:16],
            "To (UTC)": str(rows[settings.time].iloc[-1])[:16],
            **task_of(contract).span_facts(rows[settings.target]),
        }
        for name, rows in parts.items()
    ]


def _part(frame: pd.DataFrame, part: np.ndarray | range, task: Task, target: str) -> pd.DataFrame:
    rows = frame.iloc[part.start : part.stop] if isinstance(part, range) else frame.take(part)
    rows.index = pd.RangeIndex(len(part))
    rows.isetitem(list(rows).index(target), task.encode(rows[target]).to_numpy())
    return rows


def _as_array(part: np.ndarray | range) -> np.ndarray:
    return np.arange(part.start, part.stop) if isinstance(part, range) else part


def _as_range(part: np.ndarray) -> np.ndarray | range:
    """Return places as a range where they are one."""
    if len(part) and (np.diff(part) == 1).all():
        return range(int(part[0]), int(part[-1]) + 1)
    return part


def _labelled_places(frame: pd.DataFrame, settings: Settings) -> tuple[np.ndarray, pd.Series]:
    """Return the places of a split's rows with an outcome, by time and key, and their moments."""
    moments = pd.to_datetime(frame[settings.time], utc=True)
    known = moments.notna() & frame[settings.target].notna()
    wanted = np.flatnonzero(_inside(moments, settings) & known.to_numpy())
    rising = wanted[np.argsort(moments.to_numpy("datetime64[ns]")[wanted], kind="stable")]
    found = moments.iloc[rising].reset_index(drop=True)
    same = (found == found.shift()).to_numpy()
    tied = np.flatnonzero(same | np.append(same[1:], False))
    keys = frame[settings.key].iloc[rising[tied]].to_numpy()
    order = pd.DataFrame({"time": found[tied].to_numpy(), "key": keys}).sort_values(["time", "key"])
    rising[tied] = rising[tied][order.index]
    return rising, found


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
