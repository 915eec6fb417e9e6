"""Runs by hand: records as the board lists them, and what a training run has kept."""

import json
from types import SimpleNamespace
from typing import Any

from shared.model.bundle import Bundle
from shared.runs.comparing.sides import Side
from shared.runs.records import Record, Records

FINGERPRINT = "91322b422ff4e2874804b914d53c7ee7f266ebb9ef8e2e353560be383be714de"


class ListedRuns(Records):
    """Records that were made by hand, the newest first."""

    def __init__(self, *history: Record) -> None:
        super().__init__()
        self.history = list(history)

    def all(self) -> list[Record]:
        return self.history


def record(pathspec: str, state: str = "done", problem: str = "loans", **facts: Any) -> Record:
    flow, _, run = pathspec.partition("/")
    at = f"2024-06-0{len(run)}T10:00:00+00:00"
    words = {"mood": "good", "word": state}
    return Record(flow, run, problem, "user.ada", "ada", at, state=state, facts=facts, **words)  # type: ignore[arg-type]


# Runs that can be compared, and one of each kind that cannot.
HISTORY = [
    record("PackageFlow/22", digest="b" * 64, training_run="TrainFlow/2"),
    record("TrainFlow/2"),
    record("TrainFlow/1"),
    record("TrainFlow/3", "failed"),
    record("TrainFlow/4", "running"),
    record("TrainFlow/5", problem="flights"),
    record("ReviewFlow/6"),
    *(record(f"TrainFlow/7{at}") for at in range(6)),
]


def trained(bundle: Bundle, commit: str = "a" * 40, **facts: Any) -> Any:
    """Return what Metaflow's client would show of the training run of a bundle."""
    table: dict[str, Any] = {
        "source": "loans.parquet",
        "version": None,
        "rows": 3_000,
        "columns": 8,
    }
    table |= {"from": "2024-01-01 00:01:00+00:00", "to": "2024-03-30 23:59:00+00:00"}
    table |= {"share positive": 0.25, "fingerprint": FINGERPRINT, "missing": {"age": 0.0}}
    evaluation = bundle.evaluation
    kept = {
        "evaluation": evaluation.plain(),
        "contract": bundle.contract,
        "reference": bundle.reference(),
        "baseline": json.loads((bundle.path / "profile.json").read_text()),
    }
    git = {"git-info": json.dumps({"commit_sha": commit})}
    board = [
        {
            "candidate": bundle.evaluation.candidate,
            "error": None,
            "scores": bundle.evaluation.scores,
        },
        {"candidate": "broken", "error": "ImportError: no such model", "scores": None},
    ]
    return {
        "select": SimpleNamespace(task=_Task({"leaderboard": board})),
        "evaluate": SimpleNamespace(task=_Task(kept, git)),
        "load": SimpleNamespace(task=_Task({"facts": table | facts})),
        "_parameters": SimpleNamespace(
            task=_Task({"settings": bundle.settings.model_dump(mode="json")})
        ),
    }


def side(letter: str, pathspec: str, run: Any, *digests: str) -> Side:
    made = record(pathspec)
    return Side(letter, made, made, digests, run)


class _Task(dict[str, Any]):
    def __init__(self, kept: dict[str, Any], metadata: dict[str, str] | None = None) -> None:
        super().__init__({name: SimpleNamespace(data=value) for name, value in kept.items()})
        self.metadata_dict = metadata or {}
