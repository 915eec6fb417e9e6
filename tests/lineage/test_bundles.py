"""What is deployed: the bundle that is named, or else the champion."""

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from shared.errors import Refusal
from shared.lineage import bundles
from shared.model.bundle import Bundle


def test_a_bundle_of_another_problem_is_refused(bundle: Bundle) -> None:
    assert bundles.deployed("loans", str(bundle.path)).digest == bundle.digest
    with pytest.raises(Refusal, match="is of the problem 'loans', not of 'flights'"):
        bundles.deployed("flights", str(bundle.path))


def test_where_nothing_was_approved_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refusal, match="no bundle of 'nothing_yet' is in production here"):
        bundles.deployed("nothing_yet")


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
        bundles._unpacked(Lost(bundle), "0" * 64, None)  # type: ignore[arg-type]
    assert str(refusal.value) == f"the bundle of PackageFlow/7 cannot be read: {why}"
