"""The bundle: the deployable model, a directory whose digest is its name."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from shared import problems
from shared.errors import Refusal, in_a_line
from shared.model.evaluation import Evaluation
from shared.model.files import bundle_files, model_file
from shared.model.files.bundle_files import MANIFEST, sha256
from shared.model.inputs import Rows, model_input
from shared.schema.contract import Contract
from shared.settings import Settings
from shared.tasks.choice import AnyRule, task_of
from shared.tasks.task import Rows as FeatureRows
from shared.tasks.task import Task

if TYPE_CHECKING:
    from shared.baseline.baseline_profile import BaselineProfile

__all__ = ["MANIFEST", "Bundle", "Manifest", "open_bundle", "sha256"]
# The Python that runs, as a bundle's manifest names the one that packaged it.
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
# How far a golden row may come out from what the training run made of it.
TOLERANCE = 1e-9
Read = TypeVar("Read")


class Manifest(BaseModel):
    """What a bundle says of itself. Its bytes' sha256 is the bundle's digest.

    `files` maps each other file's path to its sha256; `rule` is what makes answers of the model's
    scores; `trusted` are the types that the model file has, as a message to who opens it; `lineage`
    names the training run, the data's fingerprint and the git commit.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    kind: str
    millrace: str
    python: str
    rule: AnyRule
    trusted: tuple[str, ...]
    lineage: dict[str, Any]
    files: dict[str, str]

    @model_validator(mode="before")
    @classmethod
    def _of_older_bundles(cls, values: Any) -> Any:
        """Take the rule of a bundle that was binary before there were other kinds."""
        if isinstance(values, dict) and "threshold" in values:
            values = dict(values)
            values["rule"] = {"threshold": values.pop("threshold")}
        return values


