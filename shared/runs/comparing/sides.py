"""What is compared: training runs, and bundles by the runs that packaged them, with their facts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from shared.errors import Refusal
from shared.lineage import run_artifacts, run_history
from shared.model.comparisons.model_pairs import HeldOut
from shared.model.evaluation import Evaluation
from shared.runs.one_run import run_contents
from shared.runs.records import SHORTEST_DIGEST, Record
from shared.runs.stations import DONE, FAILED
from shared.schema.contract import Contract
from shared.tasks.choice import task_of
from shared.tasks.task import Task

FEWEST, MOST = 2, 5
COMPARED = ("TrainFlow", "PackageFlow")
LETTERS = "ABCDE"


class NotComparable(Refusal):
    """What was asked for is there, and cannot be compared."""


@dataclass(frozen=True)
class Side:
    """One of what is compared, by its `letter`: a run, and the training run that it stands for.

    `digests` are those of the bundles that have its model; `trained` is the training run of
    Metaflow's client.
    """

    letter: str
    record: Record
    training_run: Record
    digests: tuple[str, ...]
    trained: Any

    @cached_property
    def evaluation(self) -> Evaluation:
        """How the model was judged on its holdout."""
        return Evaluation.model_validate(self._artifact("evaluate", "evaluation"))

    @cached_property
    def leaderboard(self) -> list[dict[str, Any]]:
        """The candidates, ranked, each with its scores on the validation rows or its error."""
        return list(self._artifact("select", "leaderboard"))

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What the training run's table was like."""
        return dict(self._artifact("load", "facts"))

    @cached_property
    def contract(self) -> Contract:
        """The columns of the rows."""
        contract: Contract = self._artifact("evaluate", "contract")
        return contract

    @property
    def task(self) -> Task:
        """What kind of answers the model gives."""
        return task_of(self.contract)

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The settings that the training run had."""
        return dict(self._artifact("_parameters", "settings"))

    @property
    def baseline(self) -> dict[str, Any]:
        """How the history varies, in plain values."""
        return dict(self._artifact("evaluate", "baseline"))

    @property
    def held_out(self) -> HeldOut:
        """The held-out rows that were kept, with the model's answers."""
        rows = self._artifact("evaluate", "reference")
        return HeldOut(rows, self.contract, self.evaluation.rule)

    @cached_property
    def commit(self) -> str | None:
        """The git commit of the code: as the bundle has it, or else as the training run began."""
        if self.record.flow == "PackageFlow":
            packaged = run_history.run_named(self.record.pathspec)
            made = packaged and run_artifacts.kept_of(packaged, "choose", "lineage")
            if made:
                return made["lineage"].get("git commit")
        return run_contents.code_commit(self.trained["evaluate"])

    def _artifact(self, step: str, name: str) -> Any:
        try:
            return self.trained[step].task[name].data
        except KeyError:
            raise NotComparable(f"{self.training_run.pathspec} has kept no {name}") from None


def read(runs: Sequence[str], bundles: Sequence[str], history: list[Record]) -> list[Side]:
    """Return what is to be compared, in the order that it is named in: runs, then bundles.

    Raises `Refusal` for a run that is not there, and `NotComparable` where it cannot be compared.
    """
    records = [_run(name, history) for name in runs]
    records += [_bundle(digest, history) for digest in bundles]
    records = list({record.pathspec: record for record in records}.values())
    if not FEWEST <= len(records) <= MOST:
        raise NotComparable(
            f"{FEWEST} to {MOST} runs are compared; {len(records)} "
            f"{'was' if len(records) == 1 else 'were'} named"
        )
    for record in records:
        _check(record)
    problems = sorted({record.problem for record in records})
    if len(problems) > 1:
        raise NotComparable(f"these runs are of different problems: {', '.join(problems)}")
    return [
        _side(letter, record, history) for letter, record in zip(LETTERS, records, strict=False)
    ]


def _run(name: str, history: list[Record]) -> Record:
    for record in history:
        if record.pathspec == name:
            return record
    raise Refusal(f"{name} is not in the run history")


def _bundle(digest: str, history: list[Record]) -> Record:
    if len(digest) < SHORTEST_DIGEST or not re.fullmatch("[0-9a-f]*", digest):
        raise NotComparable(f"bundle {digest!r}: give {SHORTEST_DIGEST} digits of a digest or more")
    for record in history:
        if str(record.facts.get("digest", "")).startswith(digest):
            return record
    raise Refusal(f"no run in the history has packaged the bundle {digest}")


def _check(record: Record) -> None:
    if record.flow not in COMPARED:
        raise NotComparable(f"{record.pathspec} has no model: {' and '.join(COMPARED)} runs have")
    if record.state == FAILED:
        raise NotComparable(f"{record.pathspec} failed, and has nothing to compare")
    if record.state != DONE:
        raise NotComparable(f"{record.pathspec} is not finished: compare it when it is")


def _side(letter: str, record: Record, history: list[Record]) -> Side:
    name = record.facts["training_run"] if record.flow == "PackageFlow" else record.pathspec
    trained, found = run_history.run_named(name), [one for one in history if one.pathspec == name]
    if trained is None or not found:
        raise Refusal(
            f"{name}, which trained {record.pathspec}, is not in the run history any more"
        )
    packaged = [one for one in history if one.facts.get("training_run") == name]
    mine = [one for one in packaged if record.flow == "TrainFlow" or one is record]
    return Side(letter, record, found[0], tuple(one.facts["digest"] for one in mine), trained)
