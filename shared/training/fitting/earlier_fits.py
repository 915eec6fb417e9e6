"""What an earlier run has fitted: taken as it is where all that a fit depends on is the same."""

import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from shared import command_words, problem_code
from shared.errors import Refusal
from shared.lineage import run_artifacts, run_history
from shared.model.files import requirements
from shared.schema.contract import Contract
from shared.sections.training import Candidate
from shared.settings import OF_OTHER_FLOWS, Settings

# What decides about fitted models, or comes after them. Whatever else the settings have is taken
# for something that a fit depends on.
AFTER_FITS = {
    *("candidates", "search", "select_by", "threshold", "costs", "interval", "slices", "baseline"),
    *("gates", *OF_OTHER_FLOWS),
}


@dataclass(frozen=True)
class EarlierFits:
    """The fits of an earlier run of TrainFlow, by its pathspec; of none without a run."""

    run: str | None = None

    def scores(self, made_of: str | None) -> np.ndarray | None:
        """Return what a candidate made of the same gave of the validation's rows; else None."""
        given = self._given.get(made_of)
        return None if given is None else np.asarray(given)

    @cached_property
    def _given(self) -> dict[str | None, Any]:
        """What each fit gave of the validation's rows, by what it was made of."""
        found: dict[str | None, Any] = {}
        for results in self._kept("fit", "results"):
            for result in results:
                found |= result["before"] | {result["made_of"]: result["given"]}
        # Of what is not known to be made of the same, nothing is taken.
        return found | {None: None}

    def model(self, made_of: str | None) -> Any | None:
        """Return the model that was chosen, if it is made of the same; else None."""
        chosen = self._kept("select", "chosen")
        models = self._kept("select", "model")
        same = (
            model
            for one, model in zip(chosen, models, strict=False)
            if made_of and one.get("made_of") == made_of
        )
        return next(same, None)

    def _kept(self, step: str, artifact: str) -> list[Any]:
        if self.run is None:
            return []
        with run_artifacts.refusing_what_is_lost(f"what {self.run} has fitted"):
            return run_artifacts.finished_results(f"{self.run}/{step}", artifact)


def earlier_fits(run: str | None, settings: Settings) -> EarlierFits:
    """Return the fits of a run of TrainFlow, by its pathspec or number, if one is given.

    Raises `Refusal` where it is not here, or of another problem.
    """
    if not run:
        return EarlierFits()
    found = run_of(run)
    if (other := run_history.tag_of(found, "project")) != settings.name:
        raise Refusal(f"{found.pathspec} is of the problem {other!r}, not of {settings.name!r}")
    return EarlierFits(found.pathspec)


def run_of(named: str) -> Any:
    """Return a run of TrainFlow by its pathspec or number; raises `Refusal` where none is here."""
    pathspec = named if "/" in named else f"TrainFlow/{named}"
    found = run_history.run_named(pathspec) if pathspec.startswith("TrainFlow/") else None
    if found is None:
        raise Refusal(
            f"no run {named!r} of TrainFlow is here: "
            f"`{command_words.millrace('runs --flow train')}` lists them"
        )
    return found


def made_of(
    candidate: Candidate,
    code: str,
    parts: dict[str, pd.DataFrame],
    table: str,
    contract: Contract,
    settings: Settings,
) -> str:
    """Return a sha256 over all that a fit depends on: rows, settings, code and its packages.

    `code` is their digest, and `table` the fingerprint of the table that the parts are of. What a
    candidate is called is no part of it: a trial may become a candidate of that name.
    """
    spans = [_span(parts[name], contract.time) for name in ("train", "validation")]
    rest = settings.model_dump_json(exclude=AFTER_FITS)
    fitted = json.dumps(candidate.model_dump(mode="json", exclude={"name"}), sort_keys=True)
    own = [fitted, contract.model_dump_json(), rest]
    return hashlib.sha256(repr([table, spans, own, code]).encode()).hexdigest()


def code_digest(candidate: Candidate, settings: Settings) -> str | None:
    """Return a sha256 over the code that fits a candidate: own code, packages, Python.

    None where its estimator is of no package, so that it cannot be known to be the same, and of a
    model that was fitted elsewhere.
    """
    if candidate.estimator is None:
        return None
    digest = hashlib.sha256(repr(sys.version_info[:3]).encode())
    try:
        named = [name for name in (candidate.estimator, candidate.preprocessing) if "." in name]
        packages = requirements.lock(named).encode()
    except Refusal:
        return None
    for part in (packages, *_own_code(settings.name)):
        digest.update(part)
    return digest.hexdigest()


def _span(rows: pd.DataFrame, time: str) -> tuple[str, ...]:
    return str(len(rows)), str(rows[time].min()), str(rows[time].max())


def _own_code(problem: str) -> Iterator[bytes]:
    folder = problem_code.code_folder(problem)
    if folder is None:
        return
    for file in sorted(folder.rglob("*.py")):
        yield file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes()
