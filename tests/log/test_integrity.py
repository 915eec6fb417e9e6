"""A log is tested as a whole: what is damaged is said, and what can be read is counted."""

from pathlib import Path

import pytest

from shared.errors import Refusal
from shared.log import database, integrity
from shared.log.prediction_log import PredictionLog
from tests.log.loans import contract, late


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file of a log with rows on many pages, all of them in the file itself."""
    found = tmp_path / "log.db"
    monkeypatch.setenv("MILLRACE_LOG", f"sqlite:///{found}")
    log = PredictionLog("loans", contract({"income": "number", "region": "category"}))
    log.predictions.append([late(at) for at in range(3_000)])
    log.tidy()
    log.close()
    return found


def test_a_whole_log_is_read_to_its_last_row(named_log: PredictionLog) -> None:
    named_log.predictions.append([late(at) for at in range(4)])
    named_log.outcomes.add({"L0": True})
    found = integrity.check("loans")
    assert found.rows == {"predictions": 4, "outcomes": 1, "service_minutes": 0}
    assert (found.address, found.faults) == (named_log.address, ())


def test_a_page_of_garbage_is_found(file: Path) -> None:
    content = bytearray(file.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 4096] = b"\xa5" * 4096
    file.write_bytes(content)
    found = integrity.check("loans")
    assert found.faults
    assert not [fault for fault in found.faults if "\n" in fault]


def test_a_time_that_is_none_is_found(file: Path) -> None:
    with database.engine(f"sqlite:///{file}").begin() as connection:
        connection.exec_driver_sql("UPDATE loans_predictions SET time = 'noon' WHERE key = 'L7'")
    (fault,) = integrity.check("loans").faults
    assert fault.startswith("predictions: a value cannot be read after 0 rows: ")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda content: b"", "has no log of the problem loans"),
        (lambda content: b"no database" * 500, "file is not a database"),
        (lambda content: content[: len(content) // 2], "database disk image is malformed"),
    ],
    ids=["emptied", "overwritten", "cut off"],
)
def test_a_file_that_is_no_log_any_more_is_refused_in_one_line(file: Path, damage, words) -> None:
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(Refusal, match=words) as refused:
        integrity.check("loans")
    assert "\n" not in str(refused.value)
