"""The bounded sample of a window and its reference that Evidently draws reports of."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shared.log_columns import OUTCOME, PROBABILITY
from shared.model.bundle import Bundle
from shared.monitoring.case import Case
from shared.schema.contract import ColumnType
from shared.tasks.choice import answer_counts
from shared.tasks.ranking.ranking_task import text_numbers
from shared.tasks.task import stacked


@dataclass(frozen=True)
class Sample:
    """Rows of the window and of the reference with the same columns, and how many of how many."""

    window: pd.DataFrame
    reference: pd.DataFrame
    words: str


def inputs(case: Case) -> Sample:
    """Sample inputs and answers: numbers as float64, categories as str."""
    rows, reference = case.profile.sample, case.bundle.reference()
    watched = case.bundle.task.watched_names
    names = [name for name in (*case.bundle.contract.features, *watched) if name in rows]
    return _sample(rows[names], case.profile.size, reference[names], case)


def answers(case: Case) -> Sample:
    """Sample the rows whose outcome is known: `outcome`, and the columns of answers."""
    task, reference = case.bundle.task, case.bundle.reference()
    names = [OUTCOME, *(column.name for column, _ in task.columns)]
    before = reference.rename(columns={case.bundle.contract.target: OUTCOME})
    rows = case.profile.sample
    if {*task.score_names} <= {*rows}:
        scores = {n: pd.to_numeric(rows[n], errors="coerce").to_numpy() for n in task.score_names}
        rows = rows.assign(**case.bundle.answers(stacked(scores, task.score_names), rows))
    known = [OUTCOME, *task.score_names]
    now, before = (frame.reindex(columns=names).dropna(subset=known) for frame in (rows, before))
    answered = case.profile.counts["answers"]
    received = answer_counts(case.baseline.plan.answers).received(answered)
    shown = _sample(now, received, before, case)
    sides = task.report_frame(shown.window), task.report_frame(shown.reference)
    return Sample(*sides, shown.words)


def slates(case: Case) -> Sample | None:
    """Sample whole slates whose outcomes have come: `slate`, `item`, `outcome`, `probability`.

    There is no reference: bundles keep rows, and no whole slates. None where no policy chose any.
    """
    rows, ranking = case.window.chosen, case.bundle.contract.ranking
    if rows is None or ranking is None:
        return None
    # Their numbers are hashes: in their order they are of the whole window.
    order = np.argsort(rows.slate, kind="stable")
    ends = np.flatnonzero(np.diff(rows.slate[order], append=-1)) + 1
    most = case.monitor.sample_rows
    at = order[: max(ends[0], ends[ends <= most].max(initial=0))]
    found = pd.DataFrame(
        {
            "slate": rows.slate[at].astype(str),
            "item": _item_names(rows.item[at], case.bundle, ranking.item),
            OUTCOME: rows.clicked[at].astype("int64"),
            PROBABILITY: rows.probability[at],
        }
    ).dropna()
    return Sample(found, found[:0], f"{_share(len(found), len(rows.item))} of slates")


def _item_names(numbers: np.ndarray, bundle: Bundle, item: str) -> np.ndarray:
    """Return what items are called, as far as the bundle knows them."""
    known = bundle.items()
    names = known[item].astype(str).tolist() if known is not None else []
    called = dict(zip(text_numbers(pd.Series(names), len(names)), names, strict=True))
    return np.array([called.get(number, str(number)) for number in numbers], dtype=object)


def alike_classes(sample: Sample) -> tuple[Sample, list[str]]:
    """Return the rows of classes that both sides have, and the names of the others.

    Evidently fails on a class of the window that the reference lacks, or where one side has more
    of them.
    """
    sides = [sample.window, sample.reference]
    every = {name for side in sides for column in side for name in side[column].unique()}
    while True:
        kept = set.intersection(*({*side[OUTCOME]} for side in sides))
        rows = [side.isin(kept).all(axis=1) for side in sides]
        if all(each.all() for each in rows):
            return Sample(sides[0], sides[1], sample.words), sorted(every - kept)
        sides = [side[each] for side, each in zip(sides, rows, strict=True)]


def _sample(now: pd.DataFrame, size: int, before: pd.DataFrame, case: Case) -> Sample:
    """Return rows out of a window of so many, beside as many of the reference at most."""
    most = min(case.monitor.sample_rows, len(before))
    sampled = before.sample(most, random_state=case.settings.seed)
    shown = _share(len(now), size), _share(most, len(before))
    return Sample(
        window=_plain(now, case.bundle),
        reference=_plain(sampled, case.bundle),
        words=f"{shown[0]} of the window and {shown[1]} of the reference",
    )


def _share(shown: int, rows: int) -> str:
    return f"{shown:,} of {rows:,} rows" if rows > shown else f"all {rows:,} rows"


def _plain(frame: pd.DataFrame, bundle: Bundle) -> pd.DataFrame:
    """Return columns as Evidently takes them; what cannot be read of an input is missing."""
    contract = bundle.contract
    types = {name: contract[name].type for name in contract.features}
    types |= {OUTCOME: contract[contract.target].type}
    types |= {column.name: column.type for column, _ in bundle.task.columns}
    columns = {name: _values(frame[name], types[str(name)]) for name in frame}
    return pd.DataFrame(columns, index=frame.index).reset_index(drop=True)


def _values(values: pd.Series, kind: ColumnType) -> pd.Series:
    if kind in ("category", "text"):
        return values.astype(object).map(str, na_action="ignore")
    if kind == "time":
        moments = pd.to_datetime(values, utc=True, errors="coerce")
        return (moments - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    return numbers.where(np.isfinite(numbers))
