import gzip
import shutil
from pathlib import Path

import pytest

from shared import lineage
from shared.errors import Refusal
from shared.packaging import bundle as bundles
from tests.conftest import House, latest_digest

pytestmark = pytest.mark.flow


@pytest.fixture
def run(packaged_house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(packaged_house.folder)
    return next(lineage.runs("PackageFlow", "loans"))


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
        "cold start (s)",
        "memory (MB)",
        "one row, median (ms)",
        "1,000 rows, median (ms)",
    }


def test_the_manifest_tells_where_the_bundle_comes_from(run):
    manifest = run["build"].task["manifest"].data
    assert manifest["lineage"]["training run"].startswith("TrainFlow/")
    assert len(manifest["lineage"]["data fingerprint"]) == 64


def test_a_run_that_failed_its_gates_needs_an_override_with_a_reason(
    packaged_house: House, monkeypatch
):
    strict = packaged_house.folder / "strict.toml"
    text = packaged_house.settings.read_text().replace('name = "loans"', 'name = "strict"', 1)
    strict.write_text(text + "\n[gates]\nminimum = { roc_auc = 0.99 }\n")
    house = House(packaged_house.folder, strict)
    house.run("train", "run")
    monkeypatch.chdir(house.folder)
    failed = next(lineage.runs("TrainFlow", "strict")).pathspec
    none = house.run("package", "run", ok=False)
    assert "no training run of 'strict' has passed its gates" in none.stdout + none.stderr
    named = house.run("package", "run", "--train", failed, ok=False)
    assert "failed its gates (roc_auc at least)" in named.stdout + named.stderr
    house.run("package", "run", "--train", failed, "--override", "the pilot needs it")
    made = next(lineage.runs("PackageFlow", "strict"))["build"].task["manifest"].data
    assert made["lineage"]["gates overridden"]["reason"] == "the pilot needs it"


def test_a_decision_is_recorded_and_makes_the_champion(approved_house: House, monkeypatch):
    monkeypatch.chdir(approved_house.folder)
    decided = lineage.decisions("loans")[0]
    assert decided["reviewer"] == "Ada Tester"
    assert decided["evidence"]["package run"].startswith("PackageFlow/")
    champion = lineage.champion("loans")
    assert champion is not None
    assert champion.digest == decided["digest"]


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
        lineage.find_bundle("loans", latest_digest(approved_house)).path, tmp_path / "b"
    )
    content = bytearray((copy / "model.skops").read_bytes())
    content[1000] ^= 1
    (copy / "model.skops").write_bytes(content)
    said = refused(
        approved_house, "--bundle", str(copy), "--decision", "reject", "--reason", "looks odd"
    )
    assert "model.skops is not the file that was packaged" in said


def test_a_bundle_changed_in_the_datastore_is_refused_too(packaged_house: House, monkeypatch):
    monkeypatch.chdir(packaged_house.folder)
    run = next(lineage.runs("PackageFlow", "loans"))
    digest = run["build"].task["digest"].data
    packed = run["build"].task["bundle"].data
    shutil.rmtree(lineage.CACHE, ignore_errors=True)
    at = packed.index(b'"intercept') if b'"intercept' in packed else len(packed) // 2
    for blob in Path(".metaflow").rglob("data/*/*"):
        content = gzip.decompress(blob.read_bytes())
        if packed in content:
            where = content.index(packed) + at
            changed = content[:where] + bytes([content[where] ^ 1]) + content[where + 1 :]
            blob.chmod(0o644)
            kept = blob.read_bytes()
            blob.write_bytes(gzip.compress(changed))
            try:
                with pytest.raises(Refusal, match="is not the file that was packaged"):
                    lineage.packaged("loans", digest)
            finally:
                blob.write_bytes(kept)
            break
    else:
        pytest.fail("the bundle is not in the datastore")
    assert bundles.open_bundle(lineage.packaged("loans", digest).bundle.path).digest == digest
