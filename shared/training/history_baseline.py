"""The baseline profile of a history with a model's answers, learnt while the model is judged."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from threadpoolctl import threadpool_limits

from shared.baseline.learning import learn
from shared.model.inputs import model_input
from shared.schema import arrow
from shared.schema.contract import Contract
from shared.settings import Settings
from shared.tasks.choice import task_of
from shared.tasks.task import Rule

Profile = dict[str, Any]
# Of a longer history a part is counted, evenly over time: chance moves what is counted of so many
# rows by less than anyone has to know. Which rows come again is known of all.
MOST_ROWS = 500_000


def learn_baseline(
    model: Any,
    rule: Rule,
    history: pd.DataFrame,
    contract: Contract,
    settings: Settings,
    facts: Mapping[str, Any] = MappingProxyType({}),
    most: int = MOST_ROWS,
) -> Profile:
    """Return how a history varies, for the monitor, in plain values.

    `history` are all the rows that were there to learn from, with and without an outcome. `facts`
    say where these were a sample of the source's rows. No more than `most` of them are answered.
    """
    task, monitor = task_of(contract), settings.monitor
    rows, whole = history, None
    if len(history) > most:
        rows = history.iloc[even_places(history[settings.time], most, settings.seed)]
        whole = partial(_parts, history, [contract.time, *contract.features])
    answers = task.answers(task.scores(model, model_input(rows, contract)), rule, rows)
    # Of all rows, none is copied.
    past = pd.DataFrame({**rows, **answers}, index=rows.index, copy=False)
    asked = monitor.false_alarms, facts.get("share sampled", 1.0), monitor.holidays
    return learn(arrow.table(past), contract, *asked, whole).model_dump(mode="json")


def even_places(times: pd.Series, most: int, seed: int) -> np.ndarray:
    """Return the places of at most so many rows with a time: one by chance of each few in time.

    So every span of time has its share of them, to a row at either end. They rise in time.
    """
    moments = pd.to_datetime(times, utc=True).to_numpy("datetime64[ns]")
    order = np.argsort(moments, kind="stable")[: np.count_nonzero(~np.isnat(moments))]
    if len(order) <= most:
        return order
    chosen = (np.arange(most) + np.random.default_rng(seed).random(most)) * (len(order) / most)
    return order[np.unique(chosen.astype("int64"))]


def sample_note(rows: int, most: int = MOST_ROWS) -> tuple[str, ...]:
    """Say of a history of so many rows that what is ordinary is learnt from a part, if it is."""
    if rows <= most:
        return ()
    return (
        f"What is ordinary, for the monitor, is learnt from {most:,} of {rows:,} rows, evenly over "
        "time.",
    )


def _parts(rows: pd.DataFrame, columns: list[str]) -> Iterator[pa.Table]:
    # Columns that are taken of a frame are copied: of all rows that would be another table.
    for at in range(0, len(rows), MOST_ROWS):
        yield arrow.table(rows.iloc[at : at + MOST_ROWS][columns])


@contextmanager
def learning(*about: Any) -> Iterator[Future[Profile]]:
    """Do what `learn_baseline` does while the block is run, of which nothing waits for it.

    It is small work done often: on a busy machine, threads of its own would wait for each other
    longer than it takes.
    """
    with threadpool_limits(1), ThreadPoolExecutor(1) as pool:
        yield pool.submit(learn_baseline, *about)
