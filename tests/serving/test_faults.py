"""Nothing that was answered is lost: kills, a database that goes away, and a disk that is full."""

import os
import resource
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from tests.postgres import Postgres
from tests.prometheus import wait_until
from tests.serving.load import asking
from tests.serving.processes import LOAN, Running, serving

pytestmark = pytest.mark.flow
# Longer in tests/benchmarks.
KILLS = int(os.environ.get("FAULT_KILLS", "2"))
AWAY_SECONDS = float(os.environ.get("FAULT_AWAY_SECONDS", "3"))
EVER = (datetime(1700, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))


def logged(bundle: Bundle, address: str) -> list[str]:
    """Return the prediction ids in a log, in the order in which they were answered."""
    log = PredictionLog("loans", bundle.contract, address)
    found = log.predictions.window(*EVER)
    log.close()
    return found["prediction_id"].tolist()


def spooled(running: Running) -> int:
    return int(running.client.get("/health/ready").json()["spooled"])


def test_what_was_answered_before_a_kill_is_in_the_log(
    bundle: Bundle, address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    received: list[str] = []
    for _ in range(KILLS):
        with (
            serving(tmp_path, "--bundle", str(bundle.path), MILLRACE_LOG=address) as running,
            asking(running.url, LOAN) as load,
        ):
            wait_until(lambda load=load: len(load.ids) >= 300)
            running.process.kill()
            running.process.wait()
        received += load.ids
    found = logged(bundle, address)
    with capsys.disabled():
        print(f"\n{KILLS} kills: {len(received)} answers received, {len(found)} rows logged")
    assert len(set(found)) == len(found)
    assert set(received) <= set(found)


def test_while_the_database_is_away_predictions_go_on_and_all_of_them_arrive_once(
    bundle: Bundle, postgres: Postgres, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address = postgres.new_address()
    with serving(tmp_path, "--bundle", str(bundle.path), MILLRACE_LOG=address) as running:
        with asking(running.url, LOAN) as load:
            wait_until(lambda: len(load.ids) >= 100)
            postgres.crash()
            before = len(load.ids)
            time.sleep(AWAY_SECONDS)
            waiting, during = spooled(running), len(load.ids) - before
            outcome = running.client.post("/outcomes", json={"loan": "A1", "defaulted": True})
            assert (outcome.status_code, outcome.headers["retry-after"]) == (503, "5")
            postgres.start()
            wait_until(lambda: running.client.get("/health/ready").json()["log"] == "here")
            after = len(load.ids)
            wait_until(lambda: len(load.ids) > after)
        wait_until(lambda: spooled(running) == 0)
    found = logged(bundle, address)
    with capsys.disabled():
        print(
            f"\n{AWAY_SECONDS:g} s away: {during} answered meanwhile, {waiting} spooled; "
            f"{len(load.ids)} received in all, {len(found)} logged; {dict(load.statuses)}"
        )
    assert during > 0
    assert waiting > 0
    assert list(load.statuses) == [200]
    assert len(set(found)) == len(found)
    assert set(load.ids) == set(found)


@pytest.mark.parametrize("where", ["sqlite", "postgresql"])
def test_a_log_that_another_writer_has_locked_costs_one_short_wait(
    bundle: Bundle, postgres: Postgres, tmp_path: Path, where: str
) -> None:
    on_postgres = where == "postgresql"
    address = postgres.new_address() if on_postgres else f"sqlite:///{tmp_path / 'log.db'}"
    with serving(tmp_path, "--bundle", str(bundle.path), MILLRACE_LOG=address) as running:
        ids = [running.client.post("/predict", json=LOAN).json()["prediction_id"]]
        with sa.create_engine(address).connect() as other:
            lock = "LOCK TABLE loans_predictions" if on_postgres else "BEGIN IMMEDIATE"
            other.exec_driver_sql(lock)
            seconds, until = [], time.monotonic() + AWAY_SECONDS
            while time.monotonic() < until:
                began = time.monotonic()
                answer = running.client.post("/predict", json=LOAN)
                seconds.append(time.monotonic() - began)
                ids.append(answer.json()["prediction_id"])
                ready = running.client.get("/health/ready")
                assert (ready.status_code, "lock" in ready.json()["log"]) == (200, True)
            assert spooled(running) >= len(seconds)
            other.rollback()
        wait_until(lambda: spooled(running) == 0)
    assert max(seconds[1:]) < 1
    assert sorted(logged(bundle, address)) == sorted(ids)


def test_what_a_killed_server_left_in_its_spool_is_brought_in_by_the_next(
    bundle: Bundle, postgres: Postgres, tmp_path: Path
) -> None:
    address = postgres.new_address()
    words = ("--bundle", str(bundle.path))
    with serving(tmp_path, *words, MILLRACE_LOG=address) as running:
        postgres.crash()
        try:
            ids = [running.client.post("/predict", json=LOAN).json()["prediction_id"]]
            many = running.client.post("/predict", json=[LOAN] * 3).json()
            running.process.kill()
        finally:
            postgres.start()
    ids += [row["prediction_id"] for row in many]
    assert logged(bundle, address) == []
    with serving(tmp_path, *words, MILLRACE_LOG=address) as running:
        wait_until(lambda: spooled(running) == 0)
    assert sorted(logged(bundle, address)) == sorted(ids)


def test_a_full_spool_answers_503_and_not_silence(
    bundle: Bundle, postgres: Postgres, tmp_path: Path
) -> None:
    words = ("--bundle", str(bundle.path), "--spool-rows", "5")
    with serving(tmp_path, *words, MILLRACE_LOG=postgres.new_address()) as running:
        postgres.crash()
        try:
            assert running.client.post("/predict", json=[LOAN] * 5).status_code == 200
            answer = running.client.post("/predict", json=LOAN)
            ready = running.client.get("/health/ready")
        finally:
            postgres.start()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "the spool is full: 5 rows wait for the log" in answer.json()["detail"]
    assert ready.status_code == 503


def test_a_full_disk_answers_503_and_loses_nothing(bundle: Bundle, tmp_path: Path) -> None:
    with serving(tmp_path, "--bundle", str(bundle.path)) as running:
        # As a disk that has no room: no file may grow beyond what the log has now, and a little.
        size = sum(f.stat().st_size for f in (tmp_path / ".millrace").glob("loans.db*"))
        limits = (size + 300_000, resource.RLIM_INFINITY)
        resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, limits)
        ids: list[str] = []
        while (answer := running.client.post("/predict", json=[LOAN] * 500)).status_code == 200:
            ids += [row["prediction_id"] for row in answer.json()]
        assert answer.status_code == 503
        assert "disk" in answer.json()["detail"]
        none = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, none)
        wait_until(lambda: running.client.post("/predict", json=LOAN).status_code == 200)
        wait_until(lambda: spooled(running) == 0)
    found = logged(bundle, f"sqlite:///{tmp_path / '.millrace' / 'loans.db'}")
    assert len(set(found)) == len(found)
    assert set(ids) <= set(found)
    assert len(ids) >= 500


