"""The items that slates are made of, with their features, read as a problem's source is."""

import pandas as pd
import pyarrow as pa

from shared.errors import Refusal
from shared.schema.cells import cells_of_contract
from shared.schema.contract import Contract
from shared.schema.reading import read_series
from shared.schema.validation import enforced_faults
from shared.settings import Settings
from shared.tables import sources
from shared.words import number_of


def read_items(settings: Settings, contract: Contract) -> pa.Table | None:
    """Return the settings' table of items: the item's column and features, typed by the contract.

    What else it has is left out. None where the settings name none. Raises `Refusal` where it
    cannot be read, lacks the item, has one twice, or holds what the contract refuses.
    """
    ranking = settings.ranking
    if not ranking or not ranking.items:
        return None
    found = sources.read_table(ranking.items, cells=cells_of_contract(contract, settings.csv))
    there = list(found.columns) if isinstance(found, pd.DataFrame) else found.column_names
    if ranking.item not in there:
        raise Refusal(
            f"the items of {ranking.items} have no column {ranking.item!r}, by which impressions "
            f"name them: they have {', '.join(map(str, there))}"
        )
    if ranking.user in there:
        raise Refusal(f"the items of {ranking.items} have the column {ranking.user!r} of the users")
    typed: dict[str, pa.ChunkedArray] = {}
    for name in (each for each in contract.features if each in there):
        column = contract[name]
        if name == ranking.item:
            column = column.model_copy(update={"nullable": False})
        reading = read_series(found[name], column)
        for words, rows in enforced_faults(reading, column):
            count = number_of(int(rows.sum()), "item")
            raise Refusal(f"the items of {ranking.items}: {name} is {words} in {count}")
        typed[name] = reading.values
    if not len(typed[ranking.item]):
        raise Refusal(f"{ranking.items} has no items")
    if len(typed[ranking.item].unique()) < len(typed[ranking.item]):
        raise Refusal(f"the items of {ranking.items} have a {ranking.item!r} twice: keep one")
    return pa.table(typed)
