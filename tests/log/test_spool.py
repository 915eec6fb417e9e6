"""Rows that wait for the log: durable, in order, bounded, and one server's alone."""

import multiprocessing
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from shared.errors import Refusal
from shared.log import spool
from shared.log.database import LogUnavailable
from shared.log.spool import Depth, Spool
from shared.schema.contract import Contract, ContractColumn

NOON = datetime(2024, 3, 10, 12, tzinfo=timezone(timedelta(hours=2)))


def contract(*features: str) -> Contract:
    kinds = {"loan": "text", "applied": "time", "defaulted": "boolean", "income": "number"}
    names = ("loan", "applied", "defaulted", *features)
    columns = [ContractColumn(name=n, type=kinds.get(n, "time"), nullable=True) for n in names]  # type: ignore[arg-type]
    keys = {"key": "loan", "time": "applied", "target": "defaulted"}
    return Contract(**keys, features=features, columns=tuple(columns))


LOANS = contract("income")


def rows(*numbers: int) -> list[dict[str, Any]]:
    return [
        {"prediction_id": f"p{n}", "key": f"L{n}", "time": NOON, "logged_at": NOON, "income": 0.1}
        for n in numbers
    ]


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Spool]:
    made = Spool(tmp_path / "spool", "loans", 10)
    yield made
    made.close()


def test_nothing_is_made_before_something_waits(held: Spool, tmp_path: Path) -> None:
    assert (held.depth(), held.oldest()) == (Depth(0, None), None)
    assert not list(tmp_path.iterdir())


def test_rows_come_back_as_they_were_the_oldest_first(held: Spool) -> None:
    held.put(rows(1, 2), LOANS)
    held.put(rows(3), LOANS)
    first = held.oldest()
    assert first
    assert (first.rows, first.contract) == (rows(1, 2), LOANS)
    held.drop(first)
    second = held.oldest()
    assert second
    assert second.rows == rows(3)
    held.drop(second)
    assert held.oldest() is None


def test_a_bundles_rows_come_back_with_its_own_contract(held: Spool) -> None:
    other = contract("income", "since")
    held.put(rows(1), LOANS)
    held.put([rows(2)[0] | {"since": NOON}], other)
    first = held.oldest()
    assert first
    held.drop(first)
    second = held.oldest()
    assert second
    assert (first.contract, second.contract) == (LOANS, other)
    assert second.rows[0]["since"] == NOON


def test_the_depth_tells_how_many_wait_and_since_when(held: Spool) -> None:
    before = datetime.now(UTC)
    for number in range(4):
        held.put(rows(number, number + 10), LOANS)
    first = held.oldest()
    assert first
    held.drop(first)
    depth = held.depth()
    assert depth.rows == 6
    assert depth.since
    assert before <= depth.since <= datetime.now(UTC)


def test_a_full_spool_takes_no_more_and_keeps_what_it_has(held: Spool) -> None:
    held.put(rows(*range(8)), LOANS)
    with pytest.raises(LogUnavailable, match="the spool is full: 8 rows wait for the log"):
        held.put(rows(8, 9, 10), LOANS)
    held.put(rows(8, 9), LOANS)
    assert held.depth().rows == 10


def test_what_the_database_will_not_take_holds_up_nothing(held: Spool) -> None:
    held.put(rows(1), LOANS)
    held.put(rows(2), LOANS)
    first = held.oldest()
    assert first
    held.set_aside(first)
    second = held.oldest()
    assert second
    assert second.rows == rows(2)
    assert held.depth().rows == 1


def test_answers_that_waited_one_after_another_come_back_together(held: Spool) -> None:
    other = contract("income", "since")
    for number in (1, 2, 3):
        held.put(rows(number), LOANS)
    held.put([rows(4)[0] | {"since": NOON}], other)
    two = held.oldest(2)
    assert two
    assert two.rows == rows(1, 2)
    held.drop(two)
    the_rest_of_its_contract = held.oldest(9)
    assert the_rest_of_its_contract
    assert the_rest_of_its_contract.rows == rows(3)
    held.set_aside(the_rest_of_its_contract)
    last = held.oldest(9)
    assert last
    assert last.contract == other


def test_another_process_finds_what_waits(held: Spool, tmp_path: Path) -> None:
    held.put(rows(1), LOANS)
    other = Spool(tmp_path / "spool", "loans", 10)
    other.put(rows(2), LOANS)
    assert held.depth().rows == 2
    other.close()


def _try_to_hold(folder: Path, said: Any) -> None:
    try:
        with spool.held(folder, "loans"):
            said.put("held")
    except Refusal as refusal:
        said.put(str(refusal))


def test_a_problems_spool_is_one_servers_alone(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    said = context.Queue()
    with spool.held(tmp_path / "spool", "loans"), spool.held(tmp_path / "spool", "rent"):
        process = context.Process(target=_try_to_hold, args=(tmp_path / "spool", said))
        process.start()
        told = said.get(timeout=60)
        process.join()
    assert "has the spool of a server of loans that is running: stop that one, or give" in told
    with spool.held(tmp_path / "spool", "loans"):
        pass


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(Refusal, match=r"cannot be the spool \(Not a directory\): name another"),
        spool.held(tmp_path / "file" / "spool", "loans"),
    ):
        pass