def test_a_signal_lets_what_was_asked_be_answered(bundle: Bundle, tmp_path: Path) -> None:
    with serving(tmp_path, "--bundle", str(bundle.path)) as running:
        with asking(running.url, [LOAN] * 20) as load:
            wait_until(lambda: len(load.ids) >= 200)
            running.process.send_signal(signal.SIGTERM)
            assert running.process.wait(20) == 0
        found = logged(bundle, f"sqlite:///{tmp_path / '.millrace' / 'loans.db'}")
    assert set(load.statuses) == {200, "broken"}
    assert sorted(found) == sorted(load.ids)


def test_a_second_server_with_the_same_spool_is_refused_and_with_another_shares_the_log(
    bundle: Bundle, tmp_path: Path
) -> None:
    words = ("--bundle", str(bundle.path))
    with serving(tmp_path, *words) as first:
        with pytest.raises(AssertionError, match=r"\.millrace/spool has the spool of a server"):
            serving(tmp_path, *words).__enter__()
        with serving(tmp_path, *words, "--spool", "other") as second:
            ids = [
                row["prediction_id"]
                for running in (first, second)
                for row in running.client.post("/predict", json=[LOAN] * 3).json()
            ]
    assert sorted(logged(bundle, f"sqlite:///{tmp_path / '.millrace' / 'loans.db'}")) == sorted(ids)
