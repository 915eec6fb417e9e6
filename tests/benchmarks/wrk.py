"""A server under the load of `wrk`, which shares the machine's cores with it."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.serving_peers import Peer

SECONDS = 6


@dataclass(frozen=True)
class Measured:
    """Requests a second, and the latencies that half and 99 of 100 requests stay below (ms)."""

    rate: float
    p50: float
    p99: float


def loaded(
    peer: Peer, clients: int, folder: Path, seconds: int = SECONDS, pause_ms: int = 0
) -> Measured:
    """Put a server under the load of clients that ask again as soon as they are answered."""
    body, script = folder / "row.json", folder / "post.lua"
    body.write_bytes(peer.row)
    script.write_text(
        'wrk.method = "POST"\nwrk.headers["content-type"] = "application/json"\n'
        f'local f = io.open("{body}"); wrk.body = f:read("*a"); f:close()\n'
        + (f"function delay() return {pause_ms} end\n" if pause_ms else "")
    )
    command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "30s", "--latency"]
    done = subprocess.run(
        [*command, "-s", str(script), peer.url], capture_output=True, text=True, check=True
    )
    assert "Non-2xx" not in done.stdout, done.stdout
    assert "Socket errors" not in done.stdout, done.stdout
    found = dict(re.findall(r"^\s+(50|99)%\s+(\S+)\s*$", done.stdout, re.MULTILINE))
    rate = re.search(r"Requests/sec:\s+(\S+)", done.stdout)
    assert rate, done.stdout
    assert found, f"{peer.name}, {clients} clients: {done.stdout}"
    return Measured(float(rate[1]), _milliseconds(found["50"]), _milliseconds(found["99"]))


def _milliseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