@dataclass(frozen=True)
class Bundle:
    """An opened bundle: every file was as the manifest says when it was opened.

    `trust` are the types that its opener's settings allow; None for those of the settings that are
    found here by the problem's name.
    """

    path: Path
    digest: str
    manifest: Manifest
    trust: tuple[str, ...] | None = None

    @cached_property
    def contract(self) -> Contract:
        """The columns of its rows, and what may be in them."""
        found = self._read("contract.json", Contract.model_validate_json)
        named = {column.name for column in found.columns}
        if not found.features or not {found.key, found.time, *found.features} <= named:
            raise Refusal(f"{self._file('contract.json')} has no features, or none of their types")
        return found

    @cached_property
    def settings(self) -> Settings:
        """The settings that it was packaged with."""
        return self._read("settings.json", Settings.model_validate_json)

    @cached_property
    def model(self) -> Any:
        """The fitted pipeline, rebuilt from its parts without executing code of the file's own.

        Raises `Refusal` where it has types that nobody here trusts, whatever the manifest says.
        """
        name, trusted = self.manifest.name, self.trust
        if trusted is None:
            here = problems.settings_here(name)
            trusted = here.package.trust if here else ()
        if self.other_python:
            print(f"bundle {self.digest[:12]}: {self.other_python}", file=sys.stderr, flush=True)
        try:
            # It may be long since the bundle was opened.
            bundle_files.refuse_changed_file(self.path, model_file.FILE, self.manifest.files)
            return model_file.load(self.path / model_file.FILE, name, trusted)
        except ModuleNotFoundError as error:
            raise Refusal(
                f"bundle {self.digest[:12]} needs the module {error.name!r}: name the folder of "
                f"the problem {name!r} in MILLRACE_PROBLEM, or install the bundle's wheels"
            ) from None
        except Refusal as refusal:
            raise Refusal(f"{self._file('model.skops')}: {refusal}") from None

    @property
    def other_python(self) -> str | None:
        """What to know where another Python runs the bundle than packaged it, else None."""
        packaged = self.manifest.python
        if packaged == PYTHON:
            return None
        return (
            f"packaged on Python {packaged}, which its requirements.lock is for, and running on "
            f"{PYTHON}: if it does not load, use python{packaged}"
        )

    @cached_property
    def evaluation(self) -> Evaluation:
        """How the model was judged on the holdout before it was packaged."""
        return self._read("evaluation.json", lambda raw: Evaluation.model_validate(json.loads(raw)))

    @cached_property
    def baseline(self) -> "BaselineProfile":
        """The problem's history that windows are held against, parsed once."""
        # Here, since a server need not import it.
        from shared.baseline.baseline_profile import read_baseline_profile

        return self._read("profile.json", lambda raw: read_baseline_profile(json.loads(raw)))

    @cached_property
    def task(self) -> Task:
        """What kind of answers it gives."""
        return task_of(self.contract)

    def reference(self) -> pd.DataFrame:
        """Return held-out rows: the contract's columns, and those of answers."""
        return self._rows("reference.parquet", self._answered)

    def golden(self) -> pd.DataFrame:
        """Return rows with the answers that the training run's model gave them, one at least."""
        return self._rows("golden.parquet", self._answered)

    def items(self) -> pd.DataFrame | None:
        """Return the items that slates are made of, with their features; None where it has none."""
        ranking = self.contract.ranking
        if not ranking or bundle_files.ITEMS not in self.manifest.files:
            return None
        return self._rows(bundle_files.ITEMS, [ranking.item])

    def apart(self, found: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return how far somebody's scores of the golden rows are from those of the training run.

        Shape (rows,), relative for scores above one; NaN for a row that got none.
        """
        golden, names = self.golden(), self.task.score_names
        wanted = {name: golden[name].to_numpy("float64") for name in names}
        off = [np.abs(found[n] - wanted[n]) / np.maximum(1, np.abs(wanted[n])) for n in names]
        return np.max(off, axis=0)

    def prove(self, found: Mapping[str, np.ndarray]) -> None:
        """Hold somebody's scores of the golden rows against those of the training run.

        Raises `Refusal` where they differ, or a row got none.
        """
        off = self.apart(found)
        if not np.all(off <= TOLERANCE):
            raise Refusal(
                f"bundle {self.digest[:12]}: {np.sum(~(off <= TOLERANCE))} of {len(off)} golden "
                f"rows come out otherwise than in training, by up to {off.max():g}"
            )

    def scores(self, rows: Rows | pa.Table) -> np.ndarray:
        """Return what the model gives of rows, float64: shape (rows,) or (rows, columns)."""
        return self.task.scores(self.model, model_input(rows, self.contract))

    def answers(self, scores: np.ndarray, rows: FeatureRows) -> dict[str, np.ndarray]:
        """Return the columns of answers that the bundle's rule makes of the scores of rows."""
        return self.task.answers(scores, self.manifest.rule, rows)

    def _file(self, name: str) -> str:
        return f"bundle {self.digest[:12]}: {name}"

    def _read(self, name: str, parse: Callable[[bytes], Read]) -> Read:
        """Return what a file says; raises `Refusal` where it is not as Millrace writes it."""
        try:
            return parse((self.path / name).read_bytes())
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            why = in_a_line(error, named=False)
            raise Refusal(f"{self._file(name)} is not as Millrace writes it: {why}") from None

    @property
    def _answered(self) -> tuple[str, ...]:
        """The columns of rows that were answered."""
        return (*self.contract.features, *self.task.score_names)

    def _rows(self, name: str, needed: Iterable[str]) -> pd.DataFrame:
        try:
            return bundle_files.read_rows(self.path / name, needed)
        except Refusal as refusal:
            raise Refusal(f"{self._file(name)}: {refusal}") from None


def open_bundle(path: Path, trust: tuple[str, ...] | None = None) -> Bundle:
    """Open a bundle's directory after checking every file against the manifest.

    `trust` are types that the opener's settings allow its model to have. Raises `Refusal` naming
    the file that is missing, changed, a link, or not in the manifest.
    """
    raw = bundle_files.read_manifest(path)
    try:
        manifest = Manifest.model_validate_json(raw)
    except ValidationError as error:
        why = in_a_line(error, named=False)
        raise Refusal(f"{path / MANIFEST} is not as Millrace writes it: {why}") from None
    bundle_files.refuse_changed(path, manifest.files)
    return Bundle(path=path, digest=sha256(raw), manifest=manifest, trust=trust)
