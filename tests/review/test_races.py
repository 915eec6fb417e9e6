"""Two people who decide at the same moment: real runs, and a history that both go on with."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import pytest
from click.testing import CliRunner
from metaflow.plugins.datastores.local_storage import LocalStorage

from shared.cli import main
from shared.lineage import bundles, reviews
from shared.model.bundle import MANIFEST, Bundle, open_bundle
from shared.model.files import archive
from tests.conftest import LOANS, ROOT

pytestmark = [pytest.mark.flow, pytest.mark.long]
RULE = '\n[review]\nreviewers = ["Ada", "Bob"]\napprovals = {approvals}\n'


@dataclass(frozen=True)
class Office:
    """A folder where runs are made, and the process that makes them."""

    folder: Path
    asked: IO[str]
    answers: IO[str]

    def settings(self, review: str = "") -> str:
        """Return a settings file with this part."""
        file = self.folder / f"loans{len(review)}{review[-3:-1]}.toml"
        file.write_text(LOANS.format(source="none.parquet") + review)
        return str(file)

    def make(self, settings: str, *runs: dict[str, Any]) -> list[str]:
        """Make runs at the same moment; returns what each said, with a word before of its end."""
        self.asked.write(json.dumps({"settings": settings, "runs": runs}) + "\n")
        self.asked.flush()
        return [
            f"{'failed' if status else 'made'}: {said}"
            for status, said in json.loads(self.answers.readline())
        ]

    def decide(self, settings: str, kind: str, digest: str, *people: str) -> list[str]:
        """Have people decide the same at the same moment."""
        given = ["--bundle", digest, "--decision", kind, "--reason", "it is time"]
        return self.make(
            settings, *({"flow": "ReviewFlow", "given": given, "by": name} for name in people)
        )


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    env = {k: v for k, v in os.environ.items() if not k.startswith(("METAFLOW", "MILLRACE"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.review.quick_runs"],
        cwd=folder,
        env=env | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    yield Office(folder, process.stdin, process.stdout)
    process.stdin.close()
    assert process.wait(30) == 0


@pytest.fixture(scope="module")
def digests(office: Office, bundle: Bundle) -> list[str]:
    """Return the digests of three bundles that PackageFlow runs left, verified."""
    runs, found = [], []
    for run in ("TrainFlow/1", "TrainFlow/2", "TrainFlow/3"):
        manifest = bundle.manifest.model_copy(update={"lineage": {"training run": run}})
        other = replace(bundle, manifest=manifest)
        content = manifest.model_dump_json(indent=1)
        folder = office.folder / run.replace("/", "-")
        archive.unpack(archive.pack(bundle), folder)
        (folder / MANIFEST).write_text(content)
        other = open_bundle(folder)
        packed = office.folder / f"{other.digest}.tar"
        packed.write_bytes(archive.pack(other))
        runs.append({"flow": "PackageFlow", "given": ["--packed", str(packed)]})
        found.append(other.digest)
    said = office.make(office.settings(), *runs)
    assert all(words.startswith("made") for words in said), said
    return found


@pytest.fixture(autouse=True)
def _at_the_office(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(office.folder)
    # A process's client keeps to the folder that it read first.
    monkeypatch.setattr(LocalStorage, "datastore_root", None)


def test_ten_approvals_and_ten_rollbacks_at_once_leave_what_was_meant(
    office: Office, digests: list[str]
) -> None:
    first, second, _ = digests
    one = office.settings(RULE.format(approvals=1))
    assert office.decide(one, "approve", first, "Ada")[0].startswith("made")
    for race in range(10):
        for kind, left in (("approve", digests[:2]), ("rollback", digests[:1])):
            said = office.decide(one, kind, second, "Ada", "Bob")
            assert all(words.startswith("made") for words in said), said
            assert all(f"champion of loans: {left[-1]}" in words for words in said), said
            assert list(reviews.standing_decisions("loans").digests) == left, f"{kind} {race}"
    champion = bundles.champion("loans")
    assert champion is not None
    assert champion.digest == first
    assert len(reviews.decisions("loans")) == 41


def test_two_approvals_at_the_same_moment_are_two_of_two(
    office: Office, digests: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    two = office.settings(RULE.format(approvals=2))
    monkeypatch.setenv("MILLRACE_PROBLEM", two)
    third = digests[2]
    assert "'Eve' is none of the reviewers" in office.decide(two, "approve", third, "Eve")[0]
    for words in office.decide(two, "approve", third, "Ada", "Bob"):
        assert "it has 1 of 2 approvals" in words
    assert reviews.standing_decisions("loans").champion == third
    assert "is the champion already" in office.decide(two, "approve", third, "Ada")[0]


def test_a_run_made_with_other_settings_decides_nothing(
    office: Office, digests: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    two = office.settings(RULE.format(approvals=2))
    third = digests[2]
    loose = office.settings()
    assert (
        f"champion of loans: {digests[0]}" in office.decide(loose, "approve", digests[0], "Eve")[0]
    )
    for _ in range(2):
        office.decide(loose, "approve", digests[1], "Ada")
    for named in (two, ""):
        monkeypatch.setenv("MILLRACE_PROBLEM", named)
        found = reviews.standing_decisions("loans")
        assert (found.champion, found.waiting[digests[1]]) == (third, ("Ada",))
        said = CliRunner().invoke(main, ["champion", "--problem", named or "loans"]).output
        assert said.startswith(f"champion of loans: {third}\napproved    ")
        assert f"waits       {digests[1]} has 1 of 2 approvals, by Ada\n" in said
        assert f"no decision approve {digests[0][:12]} by Eve, who is none of the review" in said
