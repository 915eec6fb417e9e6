"""The table of items: typed as impressions are, and refused before anything rests on it."""

from pathlib import Path

import pandas as pd
import pytest

from shared.errors import Refusal
from shared.schema.inference import infer_contract
from shared.settings import Settings
from shared.tables.items import read_items
from tests.tasks.impressions import catalogue, impressions, shelf


def read(settings: Settings, items: pd.DataFrame) -> pd.DataFrame:
    items.to_parquet(settings.ranking.items, index=False)
    found = read_items(settings, infer_contract(impressions(20), settings))
    assert found is not None
    return found.to_pandas()


def test_items_have_their_own_features_and_nothing_else(tmp_path: Path) -> None:
    found = read(shelf(tmp_path), catalogue().assign(stock=3, price=4))
    assert [*found] == ["item", "price"]
    assert found["price"].tolist() == [4.0] * 12
    assert found["price"].dtype == "float64"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"item": "i01"}, "have a 'item' twice: keep one"),
        ({"item": None}, "item is missing in 12 items"),
        ({"price": "dear"}, "price is not a number in 12 items"),
        ({"user": "u1"}, "have the column 'user' of the users"),
    ],
)
def test_items_that_cannot_be_shown_are_refused(
    tmp_path: Path, wrong: dict[str, object], words: str
) -> None:
    with pytest.raises(Refusal, match=words):
        read(shelf(tmp_path), catalogue().assign(**wrong))


def test_a_table_of_other_things_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="have no column 'item', by which impressions name them"):
        read(shelf(tmp_path), catalogue().rename(columns={"item": "thing"}))
    with pytest.raises(Refusal, match="has no items"):
        read(shelf(tmp_path), catalogue()[:0])


def test_settings_without_items_have_none(settings: Settings, tmp_path: Path) -> None:
    contract = infer_contract(impressions(20), shelf(tmp_path))
    assert read_items(settings, contract) is None
