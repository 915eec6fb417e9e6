"""Verification: what it sends, and that whatever goes wrong is a failed check with its reason."""

import json
import stat
from pathlib import Path

import pandas as pd
import pytest

from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.packaging import environment, sample_requests, verify
from shared.packaging.verify import Check, Measured, Verification
from shared.schema.client_rows import client_rows
from shared.schema.contract import Contract, ContractColumn


def numbers_only() -> Contract:
    return Contract(
        key="id",
        time="at",
        target="hit",
        features=("depth",),
        columns=(
            ContractColumn(name="id", type="integer"),
            ContractColumn(name="at", type="time"),
            ContractColumn(name="depth", type="number", nullable=True),
            ContractColumn(name="hit", type="boolean", nullable=True),
        ),
    )


def test_rows_are_sent_as_json_with_null_for_what_is_missing() -> None:
    frame = pd.DataFrame(
        {
            "id": [1, 2],
            "at": pd.to_datetime(["2024-04-01 10:00", "2024-04-01 12:00"]),
            "depth": [0.5, float("nan")],
            "hit": [True, None],
            "probability": [0.1, 0.2],
        }
    )
    sent = client_rows(frame, numbers_only())
    assert json.loads(json.dumps(sent, allow_nan=False)) == [
        {"id": 1, "at": "2024-04-01T10:00:00+00:00", "depth": 0.5},
        {"id": 2, "at": "2024-04-01T12:00:00+00:00", "depth": None},
    ]


def test_there_are_ten_kinds_of_bad_requests_even_for_a_single_number(bundle: Bundle) -> None:
    good = {"id": 1, "at": "2024-04-01T10:00:00Z", "depth": 0.5}
    kinds = [kind for kind, _, _ in sample_requests.bad(good, numbers_only())]
    assert len(kinds) == len(set(kinds)) >= 10
    loan = client_rows(bundle.golden().head(1), bundle.contract)[0]
    more = [kind for kind, _, _ in sample_requests.bad(loan, bundle.contract)]
    assert {"a number for a text", "above its range", "a required value is null"} <= set(more)


def test_what_is_no_archive_is_a_failed_check_and_no_exception() -> None:
    verification = verify.verify(b"not a tar")
    assert verification.passed is False
    with pytest.raises(Refusal, match="archive is not the one that was packaged"):
        verify.refuse_unverified(verification)


def test_a_verification_that_passed_is_not_refused() -> None:
    passed = Check(check="it serves", passed=True, detail="")
    verify.refuse_unverified(Verification(passed=True, checks=(passed,), measured=Measured()))


def test_an_older_run_s_verification_is_read() -> None:
    kept = {"passed": True, "checks": [], "measured": {"cold start (s)": 1.5, "memory (MB)": None}}
    measured = Verification.model_validate(kept).measured
    assert (measured.cold_start_seconds, measured.memory_mb) == (1.5, None)


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo 'no module named model' >&2; exit 1", "no module named model"),
        ("exit 3", "it said nothing"),
        ("echo 'serving, at http://127.0.0.1:1 (log)'; echo 'out of memory' >&2", "out of memory"),
    ],
)
def test_a_server_that_does_not_start_is_refused_with_its_last_words(
    bundle: Bundle, tmp_path: Path, script: str, told: str
) -> None:
    command = tmp_path / "millrace"
    command.write_text(f"#!/bin/sh\n{script}\n")
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    with pytest.raises(Refusal, match=told), environment.serving(bundle, tmp_path, tmp_path / "h"):
        pytest.fail("it is not serving")
