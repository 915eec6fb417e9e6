"""Which columns of a file are the log's own: whose answers these are, their scores and outcomes.

A file may have other things by these names. They are taken for the log's only where they are that,
and a window says which it took.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shared.log_columns import OUTCOME, PREDICTION
from shared.monitoring.windows import column_faults
from shared.monitoring.windows.column_faults import Fault, Faults
from shared.schema import arrow, validation
from shared.schema.contract import Contract, ContractColumn
from shared.schema.reading import read_column
from shared.tasks.task import Task

BUNDLE = "bundle"
DIGEST = r"^[0-9a-f]{64}$"


@dataclass(frozen=True)
class AnswerColumns:
    """A table with the log's columns alone by their names, of those that are `taken`.

    `bundle` is whose answers the rows are, None where the file does not say. `faults` are of what
    is taken; `left` has what is not the log's, and why.
    """

    table: pa.Table
    bundle: pa.ChunkedArray | None
    taken: frozenset[str]
    faults: Faults = field(default_factory=dict)
    left: Faults = field(default_factory=dict)


@dataclass(frozen=True)
class _Column:
    """A column's values if it is the log's own, with their faults; else why it is not."""

    values: pa.ChunkedArray | None = None
    faults: Faults = field(default_factory=dict)
    left: Faults = field(default_factory=dict)


def as_asked(table: pa.Table, contract: Contract) -> pa.Table:
    """Return rows of the log with the contract's names of their key and time; others as they are.

    An export of the log has them by its own names.
    """
    there = {*table.column_names}
    if "prediction_id" not in there:
        return table
    asked = {"key": contract.key, "time": contract.time}
    names = {own: name for own, name in asked.items() if name not in there}
    return table.rename_columns([names.get(name, name) for name in table.column_names])


def find(table: pa.Table, contract: Contract, task: Task) -> AnswerColumns:
    """Find the log's columns in a table, and name its outcomes as the log does."""
    own = {*table.column_names} - {column.name for column in contract.columns}
    scores = [column for column, _ in task.columns if column.name in task.counted_names]
    bundle = _digests(table, task) if BUNDLE in own else _Column()
    answered = bundle.values is not None
    found = {c.name: _scores(table[c.name], c, answered) for c in scores if c.name in own}
    answered |= any(column.values is not None for column in found.values())
    outcome = _outcomes(table, contract, answered) if OUTCOME in own else _Column()
    found = {BUNDLE: bundle, **found, OUTCOME: outcome}
    taken = {name for name, column in found.items() if column.values is not None}
    if OUTCOME not in taken and contract.target in table.column_names:
        found[OUTCOME] = replace(_labels(table, contract), left=outcome.left)
    gone = (own & found.keys()) | {contract.target}
    kept = table.drop_columns([name for name in table.column_names if name in gone])
    for name, column in found.items():
        if name != BUNDLE and column.values is not None:
            kept = kept.append_column(name, column.values)
    return AnswerColumns(
        table=kept,
        bundle=bundle.values,
        taken=frozenset(taken),
        faults={key: fault for column in found.values() for key, fault in column.faults.items()},
        left={key: fault for column in found.values() for key, fault in column.left.items()},
    )


def _digests(table: pa.Table, task: Task) -> _Column:
    """Find whose answers the rows are: only ScoreFlow's files say it, beside what it answered."""
    answers = dict.fromkeys([*task.counted_names, PREDICTION])
    if absent := [name for name in answers if name not in table.column_names]:
        words = f"the file has no {' and no '.join(absent)}"
        return _Column(left={(BUNDLE, words): Fault(table.num_rows)})
    digests = arrow.texts(table[BUNDLE])
    if pc.all(pc.match_substring_regex(digests.unique(), DIGEST)).as_py() is not False:
        return _Column(digests)
    other = ~pc.match_substring_regex(digests, DIGEST).fill_null(True).to_numpy()
    return _Column(left={(BUNDLE, "no bundle's digest"): column_faults.fault_of(digests, other)})


def _scores(came: pa.ChunkedArray, expected: ContractColumn, answered: bool) -> _Column:
    """Find the scores of rows: those that can be, or whatever it is where a bundle has answered."""
    reading = read_column(came, expected)
    beyond = [rows for _, rows in validation.outside(reading.values, expected)]
    wrong = np.logical_or.reduce([*beyond, *reading.unreadable.values()])
    if not np.any(wrong):
        return _Column(reading.values)
    faults = {(expected.name, _no(expected)): column_faults.fault_of(came, wrong)}
    if not answered:
        return _Column(left=faults)
    return _Column(pc.if_else(pa.array(~wrong), reading.values, None), faults)


def _no(expected: ContractColumn) -> str:
    if expected.minimum is None:
        return "no class of the target" if expected.type == "category" else f"no {expected.type}"
    return f"no {expected.name} from {expected.minimum:g} to {expected.maximum:g}"


def _outcomes(table: pa.Table, contract: Contract, answered: bool) -> _Column:
    """Find outcomes by the log's name: those of answers, or where none has the target's name."""
    if contract.target in table.column_names and not answered:
        words = f"the file has {contract.target}"
        return _Column(left={(OUTCOME, words): Fault(table.num_rows)})
    target = contract[contract.target]
    # The log's own are plain; a file's may be written as the target's are.
    plain = ContractColumn(name=OUTCOME, type=target.type, nullable=True)
    written = target.model_copy(update={"name": OUTCOME})
    readings = [column_faults.read_counted(table[OUTCOME], each) for each in (plain, written)]
    values, wrong, faults = next((r for r in readings if r[1] is None), readings[1])
    if wrong is not None and not answered:
        return _Column(left=faults)
    return _Column(_plain(values, target), faults)


def _labels(table: pa.Table, contract: Contract) -> _Column:
    came, target = table[contract.target], contract[contract.target]
    values, _, faults = column_faults.read_counted(came, target)
    return _Column(_plain(values, target), faults)


def _plain(values: pa.ChunkedArray, target: ContractColumn) -> pa.ChunkedArray:
    return values if target.type == "category" else values.cast(pa.float64())
