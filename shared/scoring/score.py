"""Partitions answered one after another: read ahead, scored, and written as one file each."""

import gc
import itertools
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING

import pyarrow as pa
from threadpoolctl import threadpool_limits

from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.scoring.answers import Answered, Scorer
from shared.scoring.output import Output
from shared.scoring.partitions import FILE, Partition, Plan
from shared.scoring.served_answers import ServedAnswers
from shared.settings import Settings
from shared.tables import file_rows
from shared.tables.prefetch import ahead, by_several
from shared.words import number_of

if TYPE_CHECKING:
    from shared.scoring.reasons import Reasons

MILLION = 1_000_000
# Each holds a batch.
MOST_WORKERS = 4
REFUSED = "refused.parquet"
RowsDone = Callable[[int], object]


@dataclass
class Scored:
    """What became of a partition's rows: `read` are answered (`written`) or `refused`.

    `compared` were answered again as a server answers them, or `not_compared` says why none was.
    """

    folder: str
    read: int = 0
    written: int = 0
    refused: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    model_seconds: float = 0.0
    compared: int = 0
    not_compared: str | None = None


class Progress:
    """Prints how many rows of a part are done, every million of them."""

    def __init__(self, part: Sequence[Partition]) -> None:
        self._rows, self._done, self._printed = sum(p.rows or 0 for p in part), 0, 0

    def __call__(self, rows: int) -> None:
        self._done += rows
        if self._done // MILLION > self._printed:
            self._printed = self._done // MILLION
            print(f"{self._done:,} of {number_of(self._rows, 'row')}")


def score(
    plan: Plan,
    part: Sequence[Partition],
    bundle: Bundle,
    settings: Settings,
    on_rows: RowsDone = lambda rows: None,
) -> list[Scored]:
    """Answer the partitions of one part; what is in memory is a few batches.

    A partition's file is there when it is whole, and not before. `on_rows` is called with how many
    rows more are done. Several threads ask the model at once, since answering changes nothing in
    it. Raises `Refusal` where the reasons would take longer than a task may.
    """
    reasons = None
    if plan.explain:
        from shared.scoring.reasons import Reasons

        reasons = Reasons(bundle)
        _refuse_too_slow(reasons, sum(p.rows or 0 for p in part), settings.resources.minutes)
    scorer = Scorer(bundle, features=settings.score.features, reasons=reasons)
    # What is loaded stays: to look through it again and again takes a fiftieth of the time.
    gc.freeze()
    served = ServedAnswers(bundle, len(part))
    # One stream over all partitions: where one ends, the next is already read and answered.
    tables = ahead(_tables(plan, part, scorer, settings.score.batch_rows))

    def answered(table: tuple[int, pa.Table | None]) -> tuple[int, Answered | None]:
        at, rows = table
        return at, None if rows is None else scorer.answer(rows)

    # One more than there are cores: now and then one waits for its turn in Python.
    workers = min((os.cpu_count() or 1) + 1, MOST_WORKERS)
    with (
        threadpool_limits(1, user_api="blas"),
        closing(tables),
        closing(by_several(answered, tables, workers, _alone)) as made,
    ):
        return [
            _partition(plan, part[at], scorer, served, (batch for _, batch in batches), on_rows)
            for at, batches in itertools.groupby(made, key=itemgetter(0))
        ]


def _refuse_too_slow(reasons: "Reasons", rows: int, most_minutes: int) -> None:
    """Raise `Refusal` where so many rows cannot be explained in time, each core at its best."""
    needed = rows * reasons.row_seconds() / min(os.cpu_count() or 1, MOST_WORKERS) / 60
    if needed > most_minutes:
        raise Refusal(
            f"the reasons for {number_of(rows, 'row')} take about {needed:,.0f} minutes, and a "
            f"task is given up after {most_minutes:,} ([resources] minutes in the settings): score "
            "a smaller --table with --explain, or all of it without"
        )


def _alone() -> None:
    """Let a model's loops take the thread that they are called in, and no others.

    Whole batches side by side leave no core waiting for another; threads within one do.
    """
    threadpool_limits(1, user_api="openmp")


def _tables(
    plan: Plan, part: Sequence[Partition], scorer: Scorer, rows: int
) -> Iterator[tuple[int, pa.Table | None]]:
    """Yield the batches of each partition after its place; None begins each, if it has no row."""
    for at, partition in enumerate(part):
        yield at, None
        for table in file_rows.read_batches(
            plan.table,
            partition.files,
            rows=rows,
            columns=scorer.columns,
            as_codes=scorer.categories,
            cells=scorer.cells,
            made=scorer.made,
        ):
            yield at, table


def _partition(
    plan: Plan,
    partition: Partition,
    scorer: Scorer,
    served: ServedAnswers,
    batches: Iterator[Answered | None],
    on_rows: RowsDone,
) -> Scored:
    started, made, sample = time.perf_counter(), Scored(partition.folder), served.sample()
    repeated = [*scorer.categories, "bundle", scorer.reason_name]
    with (
        Output(plan.output, partition.folder, FILE, repeated) as answers,
        Output(plan.refused, partition.folder, REFUSED, repeated) as refused,
    ):
        for answered in filter(None, batches):
            _take(answered, made, answers, refused, scorer.reason_name)
            sample.add(answered)
            on_rows(answered.screened.rejected.num_rows + answered.answers.num_rows)
        agreed = served.compare(sample, partition.folder or plan.table)
        made.compared, made.not_compared = agreed.compared, agreed.note
        # The answers come last: who sees them knows that what was refused is there, too.
        refused.finish(None)
        note = {"stamp": partition.stamp, "bundle": plan.digest, "refused": made.refused}
        answers.finish(json.dumps(note).encode())
    made.seconds = time.perf_counter() - started
    return made


def _take(
    answered: Answered, made: Scored, answers: Output, refused: Output, reason_name: str
) -> None:
    answers.write(answered.with_reasons)
    made.written += answered.answers.num_rows
    made.model_seconds += answered.model_seconds
    if reasons := answered.screened.reasons:
        column = pa.array(reasons, pa.string())
        refused.write(answered.screened.rejected.append_column(reason_name, column))
        made.refused += len(reasons)
        made.reasons.update(each for of_row in reasons for each in of_row.split("; "))
    made.read = made.written + made.refused
