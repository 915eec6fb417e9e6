"""What a table's values leave in doubt: nothing is refused for it, and a person is told."""

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from shared.schema import arrow
from shared.schema.number_texts import number_texts
from shared.schema.reading import plain_column
from shared.schema.times import finer_times
from shared.schema.violations import FINER, Violation, examples_of
from shared.settings import Settings
from shared.settings_text import settings_key

NUMBER = r"\s*[-+]?\d+(\.\d*)?\s*"
# Numbers as people write them, and what tells such from plain ones.
AMOUNT = (
    r"^\s*([A-Z]{3}\s)?[-+]?[€$£]?\s?\d{1,3}([ ,.']?\d{3})*([.,]\d+)?"
    r"(\s?[%€$£]|\s[A-Za-zµ°]{1,3}[²³]?)?\s*$"
)
SIGNS = r"[ ,'€$£%]"
# Of fewer different texts, such as of sizes, each may be a category.
FEWEST_AMOUNTS = 50
# As numbers, such would be other codes.
CODE = r"0\d+"


def mostly_numbers(
    name: str, values: pa.ChunkedArray, settings: Settings, *, of_cells: bool = True
) -> str:
    """Return which text, or which way of writing, makes texts of a column of numbers.

    Nothing of any other column.
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
    if texts.str.fullmatch(CODE).any():
        return ""
    if not 0.5 < share < 1:
        return _written_for_people(name, texts, of_cells=of_cells)
    mend = "[csv] missing which texts stand for no value"
    if not of_cells:
        mend = "what is none is to be missing in the source"
    return (
        f"{name} is no number, as {texts[~is_number].iloc[0]!r} is none, but "
        f"{min(share, 0.99):.0%} of its values are: [contract] {settings_key(name)} = "
        f'{{ type = "number" }} says that it is one, {mend}, and {{ type = "category" }} '
        "that these are codes"
    )


def _written_for_people(name: str, texts: pd.Series, *, of_cells: bool) -> str:
    if len(texts) <= FEWEST_AMOUNTS or not are_amounts(pa.chunked_array([pa.array(texts)])):
        return ""
    shown = texts[texts.str.contains(SIGNS)].iloc[0]
    mend = "make numbers of them in the source"
    if of_cells:
        mend = f"say how they are written, [csv] decimal or thousands, or {mend}"
    return (
        f"{name} is no number, as {shown!r} is written for people: {mend}; [contract] "
        f'{settings_key(name)} = {{ type = "category" }} says that these are codes'
    )


def are_amounts(texts: pa.ChunkedArray) -> bool:
    """Tell whether texts are numbers with blanks, thousands apart, a currency, a unit or a %."""
    values = texts.drop_null()
    amounts = pc.match_substring_regex(values, AMOUNT)
    signs = pc.match_substring_regex(values, SIGNS)
    return bool(pc.mean(amounts).as_py() > 0.9 and pc.mean(signs).as_py() > 0.5)


def finer_than_kept(name: str, values: pa.ChunkedArray) -> str:
    """Return in how many rows the digits of a second are cut; nothing where none are."""
    came = plain_column(values)
    rows = finer_times(came)
    if not rows.any():
        return ""
    return str(Violation(name, FINER, int(rows.sum()), rows.mean(), examples_of(came, rows)))
