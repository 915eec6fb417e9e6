"""A real PostgreSQL for the tests: on a free port, in a folder that goes with it."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

# Far from UTC, and with a summer time: a moment that loses its time zone shows. What is written
# outlives a process without fsync too; only a computer that stops needs it.
OPTIONS = (
    "-c fsync=off -c listen_addresses=127.0.0.1 -c timezone=America/New_York -c max_connections=50"
)


@dataclass
class Postgres:
    """A server that runs; `crash` and `start` let it go away and come back."""

    binaries: Path
    folder: Path
    port: int
    _numbers: Iterator[int] = field(default_factory=count)

    def start(self) -> None:
        options = f"{OPTIONS} -p {self.port} -k {self.folder}"
        self._control("start", "-l", str(self.folder / "server.log"), "-o", options)

    def crash(self) -> None:
        """Let the server go without a goodbye: it mends itself when it starts again."""
        self._control("stop", "-m", "immediate")

    @property
    def address(self) -> str:
        """The address of the database that is there from the start."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/postgres"

    def new_address(self) -> str:
        """Make an empty schema, and return an address at which nothing else is to be seen."""
        import psycopg

        name = f"test_{next(self._numbers)}"
        plain = self.address.replace("+psycopg", "")
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}".encode())
        return f"{self.address}?options=-csearch_path%3D{name}"

    def _control(self, *words: str) -> None:
        _as_postgres([str(self.binaries / "pg_ctl"), "-D", str(self.folder / "data"), "-w", *words])


@contextmanager
def running() -> Iterator[Postgres]:
    """Run a server until the block ends, and remove its folder."""
    found = binaries()
    assert found is not None, "PostgreSQL is not installed"
    folder = Path(tempfile.mkdtemp(prefix="millrace-postgres-"))
    server = Postgres(found, folder, free_port())
    try:
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")
        initdb = [str(found / "initdb"), "-D", str(folder / "data"), "-U", "postgres"]
        _as_postgres([*initdb, "-A", "trust", "-E", "UTF8", "--locale", "C", "--no-sync"])
        server.start()
        yield server
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            server.crash()
        shutil.rmtree(folder)


def binaries() -> Path | None:
    """Return the folder of PostgreSQL's programs, the newest where there are many; None if none."""
    if initdb := shutil.which("initdb"):
        return Path(initdb).resolve().parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    return found[-1].parent if found else None


def _version(initdb: Path) -> float:
    return float(initdb.parent.parent.name)


def _as_postgres(command: Sequence[str]) -> None:
    # PostgreSQL refuses to be run by root. Nothing may inherit a pipe, or its end is waited for.
    user = "postgres" if os.getuid() == 0 else None
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            command, user=user, cwd="/", stdout=output, stderr=output, check=False, timeout=60
        )
        output.seek(0)
        assert done.returncode == 0, f"{command}: {output.read()}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
