"""The bundle: the deployable model, a directory whose digest is its name."""

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from shared import problems
from shared.baseline.baseline_profile import BaselineProfile, read_baseline_profile
from shared.errors import Refusal
from shared.model.evaluation import Evaluation
from shared.model.inputs import Rows, model_input
from shared.schema.contract import Contract
from shared.settings import Settings
from shared.tasks.choice import AnyRule, task_of
from shared.tasks.task import Rows as FeatureRows
from shared.tasks.task import Task

MANIFEST = "manifest.json"
# The Python that runs, as a bundle's manifest names the one that packaged it.
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
# How far a golden row may come out from what the training run made of it.
TOLERANCE = 1e-9


class Manifest(BaseModel):
    """What a bundle says of itself. Its bytes' sha256 is the bundle's digest.

    `files` maps each other file's path to its sha256; `rule` is what makes answers of the model's
    scores; `trusted` are the types that the model file may bring; `lineage` names
    the training run, the data's fingerprint and the git commit.
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
    """An opened bundle: every file was as the manifest says when it was opened."""

    path: Path
    digest: str
    manifest: Manifest

    @cached_property
    def contract(self) -> Contract:
        """The columns of its rows, and what may be in them."""
        return Contract.model_validate_json((self.path / "contract.json").read_bytes())

    @cached_property
    def settings(self) -> Settings:
        """The settings that it was packaged with."""
        return Settings.model_validate_json((self.path / "settings.json").read_bytes())

    @cached_property
    def model(self) -> Any:
        """The fitted pipeline, rebuilt from its parts without executing code of the file's own."""
        from skops import io as skops_io

        problems.find_own_code()
        trusted = list(self.manifest.trusted)
        if self.other_python:
            print(f"bundle {self.digest[:12]}: {self.other_python}", file=sys.stderr, flush=True)
        try:
            return skops_io.load(self.path / "model.skops", trusted=trusted)
        except ModuleNotFoundError as error:
            name = self.manifest.name
            raise Refusal(
                f"bundle {self.digest[:12]} needs the module {error.name!r}: name the folder of "
                f"the problem {name!r} in MILLRACE_PROBLEM, or install the bundle's wheels"
            ) from None

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
        return Evaluation.model_validate(json.loads((self.path / "evaluation.json").read_bytes()))

    @cached_property
    def baseline(self) -> BaselineProfile:
        """The problem's history that windows are held against, parsed once."""
        return read_baseline_profile(json.loads((self.path / "profile.json").read_bytes()))

    @cached_property
    def task(self) -> Task:
        """What kind of answers it gives."""
        return task_of(self.contract)

    def reference(self) -> pd.DataFrame:
        """Return held-out rows: the contract's columns, and those of answers."""
        return pd.read_parquet(self.path / "reference.parquet")

    def golden(self) -> pd.DataFrame:
        """Return rows with the answers that the training run's model gave them."""
        return pd.read_parquet(self.path / "golden.parquet")

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


def open_bundle(path: Path) -> Bundle:
    """Open a bundle's directory after checking every file against the manifest.

    Raises `Refusal` naming the file that is missing, changed, or not in the manifest.
    """
    if not (path / MANIFEST).is_file():
        raise Refusal(f"{path} is no bundle: it has no {MANIFEST}")
    raw = (path / MANIFEST).read_bytes()
    try:
        manifest = Manifest.model_validate_json(raw)
    except ValidationError as error:
        raise Refusal(f"{path / MANIFEST} is not as Millrace writes it: {error}") from None
    present = {str(f.relative_to(path)) for f in path.rglob("*") if f.is_file()} - {MANIFEST}
    for name in sorted(present | manifest.files.keys()):
        if name not in present:
            raise Refusal(f"bundle {path}: {name} is missing; unpack the bundle again")
        if name not in manifest.files:
            raise Refusal(f"bundle {path}: {name} is not in the manifest; remove it")
        if sha256((path / name).read_bytes()) != manifest.files[name]:
            raise Refusal(
                f"bundle {path}: {name} is not the file that was packaged (its sha256 differs "
                "from the manifest's); unpack the bundle again"
            )
    return Bundle(path=path, digest=sha256(raw), manifest=manifest)


def sha256(content: bytes) -> str:
    """Return the sha256 of some bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
