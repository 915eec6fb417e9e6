"""MonitorFlow for real: over a file, over a log, over nothing; its cards in a browser, offline."""

import base64
import json
import re
import shutil
import socket
import subprocess
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from shared import cards
from shared.lineage import bundles, run_history
from shared.log.prediction_log import PredictionLog
from shared.monitoring.wording.units import in_words
from tests.commands import done
from tests.conftest import House
from tests.flows.test_train import card_text
from tests.monitoring.traffic import ANSWERED, answer, minute, week

pytestmark = pytest.mark.flow
REPORTS = ["data_summary", "data_drift", "quality"]


def monitor(house: House, *words: str, **environment: str) -> tuple[Any, str]:
    """Run MonitorFlow; returns its run and what it said."""
    done = house.run("monitor", "run", *words, **environment)
    number = re.search(r"run-id (\d+)", done.stdout + done.stderr)
    assert number
    return run_history.run_named(f"MonitorFlow/{number[1]}"), done.stdout + done.stderr


def report_pages(run: Any) -> dict[str, str]:
    (found,) = cards.cards_of([run["report"].task])
    return {name: card.page() for name, card in found.items()}


@pytest.fixture(scope="module")
def standing(approved_house: House):
    """Stand in the house while this module's runs are made and read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(approved_house.folder)
        yield approved_house


def test_the_champion_or_a_bundle_named_by_its_digest_judges_a_file(
    standing: House, tmp_path: Path
) -> None:
    week().to_parquet(tmp_path / "week.parquet", index=False)
    champion = bundles.champion("loans")
    assert champion
    asked = "judge", "--problem", str(standing.settings), "--window", str(tmp_path / "week.parquet")
    said = [
        done(standing.folder, *asked, *more) for more in ((), ("--bundle", champion.digest[:8]))
    ]
    assert said == ["Ok: nothing exceeded its threshold (233 rows)\nnext: Nothing to do.\n"] * 2


@pytest.fixture(scope="module")
def port() -> int:
    """Return a port for alerts, at which nobody answers yet."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture(scope="module")
def of_file(standing: House, port: int) -> tuple[Any, str]:
    """Return the run over a file in which income is told in cents, whose alert finds nobody."""
    week().assign(income=lambda f: f["income"] * 100).to_parquet(standing.folder / "week.parquet")
    address = f"json://127.0.0.1:{port}/alerts"
    return monitor(standing, "--window", "week.parquet", MILLRACE_ALERTS=address)


@pytest.fixture(scope="module")
def of_log(standing: House) -> tuple[Any, str]:
    """Return the run over a log with an ordinary week, some of it another bundle's."""
    champion = bundles.champion("loans")
    assert champion is not None
    address = f"sqlite:///{standing.folder / 'traffic.db'}"
    log = PredictionLog("loans", champion.contract, address)
    asked = week()
    answer(log, asked, champion)
    answer(log, week(9, seed=2), champion, "f" * 64)
    log.outcomes.add(dict(asked[["loan", "defaulted"]].dropna().astype({"defaulted": bool}).values))
    log.minutes.add(
        [minute(ANSWERED + timedelta(minutes=m), requests=60, rows=60) for m in range(7)]
    )
    log.close()
    return monitor(standing, MILLRACE_LOG=address)


@pytest.fixture(scope="module")
def of_nothing(standing: House) -> tuple[Any, str]:
    """Return the run over a log that is not there."""
    return monitor(standing, MILLRACE_LOG=f"sqlite:///{standing.folder / 'no.db'}")


def test_a_change_of_units_is_acted_upon_and_said_where_the_run_was_started(of_file) -> None:
    run, said = of_file
    verdict = run.data.verdict
    assert verdict["verdict"] == "act"
    assert verdict["reasons"][0]["column"] == "income"
    assert "verdict of loans: Act: income looks like a hundred times what it was" in said
    # Without Metaflow's stamp.
    assert f"next: {verdict['next_action']}" in said.splitlines()
    champion = bundles.champion("loans")
    assert champion is not None
    assert run.data.digest == verdict["bundle"] == champion.digest


def test_the_summary_card_has_the_verdict_number_threshold_and_the_other_cards(of_file) -> None:
    run, _ = of_file
    text = card_text(run, "judge")
    reason = run.data.verdict["reasons"][0]
    number = in_words(reason["unit"], reason["number"])
    wanted = [
        "Act: income looks like",
        number,
        " of the model's history it was at most ",
        "A file says nothing about the service.",
    ]
    wanted += [f"MonitorFlow-{run.id}-report-{name}.html" for name in REPORTS]
    wanted += [f"/runs/MonitorFlow/{run.id}/artifacts/judge/reason_rows"]
    assert [words for words in wanted if words not in text] == []
    rows = run.data.reason_rows
    assert "income" in {*rows[rows["reason"] == 1]["column"]}


def test_each_report_is_a_card_of_its_own(of_file) -> None:
    run, _ = of_file
    pages = report_pages(run)
    assert sorted(pages) == sorted(REPORTS)
    drift = run.data.data_drift
    # A page has what makes it fit narrow screens beside what the run has kept.
    narrow = f"{cards.CARD_HEAD}</head>"
    assert pages["data_drift"] == drift.replace("</head>", narrow, 1)
    for page in pages.values():
        assert "window.drawDashboard(" in page


