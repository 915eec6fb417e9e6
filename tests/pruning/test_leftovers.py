"""Unpacked bundles go that are old and stand nowhere."""

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from shared.pruning import leftovers
from tests.pruning.trees import NOW, OLD


def unpack(digest: str, problem: str, manifest: str | None = None) -> None:
    folder = Path(".millrace") / "bundles" / digest
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(manifest or json.dumps({"name": problem}))
    os.utime(folder, (OLD.timestamp(), OLD.timestamp()))


def test_a_bundle_that_stands_is_young_or_another_problem_s_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert leftovers.unpacked_bundles("loans", set(), NOW) == {}
    unpack("champion", "loans")
    unpack("gone", "loans")
    unpack("other", "flights")
    unpack("broken", "loans", "no manifest")
    limit = OLD + timedelta(days=1)
    assert [f.name for f in leftovers.unpacked_bundles("loans", {"champion"}, limit)] == ["gone"]
    assert leftovers.unpacked_bundles("loans", {"champion"}, OLD) == {}
