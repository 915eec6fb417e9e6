"""The fits of a task: of a candidate or of trials, each made anew or taken from an earlier run."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shared.kinds import higher_is_better, metric_name, metric_text
from shared.schema.contract import Contract
from shared.sections.training import Candidate
from shared.settings import Settings
from shared.settings_text import toml_pairs
from shared.training.fitting import candidates, earlier_fits, halving, proposals, trials
from shared.training.fitting.candidates import Result
from shared.training.fitting.earlier_fits import EarlierFits
from shared.training.fitting.trials import Parameters
from shared.training.whole_table import WholeTable


@dataclass(frozen=True)
class Learnable:
    """What every fit of a training learns from, and what an earlier run has fitted of it.

    `table` is the fingerprint of the table that the parts are of, and `whole` the table that this
    is a sample of, if it is one.
    """

    parts: dict[str, pd.DataFrame]
    table: str
    contract: Contract
    settings: Settings
    earlier: EarlierFits
    whole: WholeTable | None = None


def fit_task(names: list[str], given: Learnable) -> list[Result]:
    """Fit what a task has to: a candidate, or trials of a search; a failure is part of a result.

    A result has what it is `made_of`, and words where it was `taken`. That of a trial has the
    `search` that it is of, its `params`, the `rows` that it was fitted on where they are not all,
    and what was given of fewer rows `before`, by what that was made of.
    """
    settings = given.settings
    name = trials.searched_candidate(names[0], settings)
    if name is None:
        (alone,) = names
        result = _Fits(given, alone).result(candidates.named(alone, settings), settings)
        if result["taken"]:
            print(f"{alone}: {result['taken']}", flush=True)
        return [result]
    search, fits = settings.search[name], _Fits(given, name)
    if search.method == "optuna":
        proposals.propose(names, search.parameters, fits.attempt, settings.seed)
        return [*fits.results.values()]
    sampled = trials.sampled(name, settings)
    if search.method == "halving":
        halving.halve(names, lambda trial, share: fits.attempt(trial, sampled[trial], share))
    else:
        for trial in names:
            fits.attempt(trial, sampled[trial])
    return [*fits.results.values()]


class _Fits:
    """The fits of a candidate and its trials so far: the last result of each, by its name."""

    def __init__(self, given: Learnable, name: str) -> None:
        self.given, self.name = given, name
        self.code = earlier_fits.code_digest(candidates.named(name, given.settings), given.settings)
        self.results: dict[str, Result] = {}

    def attempt(self, trial: str, parameters: Parameters, share: float = 1) -> float:
        """Fit a trial on a share of the rows of train, evenly in time, and say how it did.

        Returns how good it is, the higher the better, NaN where it failed.
        """
        made, settings = trials.with_trial(self.given.settings, self.name, trial, parameters)
        result = self.result(made, settings, share)
        result |= {"search": self.name, "params": parameters}
        if before := self.results.pop(trial, None):
            result["before"] = before["before"] | {before["made_of"]: before["given"]}
        self.results[trial] = result
        print(f"{trial}: {_outcome(result, settings)}; {toml_pairs(parameters)}", flush=True)
        return _value(result, settings)

    def result(self, candidate: Candidate, settings: Settings, share: float = 1) -> Result:
        """Fit a candidate of the settings, or take what an earlier run has fitted of the same."""
        given, parts, whole = self.given, self.given.parts, self.given.whole
        if share < 1:
            parts, whole = parts | {"train": _evenly(parts["train"], share)}, None
        table = f"{given.table} of {whole.source}" if whole else given.table
        made_of = self.code and earlier_fits.made_of(
            candidate, self.code, parts, table, given.contract, settings
        )
        scores = given.earlier.scores(made_of)
        about = parts, given.contract, settings
        result = candidates.fit_and_score(candidate.name, *about, scores, whole)
        words = f"fitted by {given.earlier.run}, of the same rows and settings"
        taken = None if scores is None else words
        rows = len(parts["train"]) if share < 1 else None
        return result | {"made_of": made_of, "taken": taken, "rows": rows, "before": {}}


def _evenly(rows: pd.DataFrame, share: float) -> pd.DataFrame:
    """Return a share of rows, evenly over their order."""
    count = max(1, round(share * len(rows)))
    return rows.iloc[np.linspace(0, len(rows) - 1, count).astype(int)].reset_index(drop=True)


def _value(result: Result, settings: Settings) -> float:
    if not result["scores"]:
        return math.nan
    value = result["scores"][settings.select_by].value
    return float(value if higher_is_better(settings.select_by) else -value)


def _outcome(result: Result, settings: Settings) -> str:
    on = f" on {result['rows']:,} rows" if result["rows"] else ""
    if not result["scores"]:
        return f"failed{on}: {result['error']}"
    value = metric_text(result["scores"][settings.select_by].value, 4)
    how = result["taken"] or f"in {result['seconds']:.1f} s"
    return f"{metric_name(settings.select_by)} {value}{on} {how}"
