"""Whoever reads the runs: one process that Metaflow's configuration holds for, asked in Python."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.conftest import House

ANSWERING = """
import contextlib, io, json, os, sys, traceback
for line in sys.stdin:
    kept, said = dict(os.environ), io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            exec(json.loads(line), {})
        told = (True, said.getvalue().strip())
    except Exception:
        told = (False, traceback.format_exc())
    os.environ.clear()
    os.environ.update(kept)
    print(json.dumps(told), flush=True)
"""


@dataclass(frozen=True)
class Client:
    """A process in a person's folder; importing Metaflow and pandas once is enough."""

    process: "subprocess.Popen[str]"

    def ask(self, code: str) -> str:
        """Return what some code prints."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(code) + "\n")
        self.process.stdin.flush()
        good, said = json.loads(self.process.stdout.readline())
        assert good, said
        return said


@contextmanager
def reading(house: House) -> Iterator[Client]:
    with subprocess.Popen(
        [sys.executable, "-c", ANSWERING],
        cwd=house.folder,
        env=os.environ | house.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Client(process)
        assert process.stdin
        process.stdin.close()
