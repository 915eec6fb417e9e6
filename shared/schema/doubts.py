"""What a table's values leave in doubt: nothing is refused for it, and a person is told."""

import pandas as pd
import pyarrow as pa

from shared.schema import arrow
from shared.schema.number_texts import number_texts
from shared.schema.reading import plain_column
from shared.schema.times import finer_times
from shared.schema.violations import FINER, Violation, examples_of
from shared.settings import Settings
from shared.settings_text import settings_key

NUMBER = r"\s*[-+]?\d+(\.\d*)?\s*"
# As numbers, such would be other codes.
CODE = r"0\d+"


def mostly_numbers(
    name: str, values: pa.ChunkedArray, settings: Settings, *, of_cells: bool = True
) -> str:
    """Return which text makes texts of a column of numbers; nothing of any other column.

    Of cells, as CSV files have them, the settings say which stand for no value.
    """
    written = arrow.texts(plain_column(values)).drop_null().to_pandas()
    counts = written.astype(object).value_counts(sort=False)
    if counts.empty:
        return ""
    texts = pd.Series(counts.index.astype(str))
    plain = plain_column(
        number_texts(
            pa.chunked_array([pa.array(texts, pa.string())]),
            settings.csv.decimal,
            settings.csv.thousands,
        )
    )
    is_number = plain.to_pandas().str.fullmatch(NUMBER).to_numpy()
    share = counts.to_numpy()[is_number].sum() / counts.sum()
    if not 0.5 < share < 1 or texts.str.fullmatch(CODE).any():
        return ""
    mend = "[csv] missing which texts stand for no value"
    if not of_cells:
        mend = "what is none is to be missing in the source"
    return (
        f"{name} is no number, as {texts[~is_number].iloc[0]!r} is none, but "
        f"{min(share, 0.99):.0%} of its values are: [contract] {settings_key(name)} = "
        f'{{ type = "number" }} says that it is one, {mend}, and {{ type = "category" }} '
        "that these are codes"
    )


def finer_than_kept(name: str, values: pa.ChunkedArray) -> str:
    """Return in how many rows the digits of a second are cut; nothing where none are."""
    came = plain_column(values)
    rows = finer_times(came)
    if not rows.any():
        return ""
    return str(Violation(name, FINER, int(rows.sum()), rows.mean(), examples_of(came, rows)))
