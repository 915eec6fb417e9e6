"""Attempts to decide: each is a run of ReviewFlow that the board started, followed to its end."""

import os
import re
import secrets
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from shared import BRANCH, FLOWS
from shared.errors import Refusal
from shared.lineage import run_history
from shared.runs.records import Record

MOST_ATTEMPTS = 100
SHOWN_LINES = 20
MOST_REASON = 2_000
# What Metaflow writes before what a task says.
PREFIX = re.compile(r"^\S+ \S+ \[(?P<task>[^\]]*)\] ?")
RUN_ID = re.compile(r"\(run-id \*?([\w.-]+)\*?\)")
ON_ARGO = "argo-"


@dataclass(frozen=True)
class Wanted:
    """What somebody wants decided: about which bundle of which problem and branch, and why."""

    problem: str
    branch: str
    digest: str
    kind: str
    reason: str
    reviewer: str


@dataclass(frozen=True)
class Attempt:
    """A ReviewFlow that was started here, or sent to Argo; what that says goes into a file."""

    number: str
    wanted: Wanted
    process: subprocess.Popen[bytes]
    said: IO[bytes] = field(repr=False)

    @property
    def state(self) -> str:
        """`running`, `refused`, `done`, or `sent` to Argo, where its run goes on."""
        ended = self.process.poll()
        if ended is None:
            return "running"
        if ended:
            return "refused"
        return "sent" if (self.run or "").startswith(ON_ARGO) else "done"

    @property
    def lines(self) -> list[str]:
        """All that it has said so far."""
        size = os.fstat(self.said.fileno()).st_size
        text = os.pread(self.said.fileno(), size, 0).decode(errors="replace")
        return [line.rstrip() for line in text.splitlines() if line.strip()]

    @property
    def last_lines(self) -> list[str]:
        """The last lines that it has said."""
        return self.lines[-SHOWN_LINES:]

    @property
    def run(self) -> str | None:
        """The number of its run, once it has one."""
        found = (RUN_ID.search(line) for line in self.lines)
        return next((match[1] for match in found if match), None)

    @property
    def refusal(self) -> str:
        """Why it did not come to a decision, in a line."""
        said, after = self.lines, -1
        for number, line in enumerate(said):
            if line.endswith("Flow failed:"):
                after = number + 1
        words = PREFIX.sub("", said[after]) if said and after < len(said) else ""
        return words.strip() or "it ended without a word"

    def followed(self, history: Iterable[Record]) -> tuple[str, str]:
        """Return how it stands, and why it is refused; of what was sent to Argo, by its run."""
        state = self.state
        if state == "sent":
            named = f"ReviewFlow/{self.run}"
            found = next((record for record in history if record.pathspec == named), None)
            if found and found.state == "done":
                return "done", ""
            return ("refused", found.failure) if found and found.state == "failed" else (state, "")
        return state, self.refusal if state == "refused" else ""


class Attempts:
    """The latest attempts; of a problem's branch one at a time, as each weighs those before it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, Attempt] = {}

    def start(self, wanted: Wanted, settings: Path, on_argo: bool = False) -> Attempt:
        """Start the decision. Raises `Refusal` while another one of its problem goes on."""
        with self._lock:
            for other in self._known.values():
                place = (other.wanted.problem, other.wanted.branch)
                if place == (wanted.problem, wanted.branch) and other.state == "running":
                    raise Refusal(
                        f"A decision of {other.wanted.reviewer} about {wanted.problem} is being "
                        "recorded: wait for it to end, and look again."
                    )
            attempt = _started(command(wanted, settings, on_argo), wanted)
            self._known[attempt.number] = attempt
            for number in list(self._known)[:-MOST_ATTEMPTS]:
                del self._known[number]
        return attempt

    def find(self, number: str) -> Attempt | None:
        """Return an attempt by its number; None for an unknown one."""
        return self._known.get(number)


def command(wanted: Wanted, settings: Path, on_argo: bool = False) -> list[str]:
    """Return the command of a decision, as somebody would type it, to run it here or on Argo.

    Raises `Refusal` for a branch that is somebody else's.
    """
    flow = [sys.executable, str(FLOWS / "review.py"), "--config", "settings", str(settings)]
    words = ["argo-workflows", "trigger"] if on_argo else ["run"]
    words += ["--bundle", wanted.digest, "--decision", wanted.kind]
    words += ["--reason", wanted.reason, "--reviewer", wanted.reviewer]
    return [*flow, *branch_words(wanted.branch), *words]


def branch_words(branch: str) -> list[str]:
    """Return the options by which Metaflow runs a flow on a branch.

    Raises `Refusal` for a branch that is somebody else's.
    """
    kind, _, name = branch.partition(".")
    if branch == run_history.own_branch():
        return []
    if kind == "prod":
        return ["--production", *(["--branch", name] if name else [])]
    if kind == "test" and name:
        return ["--branch", name]
    raise Refusal(
        f"The branch {branch} belongs to somebody else: only runs of {name or branch} decide there."
    )


def run_on_argo(of_branch: Iterable[Record]) -> bool:
    """Tell whether a branch's flows run on Argo."""
    return any(record.run.startswith(ON_ARGO) for record in of_branch)


def _started(words: list[str], wanted: Wanted) -> Attempt:
    if not (FLOWS / "review.py").is_file():
        raise Refusal("The board decides by the flows of a Millrace checkout: there is none here.")
    said = tempfile.TemporaryFile()  # noqa: SIM115  (open as long as somebody may look at it)
    process = subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=said,
        stderr=subprocess.STDOUT,
        # An interrupt of the board at its terminal does not reach it: what is begun is ended.
        start_new_session=True,
        env={name: value for name, value in os.environ.items() if name != BRANCH},
    )
    return Attempt(secrets.token_urlsafe(9), wanted, process, said)