def test_an_incident_is_told_once_and_an_alert_that_fails_waits_for_the_next_run(
    standing: House, of_file, port: int
) -> None:
    first, said = of_file
    assert [i["change"] for i in first.data.verdict["incidents"]][:1] == ["opened"]
    assert "A Connection error occurred" in said
    assert "1 of 1 alerts are waiting" in card_text(first, "act")

    received: list[bytes] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

    server = HTTPServer(("127.0.0.1", port), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"json://127.0.0.1:{port}/alerts"
    second, said = monitor(standing, "--window", "week.parquet", MILLRACE_ALERTS=address)
    server.shutdown()
    server.server_close()
    assert {i["change"] for i in second.data.verdict["incidents"]} == {"lasting"}
    assert [json.loads(body)["title"] for body in received] == [first.data.alerts[0].message.title]
    assert "Every alert was delivered" in card_text(second, "act")
    assert "Incidents and earlier windows" in card_text(second, "judge")


def test_an_ordinary_week_of_the_log_is_ok_for_the_champion(of_log) -> None:
    run, _ = of_log
    verdict = run.data.verdict
    assert (verdict["verdict"], verdict["rows"], verdict["other_rows"]) == ("ok", 233, 9)
    assert verdict["notes"] == ["Other bundles answered 9 rows of the window; they are left out."]
    assert run.data.findings.quality.state == "judged"
    assert run.data.findings.service.requests == 240
    assert run.data.window.profile.keys.repeated == 0
    text = card_text(run, "judge")
    assert [
        words
        for words in ("Ok: nothing exceeded", "share with an outcome", "240")
        if words not in text
    ] == []


def test_no_log_is_a_state_with_its_words_on_every_card(of_nothing, standing: House) -> None:
    run, said = of_nothing
    assert "Watch: the prediction log is empty" in said
    assert "There is no prediction in sqlite" in run.data.verdict["notes"][0]
    assert "the prediction log is empty" in card_text(run, "judge")
    for page in report_pages(run).values():
        assert "log is empty, as if nothing was served yet: there is nothing to show." in page
    assert not (standing.folder / "no.db").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--until", "noon"], "--until 'noon' is not an ISO time"),
        (["--until", "2024-04-01", "--window", "week.parquet"], "not both"),
        (["--window", "nowhere.parquet"], "no file or folder nowhere.parquet"),
        (["--bundle", "deadbeef"], "no bundle 'deadbeef' of 'loans'"),
    ],
)
def test_what_cannot_be_judged_is_refused_in_one_line(
    standing: House, words: list[str], said: str
) -> None:
    done = standing.run("monitor", "run", *words, ok=False)
    assert done.returncode != 0
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_one_byte_changed_is_refused_by_the_name_of_the_file(
    standing: House, tmp_path: Path
) -> None:
    champion = bundles.champion("loans")
    assert champion is not None
    copy = shutil.copytree(champion.path, tmp_path / "b")
    content = bytearray((copy / "reference.parquet").read_bytes())
    content[100] ^= 1
    (copy / "reference.parquet").write_bytes(content)
    done = standing.run("monitor", "run", "--bundle", str(copy), ok=False)
    assert done.returncode != 0
    assert "reference.parquet is not the file that was packaged" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


MEASURE = """
<script>setTimeout(() => {
  const inner = [...document.querySelectorAll("body *")].filter(part =>
    part.scrollHeight > part.clientHeight + 4 &&
    /auto|scroll/.test(getComputedStyle(part).overflowY));
  const fetched = performance.getEntriesByType("resource").map(entry => entry.name)
    .filter(name => /^https?:/.test(name));
  const found = {height: document.documentElement.scrollHeight, inner: inner.length, fetched,
    width: document.documentElement.scrollWidth, frames: document.querySelectorAll("iframe").length,
    text: document.body.innerText};
  const told = document.createElement("pre");
  told.id = "measured";
  told.textContent = btoa(unescape(encodeURIComponent(JSON.stringify(found))));
  document.body.append(told);
}, 4000)</script>
"""


@pytest.mark.skipif(not shutil.which("chromium"), reason="needs chromium")
@pytest.mark.parametrize(
    ("card", "shown", "height"),
    [("data_drift", "income", 900), ("data_summary", "guarantee", 1_500), ("quality", "F1", 1_500)],
)
def test_a_report_opens_offline_at_full_height(
    of_file, tmp_path: Path, card: str, shown: str, height: int
) -> None:
    run, _ = of_file
    page = tmp_path / "card.html"
    page.write_text(report_pages(run)[card].replace("</body>", f"{MEASURE}</body>"))
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1280,700"]
    command += ["--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=10000"]
    command += [f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", page.as_uri()]
    dom = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    blob = re.search(r'id="measured">([^<]+)<', dom)
    assert blob
    found = json.loads(base64.b64decode(blob[1]))
    assert found["height"] > height
    assert (found["inner"], found["frames"], found["fetched"]) == (0, 0, [])
    assert found["width"] <= 1280
    assert shown in found["text"]
    assert "The verdict is on the run's summary card." in found["text"]
