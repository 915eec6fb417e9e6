"""The baseline profile of a history with a model's answers, learnt while the model is judged."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

import pandas as pd
from threadpoolctl import threadpool_limits

from shared.baseline.learning import learn
from shared.model.inputs import model_input
from shared.schema import arrow
from shared.schema.contract import Contract
from shared.settings import Settings
from shared.tasks.choice import task_of
from shared.tasks.task import Rule

Profile = dict[str, Any]


def learn_baseline(
    model: Any,
    rule: Rule,
    history: pd.DataFrame,
    contract: Contract,
    settings: Settings,
    facts: Mapping[str, Any] = MappingProxyType({}),
) -> Profile:
    """Return how a history varies, for the monitor, in plain values.

    `history` are all the rows that were there to learn from, with and without an outcome. `facts`
    say where these were a sample of the source's rows.
    """
    task, monitor = task_of(contract), settings.monitor
    answers = task.answers(task.scores(model, model_input(history, contract)), rule, history)
    # Of all rows, none is copied.
    past = pd.DataFrame({**history, **answers}, index=history.index, copy=False)
    asked = monitor.false_alarms, facts.get("share sampled", 1.0), monitor.holidays
    return learn(arrow.table(past), contract, *asked).model_dump(mode="json")


@contextmanager
def learning(*about: Any) -> Iterator[Future[Profile]]:
    """Do what `learn_baseline` does while the block is run, of which nothing waits for it.

    It is small work done often: on a busy machine, threads of its own would wait for each other
    longer than it takes.
    """
    with threadpool_limits(1), ThreadPoolExecutor(1) as pool:
        yield pool.submit(learn_baseline, *about)
