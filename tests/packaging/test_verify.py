"""Verification: what it sends, and that whatever goes wrong is a failed check with its reason."""

import pytest

from shared.errors import Refusal
from shared.packaging import verify
from shared.packaging.verify import Check, Measured, Verification


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
