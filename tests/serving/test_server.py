"""`millrace serve` as a process: what it promises holds under load, and when it is ended."""

import shutil
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from shared.lineage import bundles
from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle, open_bundle, sha256
from shared.schema.client_rows import client_rows
from shared.serving import server
from shared.serving.deployment import Deployment, ServingOptions
from shared.serving.observability.telemetry import Telemetry
from tests.commands import refused
from tests.conftest import House, loans
from tests.prometheus import wait_until
from tests.serving.processes import LOAN, Running, logged, serving

pytestmark = pytest.mark.flow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("serving")


@pytest.fixture(scope="module")
def running(bundle: Bundle, folder: Path) -> Iterator[Running]:
    """Return a server with its log where it is by default."""
    with serving(folder, "--bundle", str(bundle.path)) as started:
        yield started


def test_the_first_line_tells_what_is_served_where_and_where_the_log_is(
    running: Running, bundle: Bundle, folder: Path
) -> None:
    assert running.line.startswith(
        f"serving loans, bundle {bundle.digest[:12]}, at {running.url} "
        f"(log: sqlite:///{folder}/.millrace/loans.db; scores: treelite for up to "
    )
    assert running.client.get("/health/ready").json() == {
        "status": "ready",
        "log": "here",
        "spooled": 0,
        "history": "here",
    }
    assert running.client.get("/bundle").json()["digest"] == bundle.digest
    maps = Path(f"/proc/{running.process.pid}/maps").read_text()
    assert "treelite" in maps
    assert "sklearn" not in maps


def test_twenty_clients_at_once_are_answered_and_each_answer_is_in_the_log_once(
    running: Running, bundle: Bundle, folder: Path
) -> None:
    asked = client_rows(loans(400, seed=8), bundle.contract)

    def ask(number: int) -> list[dict[str, object]]:
        mine = asked[20 * number : 20 * (number + 1)]
        with httpx.Client(base_url=running.url, timeout=60, trust_env=False) as client:
            ones = [client.post("/predict", json=row).json() for row in mine[:5]]
            return ones + client.post("/predict", json=mine[5:]).json()

    with ThreadPoolExecutor(20) as clients:
        answers = [answer for given in clients.map(ask, range(20)) for answer in given]
    assert [answer["key"] for answer in answers] == [row["loan"] for row in asked]
    found = logged(bundle, folder / ".millrace" / "loans.db").set_index("prediction_id")
    assert found.index.is_unique
    mine = found.loc[[answer["prediction_id"] for answer in answers]]
    assert mine["key"].tolist() == [answer["key"] for answer in answers]
    assert mine["probability"].tolist() == [answer["probability"] for answer in answers]


def test_a_port_that_is_taken_is_refused_in_one_line(
    running: Running, bundle: Bundle, folder: Path
) -> None:
    port = running.url.rpartition(":")[2]
    said = refused(folder, "serve", "--bundle", str(bundle.path), "--port", port)
    assert f"cannot listen at 127.0.0.1:{port}: Address already in use; give another" in said


def test_a_signal_ends_it_with_its_last_minute_in_the_log(bundle: Bundle, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'mine.db'}"
    with serving(tmp_path, "--bundle", str(bundle.path), MILLRACE_LOG=address) as running:
        running.client.post("/predict", json=[LOAN] * 3)
        running.client.post("/predict", json={})
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(20) == 0
        assert running.process.stdout
        assert running.process.stdout.read() == ""
    log = PredictionLog("loans", bundle.contract, address)
    now = datetime.now(UTC)
    minutes = log.minutes.between(now - timedelta(minutes=5), now)
    log.close()
    assert minutes[["requests", "rows", "rejected", "errors"]].sum().tolist() == [2, 3, 1, 0]
    assert len(logged(bundle, tmp_path / "mine.db")) == 3
    assert not (tmp_path / ".millrace" / "loans.db").exists()


