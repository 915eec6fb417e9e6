"""Processes: what they print is shown or kept, and none of them is left running."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from shared import processes
from shared.errors import Refusal

PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""
DEAF = """
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(60)
"""
INTERRUPTED = """
import sys
from shared import processes
processes.interrupt_on_signals()
processes.run_with_lines([sys.executable, "-u", "-c", {code!r}], print, "failed")
"""


def python(code: str) -> list[str]:
    return [sys.executable, "-u", "-c", code]


def is_running(pid: int) -> bool:
    """Tell whether a process runs; one that has ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_command_gives_what_it_printed_and_nothing_of_its_errors() -> None:
    code = "import sys; print('made'); print('a warning', file=sys.stderr)"
    assert processes.run(python(code), "not made") == "made\n"


def test_warnings_are_told_only_where_there_is_nothing_else() -> None:
    warning = "WARNING: Retrying after connection broken\n"
    assert processes.last_lines(warning * 5 + "ERROR: No matching distribution\n" + warning) == (
        "ERROR: No matching distribution"
    )
    assert processes.last_lines(warning) == warning.strip()


def test_a_command_that_fails_is_refused_with_its_last_lines(tmp_path: Path) -> None:
    code = "import os; print(os.getcwd()); raise SystemExit('\\nno such flow\\n')"
    with pytest.raises(Refusal) as refused:
        processes.run(python(code), "not made", tmp_path)
    assert str(refused.value) == f"not made: {tmp_path} | no such flow"


def test_a_command_that_fails_without_a_word_is_said_to() -> None:
    with pytest.raises(Refusal, match=r"^not made: it said nothing$"):
        processes.run(python("raise SystemExit(3)"), "not made")


def test_each_line_is_shown_as_it_comes_and_the_last_one_is_why_it_failed() -> None:
    lines: list[str] = []
    code = "import sys; print('one'); print('two', file=sys.stderr); sys.exit('three')"
    with pytest.raises(Refusal, match=r"^train failed: three$"):
        processes.run_with_lines(python(code), lines.append, "train failed")
    assert lines == ["one\n", "two\n", "three\n"]


def test_a_group_ends_with_all_that_it_started() -> None:
    with processes.running(python(PARENT), own_group=True) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        assert is_running(child)
    assert process.returncode is not None
    assert not is_running(child)


def test_what_prints_more_than_a_pipe_holds_runs_on_where_nobody_reads_it(tmp_path: Path) -> None:
    done = tmp_path / "done"
    code = f"print('line ' * 100_000); open({str(done)!r}, 'w').close(); time.sleep(60)"
    with (
        (tmp_path / "said.log").open("w") as said,
        processes.running(python(f"import time; {code}"), stdout=said),
    ):
        until = time.monotonic() + 30
        while not done.exists() and time.monotonic() < until:
            time.sleep(0.05)
    assert done.exists()
    assert (tmp_path / "said.log").stat().st_size > 400_000


@pytest.mark.parametrize("own_group", [False, True])
def test_what_does_not_heed_an_interrupt_is_killed(own_group: bool) -> None:
    with processes.running(python(DEAF), own_group=own_group, patience_seconds=0.2) as process:
        assert process.stdout is not None
        process.stdout.readline()
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_process_that_is_asked_to_end_takes_with_it_what_it_runs(number: int) -> None:
    code = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    started = subprocess.Popen(
        python(INTERRUPTED.format(code=code)),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=Path(processes.__file__).parent.parent,
    )
    assert started.stdout is not None
    inner = int(started.stdout.readline())
    os.kill(started.pid, number)
    assert started.wait(30) != 0
    started.stdout.close()
    until = time.monotonic() + 5
    while is_running(inner) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_running(inner)


def test_a_server_is_there_once_it_has_said_where() -> None:
    code = "import time; print('a warning'); print('serving x, at http://h:1 (log: y)')"
    with processes.serving(python(f"{code}; time.sleep(60)")) as server:
        assert (server.url, server.line) == ("http://h:1", "serving x, at http://h:1 (log: y)")
        assert server.process.poll() is None
    assert server.process.returncode == -signal.SIGINT


@pytest.mark.parametrize("kept", [False, True])
def test_a_server_that_does_not_start_is_refused_with_its_last_words(
    tmp_path: Path, kept: bool
) -> None:
    errors = tmp_path / "server.log" if kept else None
    with (
        pytest.raises(Refusal, match=r"^the server did not start: Error: no bundle$"),
        processes.serving(python("raise SystemExit('Error: no bundle')"), errors=errors),
    ):
        pass
