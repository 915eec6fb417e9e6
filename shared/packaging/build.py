"""Writes a bundle: the files, then the manifest over them."""

import json
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from skops import io as skops_io

from shared import __version__, problem_code
from shared.baseline.stored_words import in_words_of_today
from shared.errors import Refusal
from shared.model.bundle import MANIFEST, PYTHON, Bundle, Manifest, open_bundle, sha256
from shared.model.evaluation import Evaluation
from shared.model.files import model_file, requirements, trust
from shared.model.files.archive import pack
from shared.model.files.bundle_files import ITEMS
from shared.packaging import documents, wheel
from shared.settings import Settings
from shared.tables.items import read_items


@dataclass(frozen=True)
class Archive:
    """A bundle as a run keeps it: its bytes, and what a card shows of it."""

    archive: bytes
    digest: str
    manifest: dict[str, Any]
    contents: list[dict[str, Any]]


def archive(settings: Settings, trained: Any, lineage: dict[str, Any]) -> Archive:
    """Build a bundle of a training run's artifacts, and pack it."""
    with tempfile.TemporaryDirectory() as folder:
        bundle = build(Path(folder) / "bundle", settings, trained, lineage)
        return Archive(
            archive=pack(bundle),
            digest=bundle.digest,
            manifest=bundle.manifest.model_dump(mode="json"),
            contents=[
                {"file": name, "bytes": (bundle.path / name).stat().st_size, "sha256": digest}
                for name, digest in sorted(bundle.manifest.files.items())
            ],
        )


def build(path: Path, settings: Settings, trained: Any, lineage: dict[str, Any]) -> Bundle:
    """Write a bundle into an empty folder, and open it.

    `trained` has a training run's `model`, `contract`, `reference`, `golden`, `baseline` and
    `evaluation`. Raises `Refusal` when the model holds a type that neither scikit-learn brings nor
    the settings trust, or comes from a module that no installed distribution has.
    """
    path.mkdir(parents=True, exist_ok=True)
    skops_io.dump(trained.model, path / "model.skops")
    trusted = model_file.types(path / "model.skops")
    refuse_foreign(trusted, settings)
    (path / "contract.json").write_text(trained.contract.model_dump_json(indent=1))
    (path / "settings.json").write_text(settings.model_dump_json(indent=1))
    trained.reference.to_parquet(path / "reference.parquet", index=False)
    trained.golden.to_parquet(path / "golden.parquet", index=False)
    items = read_items(settings, trained.contract)
    if items is not None:
        pq.write_table(items, path / ITEMS)
    _write_json(path / "profile.json", _baseline(trained))
    evaluation = Evaluation.model_validate(trained.evaluation)
    _write_json(path / "evaluation.json", evaluation.plain())
    (path / "requirements.lock").write_text(requirements.lock(trusted))
    wheel.build_wheel(path / "wheels")
    if code := problem_code.code_folder(settings.name):
        wheel.build_problem_wheel(settings.name, code, path / "wheels")
    foreign = trust.untrusted(trusted, settings.name, ())
    (path / "Dockerfile").write_text(documents.dockerfile(foreign))
    method = "predict_proba" if hasattr(trained.model, "predict_proba") else "predict"
    held = documents.ModelFile(trusted, method)
    (path / "README.md").write_text(
        documents.readme(settings.name, held, foreign, lineage.get("data sample"))
    )
    files = sorted(f for f in path.rglob("*") if f.is_file())
    manifest = Manifest(
        name=settings.name,
        kind=settings.kind,
        millrace=__version__,
        python=PYTHON,
        rule=evaluation.rule,
        trusted=tuple(trusted),
        lineage=lineage,
        files={str(f.relative_to(path)): sha256(f.read_bytes()) for f in files},
    )
    (path / MANIFEST).write_text(manifest.model_dump_json(indent=1))
    return open_bundle(path, settings.package.trust)


def refuse_foreign(types: Iterable[str], settings: Settings) -> None:
    """Raise `Refusal` where a model's types come from elsewhere, and the settings trust them not.

    The parts of scikit-learn's models and the problem's own code need not be trusted by anybody.
    """
    if foreign := trust.untrusted(types, settings.name, settings.package.trust):
        listed = ", ".join(f'"{name}"' for name in (*settings.package.trust, *foreign))
        raise Refusal(
            f"the model has types that come from neither scikit-learn nor the problem: {foreign}; "
            f"if you trust them, say so in the settings: [package] trust = [{listed}]"
        )


def _baseline(trained: Any) -> dict[str, Any]:
    """Return a run's baseline profile; a run of an earlier Millrace has it as `usual`."""
    return in_words_of_today(trained.baseline if hasattr(trained, "baseline") else trained.usual)


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1, default=float))
