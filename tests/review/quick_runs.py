"""Real runs made as a cluster makes them, command by command, in processes that are forked warm.

A run by `flow.py run` imports everything three times over; here each command is a fork of a process
that has imported it. Called with the settings, it reads lines of JSON (a list of runs that are made
at the same moment: a flow, what it is given, who decides) and answers each with what they said.
"""

import itertools
import json
import os
import shutil
import sys
import tempfile
import traceback
from pathlib import Path

from metaflow import FlowSpec, Parameter, config_expr, project, step

from shared.artifacts import parquet_frames
from shared.flow_settings import problem_config
from shared.lineage import bundles  # noqa: F401  (imported once, for all that are forked)
from shared.review import cards, decisions  # noqa: F401
from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "flows"))
from review import ReviewFlow  # type: ignore[import-not-found]

NUMBERS = itertools.count(1)


@project(name=config_expr("settings.name"))
@parquet_frames
class PackageFlow(FlowSpec):
    """Leaves what the real one leaves of a bundle that was verified."""

    settings = problem_config()
    packed = Parameter("packed", required=True)

    @step(start=True)
    def build(self) -> None:
        file = Path(self.packed)
        self.bundle, self.digest, self.training_run = file.read_bytes(), file.stem, "TrainFlow/1"
        self.next(self.verify)

    @step(end=True)
    def verify(self) -> None:
        self.verification = {"passed": True, "checks": []}


STEPS = {"ReviewFlow": ("weigh", "record"), "PackageFlow": ("build", "verify")}
FLOWS = {"ReviewFlow": (ReviewFlow, ROOT / "flows" / "review.py"), "PackageFlow": (PackageFlow, 0)}


def made_together(settings: str, wanted: list[dict]) -> list[list]:
    """Make runs, each step of all of them at the same moment: the end of each, and its words."""
    runs = [(f"quick-{next(NUMBERS)}", one) for one in wanted]
    said: list[list] = [[0, ""] for _ in runs]
    for number in range(3):
        going = {}
        for at, (run, one) in enumerate(runs):
            if said[at][0] == 0:
                words = _command(run, STEPS[one["flow"]], number, one["given"])
                log = tempfile.TemporaryFile("w+")  # noqa: SIM115
                going[_forked(one, ["--config", "settings", settings, *words], log)] = at, log
        for pid, (at, log) in going.items():
            status = os.waitpid(pid, 0)[1]
            log.seek(0)
            said[at] = [status, said[at][1] + log.read()]
            log.close()
    return said


def _command(run: str, steps: tuple[str, str], number: int, given: list[str]) -> list[str]:
    # Ids that are no numbers are put on record by whoever names them, as on a cluster.
    if number == 0:
        return ["init", "--run-id", run, "--task-id", "task-0", *given]
    before = f"{run}/{('_parameters', *steps)[number - 1]}/task-{number - 1}"
    task = ["--run-id", run, "--task-id", f"task-{number}", "--input-paths", before]
    return ["step", steps[number - 1], *task]


def _forked(one: dict, words: list[str], log) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        for stream in (1, 2):
            os.dup2(log.fileno(), stream)
        os.environ["MILLRACE_REVIEWER"] = one.get("by", "")
        flow, file = FLOWS[one["flow"]]
        # A card is drawn by a process of its own, which starts anew: none is looked at here.
        sys.executable = shutil.which("true") or "true"
        sys.argv = [str(file or __file__), "--quiet", "--no-pylint", *words]
        flow()
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(made_together(asked["settings"], asked["runs"])), flush=True)
