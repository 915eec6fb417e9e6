"""The source table of a training run: read, held against the contract, and described."""

from typing import Any

import pandas as pd

from shared.data import checks, sources
from shared.data.checks import Breach
from shared.data.contract import Contract
from shared.errors import Refusal
from shared.settings import Settings
from shared.training import production


def load(
    settings: Settings, *, served: bool = False
) -> tuple[pd.DataFrame, Contract, list[Breach]]:
    """Read the problem's columns from its source, with the contract and every breach of it.

    With `served`, rows of the prediction log that have an outcome are added.
    """
    source = sources.read(settings.source)
    contract = Contract.infer(source, settings)
    if served:
        source = production.add(source, contract, settings)
        contract = Contract.infer(source, settings)
    table = source[[column.name for column in contract.columns]]
    return table, contract, checks.check(table, contract)


def refuse_broken(breaches: list[Breach]) -> None:
    """Raise a `Refusal` that lists every enforced breach, if there is one."""
    if broken := [str(breach) for breach in breaches if breach.enforced]:
        raise Refusal(
            f"the source breaks its contract in {len(broken)} ways: {'; '.join(broken)}. "
            "Mend the source, or the [contract] in the settings"
        )


def facts(table: pd.DataFrame, settings: Settings) -> dict[str, Any]:
    """Describe a table: rows, span, outcomes, fingerprint, missing shares, rows per day."""
    moments = pd.to_datetime(table[settings.time], utc=True, errors="coerce")
    days = moments.dt.floor("D").value_counts().sort_index()
    known = table[settings.target].notna()
    return {
        "source": settings.source,
        "rows": len(table),
        "columns": len(table.columns),
        "from": str(moments.min()),
        "to": str(moments.max()),
        "rows without outcome": int((~known).sum()),
        "share positive": float(table.loc[known, settings.target].astype("float64").mean()),
        "fingerprint": sources.fingerprint(table),
        "missing": table.isna().mean().to_dict(),
        "per_day": {str(day)[:10]: int(count) for day, count in days.items()},
    }
