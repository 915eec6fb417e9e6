"""A model that was fitted elsewhere is judged where the command is given, by TrainFlow."""

from pathlib import Path

import pytest

from shared.errors import Refusal
from shared.runs import judged_models, started_flows
from shared.training import readiness


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Return the commands of flows that are run, each of which would take half a minute."""
    commands: list[tuple[str, ...]] = []

    def run(flow: str, *words: str) -> str:
        commands.append((flow, *words))
        return "7"

    monkeypatch.setattr(started_flows, "run_command", run)
    monkeypatch.setattr(readiness, "refuse_unready", lambda _: [])
    return commands


def replaced(command: str) -> str:
    return " ".join(judged_models.with_run_of_model(command.split()))


def test_it_is_judged_by_tasks_that_run_where_those_of_the_package_do(
    trained: list[tuple[str, ...]],
) -> None:
    command = "--environment=uv run --max-workers 2 --with kubernetes --model a.skops"
    judged = "--environment=uv --with kubernetes run --max-workers 2 --train TrainFlow/7"
    assert replaced(command) == judged
    assert trained == [
        ("TrainFlow", *["--environment=uv", "--with", "kubernetes", "run", "--model", "a.skops"])
    ]


@pytest.mark.parametrize(
    "command", ["run", "run --train TrainFlow/3", "run --help", "argo-workflows create", "step a"]
)
def test_a_command_that_names_no_model_stays_as_it_is(
    trained: list[tuple[str, ...]], command: str
) -> None:
    assert replaced(command) == command
    assert trained == []


def test_a_training_run_beside_it_is_refused_in_one_line(
    trained: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["package.py", *["run", "--model", "a.skops", "--train", "TrainFlow/3"]]
    monkeypatch.setattr("sys.argv", words)
    with pytest.raises(SystemExit) as ended:
        judged_models.judge_given_model()
    assert ended.value.code == (
        "--model a.skops is judged by a run of its own: leave --train TrainFlow/3 out"
    )
    assert trained == []


def test_an_interrupt_while_the_model_is_judged_is_said_in_one_line(
    trained: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(started_flows, "run_command", interrupted)
    monkeypatch.setattr("sys.argv", ["package.py", "run", "--model", "a.skops"])
    with pytest.raises(SystemExit) as ended:
        judged_models.judge_given_model()
    assert ended.value.code == "stopped: nothing was packaged"


def test_what_does_not_fit_is_refused_before_anything_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(started_flows, "run_command", lambda *_: pytest.fail("a flow was run"))
    file = tmp_path / "nowhere.skops"
    with pytest.raises(Refusal, match="candidate 'nowhere': .* there is no such file or folder"):
        replaced(f"run --model {file}")
