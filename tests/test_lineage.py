"""What is deployed: the bundle that is named, or else the champion."""

from pathlib import Path

import pytest

from shared import lineage
from shared.errors import Refusal
from shared.model.bundle import Bundle


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
