"""Verifies a bundle, not the model: from its own files, in a clean environment, over HTTP."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from pydantic import Field

from shared.errors import Refusal
from shared.kept import Kept
from shared.model.bundle import TOLERANCE, Bundle
from shared.model.files.archive import unpack
from shared.packaging import environment, sample_requests
from shared.processes import RunningServer
from shared.schema.client_rows import client_rows
from shared.words import number_of

REPEATS = 20


class Check(Kept):
    """One thing that a bundle was tried on, whether it passed, and what happened."""

    check: str
    passed: bool
    detail: str


class Measured(Kept):
    """What a bundle's server took, where it came so far; medians of requests."""

    environment_seconds: float | None = Field(default=None, validation_alias="environment made (s)")
    cold_start_seconds: float | None = Field(default=None, validation_alias="cold start (s)")
    memory_mb: float | None = Field(default=None, validation_alias="memory (MB)")
    one_row_ms: float | None = Field(default=None, validation_alias="one row, median (ms)")
    thousand_rows_ms: float | None = Field(default=None, validation_alias="1,000 rows, median (ms)")


class Verification(Kept):
    """Whether a bundle passed, by which checks, and what was measured meanwhile."""

    passed: bool
    checks: tuple[Check, ...]
    measured: Measured


def verify(archive: bytes, trust: tuple[str, ...] = ()) -> Verification:
    """Unpack a bundle outside the repository, serve it from its own environment, and try it.

    Its model may have the types of `trust`, too. A failure is a failed check, never an exception.
    """
    checks: list[Check] = []
    measured: dict[str, float | None] = {}
    with tempfile.TemporaryDirectory(prefix="millrace-verify-") as folder, _noted(checks):
        place = Path(folder)
        bundle = unpack(archive, place / "bundle", trust)
        files = f"{len(bundle.manifest.files)} files"
        _note(checks, "every file matches the manifest", True, files)
        started = time.perf_counter()
        binaries = environment.make_environment(bundle, place / "environment")
        measured["environment_seconds"] = time.perf_counter() - started
        _note(checks, "installs from its own requirements.lock and wheel", True, "")
        trial = environment.serving(bundle, binaries, place / "tried")
        with trial as (server, _), _client(server) as client:
            _try(bundle, client, checks)
        # As in an image: the bytecode of what a server imports is there by now.
        with environment.serving(bundle, binaries, place / "timed") as (server, seconds):
            measured["cold_start_seconds"] = seconds
            golden = client_rows(bundle.golden(), bundle.contract)
            thousand = (golden * (1000 // len(golden) + 1))[:1000]
            with _client(server) as client:
                measured["one_row_ms"] = _median(client, golden[0], REPEATS)
                measured["thousand_rows_ms"] = _median(client, thousand, 5)
            measured["memory_mb"] = environment.memory_mb(server.process)
    passed = bool(checks) and all(check.passed for check in checks)
    return Verification(passed=passed, checks=tuple(checks), measured=Measured(**measured))


def refuse_unverified(verification: Verification) -> None:
    """Raise a `Refusal` that names each failed check, if there is one."""
    failed = [f"{each.check}: {each.detail}" for each in verification.checks if not each.passed]
    if failed:
        raise Refusal(f"the bundle failed its verification: {'; '.join(failed)}")


@contextmanager
def _noted(checks: list[Check]) -> Iterator[None]:
    try:
        yield
    except (Refusal, httpx.HTTPError, OSError, ValueError) as error:
        _note(checks, "the verification finished", False, f"{type(error).__name__}: {error}")


def _client(server: RunningServer) -> httpx.Client:
    return httpx.Client(base_url=server.url, timeout=60, trust_env=False)


def _try(bundle: Bundle, client: httpx.Client, checks: list[Check]) -> None:
    for path in ("/health/live", "/health/ready", "/bundle"):
        status = client.get(path).status_code
        _note(checks, f"GET {path}", status == 200, f"answered {status}")
    digest = client.get("/bundle").json().get("digest")
    _note(checks, "/bundle gives the bundle's digest", digest == bundle.digest, str(digest)[:12])
    _replay(bundle, client, checks)
    good = client_rows(bundle.golden().head(1), bundle.contract)[0]
    for kind, field, body in sample_requests.bad(good, bundle.contract):
        answer = client.post("/predict", content=body, headers={"content-type": "application/json"})
        named = field in answer.text
        naming = f"naming {field}" if named else f"not naming {field}: {answer.text[:200]}"
        passed = 400 <= answer.status_code < 500 and named
        _note(checks, f"refuses {kind}", passed, f"answered {answer.status_code}, {naming}")


def _replay(bundle: Bundle, client: httpx.Client, checks: list[Check]) -> None:
    golden = bundle.golden()
    answer = client.post("/predict", json=client_rows(golden, bundle.contract))
    if answer.status_code != 200:
        _note(checks, "replays the golden rows", False, f"answered {answer.text[:300]}")
        return
    rows = answer.json()
    given = {name: np.array([row[name] for row in rows]) for name in bundle.task.score_names}
    apart = float(bundle.apart(given).max())
    difference = (
        f"{number_of(len(golden), 'row')}, {f'at most {apart:.1e} apart' if apart else 'all equal'}"
    )
    _note(checks, f"replays the golden rows within {TOLERANCE:g}", apart <= TOLERANCE, difference)


def _median(client: httpx.Client, body: Any, times: int) -> float:
    """Return how many milliseconds a request takes."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        client.post("/predict", json=body)
        taken.append(1000 * (time.perf_counter() - started))
    return float(np.median(taken))


def _note(checks: list[Check], check: str, passed: bool, detail: str) -> None:
    checks.append(Check(check=check, passed=passed, detail=detail))
