"""Rows merged into a table by key: new, corrected, moved, repeated; by several at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shared.ingestion.merge import Merged, merge
from shared.tables import delta, sources

SCHEMA = pa.schema(
    [("id", pa.string()), ("x", pa.float64()), ("hit", pa.bool_()), ("day", pa.string())]
)
FIRST, SECOND, FAR = "2024-01-01", "2024-01-02", "2024-03-01"


class Shop:
    """A table, and a way to stage rows and merge them."""

    def __init__(self, folder: Path) -> None:
        self.address, self.folder, self.staged = str(folder / "table"), folder, 0
        delta.create(self.address, SCHEMA)

    def bring(self, *rows: tuple[str, float | None, bool | None, str]) -> Merged:
        return merge(self.address, *self.stage(*rows), "id", 7)

    def stage(self, *rows: tuple[str, float | None, bool | None, str]) -> tuple[str, list[str]]:
        self.staged += 1
        place = self.folder / f"staged-{self.staged}"
        frame = pd.DataFrame(rows, columns=SCHEMA.names)
        for day, of_day in frame.groupby("day"):
            (place / f"day={day}").mkdir(parents=True)
            table = pa.Table.from_pandas(of_day, SCHEMA, preserve_index=False)
            pq.write_table(table.drop_columns("day"), place / f"day={day}" / "0.parquet")
        return str(place), sorted(set(frame["day"]))

    @property
    def version(self) -> int:
        return delta.open_table(self.address).version()

    @property
    def rows(self) -> list[tuple[str, float | None, bool | None, str]]:
        found = sources.read_source(self.address).sort_values(["id", "day"])[SCHEMA.names]
        found = found.astype(object).where(found.notna(), None)
        return list(found.itertuples(index=False, name=None))


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_new_rows_come_in_and_the_same_again_change_nothing(shop: Shop) -> None:
    rows = [("a", 1.0, True, FIRST), ("b", None, None, FIRST), ("c", 3.0, False, SECOND)]
    assert shop.bring(*rows) == Merged(new=3, days_written=2)
    version = shop.version
    assert shop.bring(*rows) == Merged(unchanged=3)
    assert shop.version == version
    assert shop.rows == rows


def test_a_corrected_row_is_replaced_and_the_rest_of_its_day_stays(shop: Shop) -> None:
    shop.bring(("a", 1.0, None, FIRST), ("b", 2.0, None, FIRST), ("c", 3.0, True, SECOND))
    assert shop.bring(("a", 1.0, True, FIRST), ("c", 3.0, True, SECOND)) == Merged(
        corrected=1, unchanged=1, days_written=1
    )
    assert shop.rows == [
        ("a", 1.0, True, FIRST),
        ("b", 2.0, None, FIRST),
        ("c", 3.0, True, SECOND),
    ]


def test_of_rows_with_the_same_key_the_last_counts(shop: Shop) -> None:
    made = shop.bring(("a", 1.0, None, FIRST), ("a", 2.0, None, FIRST), ("b", 1.0, None, FIRST))
    assert made == Merged(new=2, repeated=1, days_written=1)
    assert shop.rows[0] == ("a", 2.0, None, FIRST)


@pytest.mark.parametrize("others", [[], [("z", 5.0, None, FIRST)]])
def test_a_row_whose_day_is_corrected_leaves_the_day_that_it_stood_in(shop: Shop, others) -> None:
    shop.bring(("a", 1.0, None, FIRST), ("b", 2.0, None, FIRST))
    made = shop.bring(("a", 1.0, None, SECOND), *others)
    assert made == Merged(new=len(others), corrected=1, days_written=2)
    assert [row for row in shop.rows if row[0] == "a"] == [("a", 1.0, None, SECOND)]
    assert len(shop.rows) == 2 + len(others)


def test_days_that_nothing_new_is_in_are_not_written(shop: Shop) -> None:
    shop.bring(("a", 1.0, None, FIRST), ("b", 2.0, None, FAR))
    made = shop.bring(("a", 1.0, None, FIRST), ("c", 2.0, None, FAR))
    assert made == Merged(new=1, unchanged=1, days_written=1)


def test_several_at_once_lose_nothing_and_double_nothing(shop: Shop) -> None:
    shared = [(f"s{n}", 1.0, None, FIRST) for n in range(20)]
    staged = [
        shop.stage(*shared, *((f"{who}-{n}", 2.0, True, SECOND) for n in range(50)))
        for who in range(6)
    ]
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda found: merge(shop.address, *found, "id", 7), staged))
    assert sum(one.new for one in made) == 20 + 6 * 50
    assert sum(one.unchanged for one in made) == 5 * 20
    keys = [row[0] for row in shop.rows]
    assert len(keys) == len(set(keys)) == 20 + 6 * 50
