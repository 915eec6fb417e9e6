import gzip
import io
import json
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from metaflow import Run

from shared.lineage import bundles, reviews, run_history
from shared.model.decision import Decision, standing
from shared.model.files import bundle_cache
from tests.commands import refused as command_refused
from tests.conftest import House, latest_digest
from tests.events.receiver import listening
from tests.flows.test_train import card_text

pytestmark = pytest.mark.flow
GZIP = b"\x1f\x8b"
# Neither uv nor pip finds anything to install.
NO_INDEX = {"UV_OFFLINE": "1", "UV_NO_CACHE": "1", "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": ""}


@pytest.fixture
def run(packaged_house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(packaged_house.folder)
    return next(run_history.runs("PackageFlow", "loans"))


def refused(house: House, *words: str, **environment: str) -> str:
    done = house.run("review", "run", *words, ok=False, **environment)
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_bundle_was_proved_in_a_clean_environment(run):
    verification = run["verify"].task["verification"].data
    assert verification["passed"] is True
    names = [check["check"] for check in verification["checks"]]
    assert sum(name.startswith("refuses ") for name in names) >= 10
    assert any("golden rows" in name for name in names)
    assert set(verification["measured"]) >= {
        "cold_start_seconds",
        "memory_mb",
        "one_row_ms",
        "thousand_rows_ms",
    }


def test_the_manifest_tells_where_the_bundle_comes_from(run):
    manifest = run["build"].task["manifest"].data
    assert manifest["lineage"]["training run"].startswith("TrainFlow/")
    assert len(manifest["lineage"]["data fingerprint"]) == 64


@pytest.fixture(scope="module")
def unproved(strict: House) -> Iterator[tuple[Run, str]]:
    """Yield a packaging run with an override, where nothing can be installed; and its words."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(strict.folder)
        failed = next(run_history.runs("TrainFlow", "strict")).pathspec
        words = ["--train", failed, "--override", "the pilot needs it"]
        done = strict.run("package", "run", *words, ok=False, **NO_INDEX)
        assert done.returncode != 0
        run = next(run_history.runs("PackageFlow", "strict", successful=False))
        yield run, done.stdout + done.stderr


def test_a_run_that_failed_its_gates_is_packaged_for_a_recorded_reason_only(strict, unproved):
    failed = next(run_history.runs("TrainFlow", "strict")).pathspec
    with listening() as catalogue:
        none = strict.run("package", "run", ok=False, OPENLINEAGE_URL=catalogue.address)
    ended = json.loads(catalogue.received[-1][1])
    assert ended["eventType"] == "FAIL"
    assert "has passed its gates" in ended["run"]["facets"]["errorMessage"]["message"]
    assert "no training run of 'strict' has passed its gates" in none.stdout + none.stderr
    named = strict.run("package", "run", "--train", failed, ok=False)
    assert "failed its gates (ROC AUC at least 0.99)" in named.stdout + named.stderr
    run, _ = unproved
    made = run["build"].task["manifest"].data["lineage"]
    assert made["training run"] == failed
    assert made["gates overridden"] == {
        "gates": ["ROC AUC at least 0.99"],
        "reason": "the pilot needs it",
    }


def test_a_failed_verification_fails_the_run_with_its_reason_there_and_on_the_card(unproved):
    run, said = unproved
    reason = "the verification finished: Refusal: "
    assert f"the bundle failed its verification: {reason}" in said
    assert "Traceback" not in said
    assert not run.successful
    verification = run["verify"].task["verification"].data
    assert [c["check"] for c in verification["checks"] if not c["passed"]] == [
        "the verification finished"
    ]
    assert "the verification finished" in card_text(run, "verify")


def test_a_bundle_that_was_not_proved_is_not_approved(strict, unproved):
    run, _ = unproved
    words = ["--bundle", run.pathspec, "--decision", "approve", "--reason", "it looks fine"]
    assert f"the verification of {run.pathspec} did not pass" in refused(strict, *words)


def test_a_decision_is_recorded_and_makes_the_champion(approved_house: House, monkeypatch):
    monkeypatch.chdir(approved_house.folder)
    decided = reviews.decisions("loans")[0]
    assert decided.reviewer == "Ada Tester"
    assert decided.evidence["package run"].startswith("PackageFlow/")
    champion = bundles.champion("loans")
    assert reviews.problems_with_champion() == ["loans"]
    assert champion is not None
    assert champion.digest == decided.digest
    assert bundles.undecided_digest("loans", reviews.standing_decisions("loans")) is None
    assert bundles.undecided_digest("loans", standing([])) == decided.digest


def test_an_approval_in_a_branch_of_its_own_is_none_in_another(approved_house: House, monkeypatch):
    monkeypatch.chdir(approved_house.folder)
    digest = latest_digest(approved_house)
    before = reviews.decisions("loans")
    words = ["--bundle", digest, "--decision", "approve", "--reason", "to try it"]
    with listening() as hook, listening() as catalogue:
        listeners = {"MILLRACE_EVENTS": hook.address, "MILLRACE_EVENTS_SECRET": "secret"}
        listeners |= {"OPENLINEAGE_URL": catalogue.address}
        approved_house.run("review", "--branch", "trial", "run", *words, **listeners)
    assert reviews.decisions("loans") == before
    monkeypatch.setenv("MILLRACE_BRANCH", "test.trial")
    (decided,) = reviews.decisions("loans")
    assert decided.reason == "to try it"
    _the_decision_was_sent(decided, [json.loads(body) for _, body in hook.received])
    _the_run_was_sent(decided, [json.loads(body) for _, body in catalogue.received])
    monkeypatch.setenv("MILLRACE_BRANCH", "prod")
    assert bundles.champion("loans") is None
    words = ("serve", "--problem", "loans", "--branch", "prod")
    said = command_refused(approved_house.folder, *words, apart=True)
    assert "no bundle of 'loans' is in production here (in the branch prod)" in said


def _the_decision_was_sent(decided: Decision, received: list[Any]) -> None:
    (sent,) = received
    assert (sent["event"], sent["branch"]) == ("bundle.approved", "test.trial")
    assert (sent["by"], sent["reason"]) == ("Ada Tester", "to try it")
    assert (sent["run"], sent["digest"]) == (decided.run, decided.digest)
    run = run_history.run_named(sent["run"])
    assert run is not None
    (kept,) = run["record"].task["events"].data
    assert (kept["event"], kept["error"]) == (sent, None)
    assert "bundle.approved" in card_text(run, "record")


def _the_run_was_sent(decided: Decision, received: list[Any]) -> None:
    start, end = received
    assert (start["eventType"], end["eventType"]) == ("START", "COMPLETE")
    assert end["job"]["name"] == "loans.test.trial.ReviewFlow"
    (champion,) = end["outputs"]
    assert champion["name"] == "loans.champion"
    assert champion["facets"]["version"]["datasetVersion"] == decided.digest


def test_what_cannot_be_decided_is_refused_in_one_line(approved_house: House):
    digest = latest_digest(approved_house)
    why = ["--reason", "because"]
    assert "no bundle 'deadbeef'" in refused(
        approved_house, "--bundle", "deadbeef", "--decision", "approve", *why
    )
    assert "needs a reason" in refused(
        approved_house, "--bundle", digest, "--decision", "reject", "--reason", " "
    )
    assert "nothing to roll back to" in refused(
        approved_house, "--bundle", digest, "--decision", "rollback", *why
    )
    assert "nobody is named" in refused(
        approved_house,
        *("--bundle", digest, "--decision", "reject", *why),
        MILLRACE_REVIEWER="",
        USERNAME="root",
        USER="root",
    )


def test_one_byte_changed_is_refused_by_the_name_of_the_file(
    approved_house: House, monkeypatch, tmp_path
):
    monkeypatch.chdir(approved_house.folder)
    copy = shutil.copytree(
        bundles.find_bundle("loans", latest_digest(approved_house)).path, tmp_path / "b"
    )
    content = bytearray((copy / "model.skops").read_bytes())
    content[1000] ^= 1
    (copy / "model.skops").write_bytes(content)
    said = refused(
        approved_house, "--bundle", str(copy), "--decision", "reject", "--reason", "looks odd"
    )
    assert "model.skops is not the file that was packaged" in said


def test_a_bundle_changed_in_the_datastore_is_refused_too(
    packaged_house: House, monkeypatch, tmp_path
):
    monkeypatch.chdir(packaged_house.folder)
    build = next(run_history.runs("PackageFlow", "loans"))["build"].task
    packed = build["bundle"].data
    blob, content = next(
        (path, content)
        for path in Path(".metaflow").rglob("data/*/*")
        if (kept := path.read_bytes()).startswith(GZIP)
        and packed in (content := gzip.decompress(kept))
    )
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        inside_the_model = tar.getmember("model.skops").offset_data + 100
    kept, start = blob.read_bytes(), content.index(packed)
    blob.chmod(0o644)
    try:
        for at, told in (
            (inside_the_model, "model.skops is not the file that was packaged"),
            (0, "the bundle's archive is not the one that was packaged"),
        ):
            changed = bytearray(content)
            changed[start + at] ^= 1
            blob.write_bytes(gzip.compress(changed))
            shutil.rmtree(bundle_cache.CACHE, ignore_errors=True)
            words = ["unpack", build["digest"].data, str(tmp_path / "b"), "--problem", "loans"]
            # Metaflow's client keeps what it has read before: this one has read nothing.
            seen = {"METAFLOW_CLIENT_CACHE_PATH": str(tmp_path / f"cache-{at}")}
            assert told in command_refused(packaged_house.folder, *words, apart=True, **seen)
    finally:
        blob.write_bytes(kept)
    assert bundles.packaged("loans", build["digest"].data).bundle.digest == build["digest"].data
