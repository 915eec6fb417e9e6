"""What is deployed: the bundle that is named, or else the champion."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from metaflow.plugins.datastores.local_storage import LocalStorage

from shared import lineage
from shared.errors import Refusal
from shared.model.bundle import Bundle
from tests.conftest import ROOT
from tests.test_problems import write


def test_a_bundle_of_another_problem_is_refused(bundle: Bundle) -> None:
    assert lineage.deployed("loans", str(bundle.path)).digest == bundle.digest
    with pytest.raises(Refusal, match="is of the problem 'loans', not of 'flights'"):
        lineage.deployed("flights", str(bundle.path))


def test_where_nothing_was_approved_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refusal, match="no bundle of 'nothing_yet' is in production here"):
        lineage.deployed("nothing_yet")


def test_a_history_that_begins_later_is_named_by_its_folder_and_seen_to_grow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As in a process that has read no run yet.
    monkeypatch.setattr(LocalStorage, "datastore_root", None)
    monkeypatch.chdir(tmp_path)
    assert lineage.listing_age("TrainFlow") is None
    flow = tmp_path / ".metaflow" / "TrainFlow"
    (flow / "1").mkdir(parents=True)
    assert lineage.history_name() == f"local@{tmp_path.resolve() / '.metaflow'}"
    # Its newest run may not be written whole yet.
    assert lineage.listing_age("TrainFlow") is None
    ages = []
    for long_ago in (60, 30):
        at = time.time() - long_ago
        os.utime(flow, (at, at))
        ages.append(lineage.listing_age("TrainFlow"))
    assert ages[0] is not None
    assert ages[1] is not None
    assert ages[0] < ages[1]
    assert lineage.listing_age("MonitorFlow") is None


def test_whoever_reads_runs_has_the_own_code_of_the_problem_that_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path / "credit", "shop")
    code = "from shared import lineage; from problems.shop import models; print(models.__file__)"
    said = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "MILLRACE_PROBLEM": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == f"{folder / 'models.py'}\n"


@dataclass
class Lost:
    """A run whose bundle cannot be had, or is none."""

    bundle: object
    pathspec: str = "PackageFlow/7"

    def __getitem__(self, name: str) -> Any:
        if name == "build":
            return SimpleNamespace(task=self)
        if isinstance(self.bundle, Exception):
            raise self.bundle
        return SimpleNamespace(data=self.bundle)


@pytest.mark.parametrize(
    ("bundle", "why"),
    [
        (EOFError("ran out\nof input"), "EOFError: ran out of input"),
        (KeyError("bundle"), "KeyError: 'bundle'"),
        ({"no": "bytes"}, "TypeError: memoryview: a bytes-like object is required, not 'dict'"),
    ],
)
def test_a_bundle_that_the_datastore_lost_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bundle: object, why: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refusal) as refusal:
        lineage._unpacked(Lost(bundle), "0" * 64, None)  # type: ignore[arg-type]
    assert str(refusal.value) == f"the bundle of PackageFlow/7 cannot be read: {why}"
