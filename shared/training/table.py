"""The rows of a training: read whole, typed by their contract, and described."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from shared.schema import violations
from shared.schema.contract import Contract
from shared.schema.inference import infer_contract
from shared.schema.reading import typed_frame
from shared.schema.violations import Violation
from shared.settings import Settings
from shared.tables import sources
from shared.tables.even_sample import EvenSample
from shared.tasks.task import Task
from shared.training import contract_checks, sampling

# The tests that `millrace new` wrote once have it from here.
from shared.training.ends import load_ends  # noqa: F401
from shared.training.pinned import Pinned, pin, read_source


def load(
    settings: Settings,
    pinned: Pinned | None = None,
    sampled: EvenSample | None = None,
    *,
    served: bool = False,
) -> tuple[pd.DataFrame, Contract, list[Violation]]:
    """Read the problem's columns from its source, with the contract and every violation of it.

    The source is read as it is now, unless it is `pinned`; where [train] has `rows`, these are
    `sampled`, and the contract is theirs, and checked on them. With `served`, rows of the
    prediction log that have an outcome are added, as large a share of them. Values are of the
    contract's types, and missing where they could not be read.
    """
    pinned = pinned or pin(settings, None)
    sampled = sampled or sampling.sample(settings, pinned)
    with sampling.telling_of(sampled):
        return _load(settings, pinned, sampled, served)


def _load(
    settings: Settings, pinned: Pinned, sampled: EvenSample | None, served: bool
) -> tuple[pd.DataFrame, Contract, list[Violation]]:
    source = read_source(settings, pinned, sampled)
    # What Arrow keeps for later would come on top of what pandas takes.
    pa.default_memory_pool().release_unused()
    contract = infer_contract(source, settings)
    found = contract_checks.checked(source, contract, settings, pinned)
    if isinstance(source, pa.Table):
        source = dict(zip(source.column_names, source.columns, strict=True))
    table = typed_frame(source, contract)
    if served:
        from shared.training import served_rows

        contract = served_rows.served_contract(contract, settings)
        rows = served_rows.labelled_rows(table, contract, settings)
        # Of the table's rows that were not taken, none comes back from the log.
        rows = rows[sampled.taken(rows)] if sampled and not sampled.is_whole else rows
        found += [
            replace(each, column=f"{each.column} of the rows served")
            for each in violations.check(rows, contract)
        ]
        table = pd.concat([table, typed_frame(rows, contract)], ignore_index=True)
        types = {column.name: column.type for column in contract.columns}
        contract = infer_contract(table, settings, types, contract[contract.target].truths)
    return _in_time(table, contract), contract, found


def _in_time(table: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    """Return rows in the order of time: so those of a part stand together."""
    moments = table[contract.time]
    if moments.is_monotonic_increasing:
        return table
    order = np.argsort(moments.to_numpy("datetime64[ns]"), kind="stable")
    columns = [*map(str, table)]
    # Out of the frame one by one, so that no two are in memory twice.
    taken = {name: table.pop(name).array.take(order) for name in columns}
    return pd.DataFrame(taken, copy=False)


def facts(
    table: pd.DataFrame,
    task: Task,
    settings: Settings,
    pinned: Pinned,
    sampled: EvenSample | None = None,
) -> dict[str, Any]:
    """Describe a table: rows, span, outcomes, fingerprint, missing shares, rows per day.

    Where not all rows of the source were taken, also of how many it is a sample.
    """
    moments = pd.to_datetime(table[settings.time], utc=True, errors="coerce")
    days = moments.dt.floor("D").value_counts().sort_index()
    known = table[settings.target].notna()
    return {
        "source": pinned.address,
        "version": pinned.version,
        "rows": len(table),
        **(_sample_facts(sampled) if sampled and not sampled.is_whole else {}),
        **({"weighed by": settings.weighed_by} if settings.weighed_by else {}),
        "columns": len(table.columns),
        "from": str(moments.min()),
        "to": str(moments.max()),
        "rows without outcome": int((~known).sum()),
        **task.target_facts(table.loc[known, settings.target]),
        "fingerprint": sources.fingerprint(table),
        "missing": {name: float(values.isna().to_numpy().mean()) for name, values in table.items()},
        "per_day": {str(day)[:10]: int(count) for day, count in days.items()},
    }


def _sample_facts(sampled: EvenSample) -> dict[str, Any]:
    return {"sample": sampled.words, "share sampled": sampled.share}
