"""Proves a bundle, not the model object: from its own files, in a clean environment, over HTTP."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from shared.errors import Refusal
from shared.model.bundle import TOLERANCE, Bundle, unpack
from shared.packaging import environment, sample_requests
from shared.schema.client_rows import client_rows

REPEATS = 20
Checks = list[dict[str, Any]]


def verify(archive: bytes) -> dict[str, Any]:
    """Unpack a bundle outside the repository, serve it from its own environment, and try it.

    Returns `passed`, `checks` (a row each: check, passed, detail) and `measured` (seconds,
    megabytes, milliseconds). A failure is a failed check, never an exception.
    """
    checks: Checks = []
    measured: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="millrace-verify-") as folder, _noted(checks):
        place = Path(folder)
        bundle = unpack(archive, place / "bundle")
        files = f"{len(bundle.manifest.files)} files"
        _note(checks, "every file is as the manifest says", True, files)
        started = time.perf_counter()
        binaries = environment.make_environment(bundle, place / "environment")
        measured["environment made (s)"] = time.perf_counter() - started
        _note(checks, "installs from its own requirements.lock and wheel", True, "")
        with environment.serving(bundle, binaries, place / "home") as server:
            measured["cold start (s)"] = server.cold_start
            with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
                _try(bundle, client, checks)
                measured |= _latencies(bundle, client)
            measured["memory (MB)"] = server.memory()
    return {
        "passed": bool(checks) and all(check["passed"] for check in checks),
        "checks": checks,
        "measured": measured,
    }


def refuse_unverified(verification: dict[str, Any]) -> None:
    """Raise a `Refusal` that tells each failed check, if there is one."""
    failed = [f"{c['check']}: {c['detail']}" for c in verification["checks"] if not c["passed"]]
    if failed:
        raise Refusal(f"the bundle failed its verification: {'; '.join(failed)}")


@contextmanager
def _noted(checks: Checks) -> Iterator[None]:
    try:
        yield
    except (Refusal, httpx.HTTPError, OSError, ValueError) as error:
        _note(checks, "verification ran to its end", False, f"{type(error).__name__}: {error}")


def _try(bundle: Bundle, client: httpx.Client, checks: Checks) -> None:
    for path in ("/health/live", "/health/ready", "/bundle"):
        status = client.get(path).status_code
        _note(checks, f"GET {path}", status == 200, f"answered {status}")
    digest = client.get("/bundle").json().get("digest")
    _note(checks, "/bundle tells the bundle's digest", digest == bundle.digest, str(digest)[:12])
    _replay(bundle, client, checks)
    good = client_rows(bundle.golden().head(1), bundle.contract)[0]
    for kind, field, body in sample_requests.bad(good, bundle.contract):
        answer = client.post("/predict", content=body, headers=_JSON)
        named = field in answer.text
        _note(
            checks,
            f"refuses {kind}",
            400 <= answer.status_code < 500 and named,
            f"answered {answer.status_code}, "
            + (f"naming {field}" if named else f"not naming {field}: {answer.text[:200]}"),
        )


def _replay(bundle: Bundle, client: httpx.Client, checks: Checks) -> None:
    golden = bundle.golden()
    answer = client.post("/predict", json=client_rows(golden, bundle.contract))
    if answer.status_code != 200:
        _note(checks, "replays the golden rows", False, f"answered {answer.text[:300]}")
        return
    given = np.array([row["probability"] for row in answer.json()])
    apart = float(np.abs(given - golden["probability"].to_numpy()).max())
    difference = f"{len(golden)} rows, at most {apart:.1e} apart"
    _note(checks, f"replays the golden rows within {TOLERANCE:g}", apart <= TOLERANCE, difference)


def _latencies(bundle: Bundle, client: httpx.Client) -> dict[str, float]:
    golden = client_rows(bundle.golden(), bundle.contract)
    thousand = (golden * (1000 // len(golden) + 1))[:1000]
    return {
        "one row, median (ms)": _median(lambda: client.post("/predict", json=golden[0]), REPEATS),
        "1,000 rows, median (ms)": _median(lambda: client.post("/predict", json=thousand), 5),
    }


def _median(call: Callable[[], Any], times: int) -> float:
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        call()
        taken.append(1000 * (time.perf_counter() - started))
    return float(np.median(taken))


def _note(checks: Checks, check: str, passed: bool, detail: str) -> None:
    checks.append({"check": check, "passed": bool(passed), "detail": detail})


_JSON = {"content-type": "application/json"}
