"""A source held against its contract, and a training refused where it breaks that."""

import pandas as pd
import pyarrow as pa

from shared.errors import Refusal
from shared.schema import violations
from shared.schema.cells import cells_of_settings
from shared.schema.contract import Contract
from shared.schema.reading import column_of
from shared.schema.violations import NOT_UNIQUE, Violation
from shared.settings import Settings
from shared.tables import file_rows, table_files
from shared.tables.items import read_items
from shared.tasks.choice import refuse_target
from shared.training.pinned import Pinned
from shared.words import nearest_name, number_of

IGNORED = "ignored in the settings, but no column of the source"


def checked(
    source: pa.Table | pd.DataFrame, contract: Contract, settings: Settings, pinned: Pinned
) -> list[Violation]:
    """Return every violation of the contract that was inferred of a source.

    Raises `Refusal` where the target is none that can be learnt, or a bundle's items lack.
    """
    refuse_target(column_of(source, contract.target), contract, settings)
    # What a bundle needs of them is said before a model is fitted.
    read_items(settings, contract)
    return violations.check(source, contract) + _unknown_ignored(source, settings, pinned)


def refuse_broken(violations: list[Violation]) -> None:
    """Raise a `Refusal` that lists every enforced violation, if there is one."""
    broken = [each for each in violations if each.enforced]
    if not broken:
        return
    mend = "Fix the source, or the [contract] in the settings"
    if all(each.problem == NOT_UNIQUE for each in broken):
        mend = "Drop rows from the source, or choose a key that each row has for itself"
    raise Refusal(
        f"the source breaks its contract in {number_of(len(broken), 'way')}: "
        f"{'; '.join(map(str, broken))}. {mend}"
    )


def _unknown_ignored(
    source: pa.Table | pd.DataFrame, settings: Settings, pinned: Pinned
) -> list[Violation]:
    """Return that columns are ignored which the settings' source does not have.

    What IngestFlow has filled has the contract's columns alone.
    """
    if not settings.ignored or pinned.address != settings.source:
        return []
    there = (
        {*map(str, source)} if isinstance(source, pd.DataFrame) else _column_names(pinned, settings)
    )
    return [
        Violation(name, f"{IGNORED}{nearest_name(name, there)}", 0, 0.0, enforced=False)
        for name in settings.ignored
        if name not in there
    ]


def _column_names(pinned: Pinned, settings: Settings) -> set[str]:
    files = table_files.list_files(pinned.address, pinned.version).files
    return file_rows.column_names(pinned.address, files, cells_of_settings(settings))
