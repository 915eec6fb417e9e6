"""The command that comes after a flow: on a line of its own, as a shell takes it.

Metaflow puts the time and the task before each line that a task prints, so that no command there
can be copied as a line. The process that runs the flow prints it, after all tasks.
"""

import atexit
import os
import tempfile
from pathlib import Path

# The file where a task leaves it for the process that runs the flow on the same machine.
VARIABLE = "MILLRACE_NEXT_COMMAND"
BEGINNING = "next: "


def print_at_end() -> None:
    """Let this process, which runs a flow, print at its end what the last task says is next.

    Nothing is changed in a task's process, or in a flow's that another flow runs.
    """
    if VARIABLE in os.environ:
        return
    descriptor, file = tempfile.mkstemp(prefix="millrace-")
    os.close(descriptor)
    os.environ[VARIABLE] = file
    atexit.register(_print, Path(file), os.getpid())


def say(*lines: str) -> None:
    """Print what came of a flow, but leave the command that is next to who runs it, if it is here.

    Elsewhere, as on a cluster, it is printed as the others are.
    """
    file = Path(os.environ.get(VARIABLE, ""))
    for line in lines:
        if line.startswith(BEGINNING) and file.is_file():
            file.write_text(line)
        else:
            print(line)


def _print(file: Path, process: int) -> None:
    # A fork ends as well.
    if os.getpid() == process:
        if said := file.read_text():
            print(said)
        file.unlink()
