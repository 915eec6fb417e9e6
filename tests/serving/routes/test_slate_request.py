"""Requests for slates are read with what they leave out, and without copies of all items."""

import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from shared.schema.inference import infer_contract
from shared.serving.request_rows.validation_errors import InvalidRows
from shared.serving.routes.slate_request import SlateReader, SlateRequest
from tests.tasks.impressions import catalogue, impressions, shelf

ASKED = {"user": "u7", "age": 27}


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> SlateReader:
    return reader_of(tmp_path_factory.mktemp("shelf"), catalogue())


def reader_of(folder: Path, items: Any) -> SlateReader:
    contract = infer_contract(impressions(50), shelf(folder))
    return SlateReader(SimpleNamespace(contract=contract, items=lambda: items), 100)


def read(reader: SlateReader, **more: Any) -> SlateRequest:
    return reader.read(json.dumps(ASKED | more).encode())


def test_what_is_left_out_is_all_items_now_under_a_name_of_its_own(reader: SlateReader) -> None:
    one, other = read(reader), read(reader)
    assert one.context == ASKED
    assert one.rows is other.rows is reader.items
    assert (one.places, one.are_items, one.size, one.k) == (None, True, 12, 3)
    assert len({one.slate, other.slate}) == 2
    assert abs((datetime.now(UTC) - one.time).total_seconds()) < 60


def test_what_is_said_is_taken(reader: SlateReader) -> None:
    one = read(reader, slate="a", k=1, shown="2024-05-01T10:00:00+02:00", candidates=["i07", "i02"])
    assert (one.slate, one.k, one.time) == ("a", 1, datetime(2024, 5, 1, 8, tzinfo=UTC))
    assert (one.places, one.are_items, one.size) == ([7, 2], True, 2)
    assert one.rows is reader.items


def test_values_are_those_of_the_candidates_and_of_the_context(reader: SlateReader) -> None:
    one = read(reader, candidates=["i07", "i02"])
    assert one.values("item") == ["i07", "i02"]
    assert one.values("age") == [27, 27]
    assert one.shown("item", [1]) == ["i02"]
    assert one.shown("user", [1, 0]) == ["u7", "u7"]
    whole = read(reader)
    assert whole.values("item") is reader.items["item"]
    assert whole.shown("item", [11, 0]) == ["i11", "i00"]


def test_named_and_described_candidates_are_not_mixed(reader: SlateReader) -> None:
    with pytest.raises(InvalidRows) as refused:
        read(reader, candidates=["i07", {"item": "i02"}])
    (error,) = refused.value.errors
    assert (error.row, error.field, error.received) == (1, "candidates", "{'item': 'i02'}")
    assert error.problem == (
        "some are objects, some are not: give all with their features, or all by name"
    )


def test_described_candidates_have_their_own_values(reader: SlateReader) -> None:
    one = read(reader, candidates=[{"item": "new", "price": "3.5"}, {"item": 7, "price": 1}])
    assert one.rows == {"item": ["new", "7"], "price": [3.5, 1.0]}
    assert (one.places, one.are_items) == (None, False)


def test_of_more_items_than_a_slate_may_be_chosen_from_some_are_named(tmp_path: Path) -> None:
    reader = reader_of(tmp_path, catalogue().head(12))
    reader.most = 5
    with pytest.raises(InvalidRows) as refused:
        read(reader)
    assert refused.value.errors[0].problem == "there are 12: name some"
    assert read(reader, candidates=["i01"]).size == 1


def test_a_request_may_have_features_that_a_bundle_without_items_does_not_know(
    tmp_path: Path,
) -> None:
    reader = reader_of(tmp_path, None)
    one = read(reader, price=4, candidates=[{"item": "a"}, {"item": "b"}])
    assert one.context == ASKED | {"price": 4.0}
    assert one.rows == {"item": ["a", "b"]}
    other = read(reader, candidates=[{"item": "a", "price": 2.0}])
    assert other.rows == {"item": ["a"], "price": [2.0]}
    with pytest.raises(InvalidRows):
        read(reader, candidates=[{"price": 2.0}])
