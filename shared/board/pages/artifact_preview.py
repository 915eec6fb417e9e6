"""An artifact of a run, as a page shows it: the first rows of a frame, or its text."""

import pprint
from dataclasses import dataclass
from typing import Any

import pandas as pd

from shared.lineage import run_artifacts, run_history
from shared.words import number_of

FIRST_ROWS = 50
MOST_TEXT = 20_000


@dataclass(frozen=True)
class Preview:
    """An artifact: its type, the first rows of a frame, or else its text."""

    kind: str
    size: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    text: str = ""


def preview(pathspec: str, step: str, name: str) -> Preview | None:
    """Return what an artifact of a run's step is; None for one that is not there.

    Raises `Refusal` for one that is lost.
    """
    run = run_history.run_named(pathspec)
    if run is None:
        return None
    with run_artifacts.refusing_what_is_lost(f"{name} of {pathspec}/{step}"):
        try:
            value = next(iter(run[step]))[name].data
        except (KeyError, StopIteration):
            return None
    if isinstance(value, pd.DataFrame):
        first = value.head(FIRST_ROWS)
        rows = tuple(tuple(row) for row in first.astype(object).itertuples(index=False))
        size = f"{number_of(len(value), 'row')}, {number_of(value.shape[1], 'column')}"
        return Preview("DataFrame", size, tuple(map(str, first.columns)), rows)
    if isinstance(value, bytes):
        return Preview("bytes", number_of(len(value), "byte"))
    text = pprint.pformat(value, width=100, sort_dicts=False)
    return Preview(type(value).__name__, number_of(len(text), "character"), text=text[:MOST_TEXT])
