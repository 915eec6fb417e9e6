"""Failures that nobody expected."""

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from shared.serving.security import failures
from tests.serving.processes import listening


async def _broken(scope: Scope, receive: Receive, send: Send) -> None:
    raise RuntimeError("the password is topsecret\nrequest x failed")


def test_a_failure_tells_the_caller_an_id_and_the_owner_a_line(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with listening(failures.handled(_broken)) as url:
        answer = httpx.get(url)
    assert answer.status_code == 500
    (line,) = capfd.readouterr().err.splitlines()
    told = answer.json()
    assert "topsecret" not in answer.text
    assert line.startswith(f"request {told['request_id']} failed: GET /: RuntimeError: the pass")
    assert "test_failures.py" in line