def test_after_a_kill_under_load_every_answer_that_left_is_in_the_log(
    bundle: Bundle, tmp_path: Path
) -> None:
    received: list[str] = []
    with serving(tmp_path, "--bundle", str(bundle.path)) as running:

        def ask() -> None:
            with httpx.Client(base_url=running.url, trust_env=False) as client:
                while True:
                    try:
                        answers = client.post("/predict", json=[LOAN] * 10).json()
                    except httpx.TransportError:
                        return
                    received.extend(answer["prediction_id"] for answer in answers)

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        wait_until(lambda: len(received) >= 200)
        running.process.kill()
        for thread in threads:
            thread.join()
    found = logged(bundle, tmp_path / ".millrace" / "loans.db")["prediction_id"]
    assert found.is_unique
    assert set(received) <= set(found)


def test_one_byte_changed_is_refused_by_the_name_of_the_file(
    bundle: Bundle, tmp_path: Path
) -> None:
    copy = shutil.copytree(bundle.path, tmp_path / "copy")
    content = bytearray((copy / "golden.parquet").read_bytes())
    content[50] ^= 1
    (copy / "golden.parquet").write_bytes(content)
    said = refused(tmp_path, "serve", "--bundle", "copy", "--port", "0")
    assert "bundle copy: golden.parquet is not the file that was packaged" in said


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("postgresql+psycopg://ada:secret@127.0.0.1:1/loans", "connection failed"),
        ("sqlite:///taken/log.db", "File exists: 'taken'"),
    ],
)
def test_a_log_that_cannot_be_used_is_refused_in_one_line_without_its_password(
    bundle: Bundle, tmp_path: Path, address: str, words: str
) -> None:
    (tmp_path / "taken").write_text("a file where a folder is wanted")
    command = ["serve", "--bundle", str(bundle.path), "--port", "0"]
    said = refused(tmp_path, *command, MILLRACE_LOG=address)
    assert "the prediction log cannot be used" in said
    assert words in said
    assert "secret" not in said


def test_where_nothing_is_approved_one_line_says_what_to_do(tmp_path: Path) -> None:
    said = refused(tmp_path, "serve", "--problem", "loans", apart=True)
    assert "no bundle of 'loans' is in production here" in said
    assert "DECISION=approve" in said


def test_the_approved_bundle_is_served_where_none_is_named(
    approved_house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(approved_house.folder)
    champion = bundles.champion("loans")
    assert champion
    address = f"sqlite:///{tmp_path / 'log.db'}"
    words = ["--problem", "loans"]
    with serving(approved_house.folder, *words, MILLRACE_LOG=address) as running:
        assert running.client.post("/predict", json=LOAN).json()["bundle"] == champion.digest


def test_a_champion_that_answers_otherwise_than_in_training_stays_out(
    bundle: Bundle,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MILLRACE_LOG", f"sqlite:///{tmp_path / 'log.db'}")
    copy = shutil.copytree(bundle.path, tmp_path / "copy")
    golden = bundle.golden()
    golden["probability"] += 1e-6
    golden.to_parquet(copy / "golden.parquet")
    files = bundle.manifest.files | {
        "golden.parquet": sha256((copy / "golden.parquet").read_bytes())
    }
    manifest = bundle.manifest.model_copy(update={"files": files})
    (copy / "manifest.json").write_text(manifest.model_dump_json())
    wrong = open_bundle(copy)
    deployment = Deployment(bundle, ServingOptions(), Telemetry())
    server.follow(deployment, lambda: wrong)
    assert deployment.now.bundle is bundle
    assert f"bundle {wrong.digest[:12]}: 50 of 50 golden rows come out otherwise than in" in (
        capsys.readouterr().err
    )


def test_the_present_bundle_goes_on_when_the_new_one_cannot_be_had(
    bundle: Bundle,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MILLRACE_LOG", f"sqlite:///{tmp_path / 'log.db'}")
    deployment = Deployment(bundle, ServingOptions(), Telemetry())

    def gone() -> Bundle:
        raise OSError("the run history is away")

    for champion, up in ((gone, False), (lambda: None, True)):
        server.follow(deployment, champion)
        assert deployment.now.bundle is bundle
        assert deployment.telemetry.metrics.history_up is up
    assert capsys.readouterr().err == (
        f"still serving {bundle.digest[:12]}: the run history is away\n"
    )
