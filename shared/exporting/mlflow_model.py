"""A bundle as an MLflow model, which MLflow serves with the bundle's own answers."""

import logging
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd

from shared import command_words, problem_code, processes
from shared.errors import Refusal
from shared.exporting import mlflow_loader, pyfunc_model
from shared.model.bundle import Bundle
from shared.model.files import model_file, requirements, trust
from shared.schema.client_rows import client_rows
from shared.schema.contract import ColumnType

# Of what the bundle pins, these decide its answers; the others may be as MLflow needs them.
PINNED = frozenset({"joblib", "numpy", "pandas", "scikit-learn", "scipy", "skops"})
BESIDE = ("pyarrow", "pydantic", "threadpoolctl")
EXAMPLE_ROWS = 5
TYPES: dict[ColumnType, str] = {
    "boolean": "boolean",
    "integer": "long",
    "number": "double",
    "category": "string",
    "text": "string",
    "time": "datetime",
}
LOAD = "import sys, mlflow.pyfunc; mlflow.pyfunc.load_model(sys.argv[1])"
# How often MLflow tries again where a server does not answer: with its own seven it takes minutes.
RETRIES = "2"


def installed_mlflow() -> ModuleType:
    """Import MLflow, which sends word of its use to nobody; raises `Refusal` where it is not."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", RETRIES)
    try:
        import mlflow
    except ImportError:
        own = command_words.in_own_environment("mlflow")
        raise Refusal(f"this needs MLflow, which is not installed: {own}") from None
    for library in ("mlflow", "alembic"):
        logging.getLogger(library).setLevel(logging.ERROR)
    return mlflow


def write_model(bundle: Bundle, folder: Path) -> None:
    """Write a bundle as an MLflow model into a new folder, and load it in another process.

    Its flavours are `python_function`, which answers as the bundle does and proves itself by the
    golden rows whenever it is loaded, and `sklearn`, which is the pipeline alone. Inputs are
    declared as `any`: MLflow refuses whole numbers, categories and times with a zone where the
    frame that a model was trained on has them, and the bundle reads and checks each value itself.
    Raises `Refusal` where MLflow is not installed, the folder is there already, or the model does
    not load by itself.
    """
    mlflow = installed_mlflow()
    if folder.exists():
        raise Refusal(f"{folder} exists already: name a new folder")
    with code_files(bundle) as code:
        made = mlflow.models.Model(metadata={"millrace_digest": bundle.digest})
        made.add_flavor("sklearn", **_sklearn_flavor(bundle))
        mlflow.pyfunc.save_model(
            folder,
            mlflow_model=made,
            loader_module=Path(mlflow_loader.__file__).stem,
            data_path=bundle.path,
            code_paths=[str(path) for path in code],
            signature=_signature(bundle),
            input_example=example(bundle),
            pip_requirements=[f"mlflow=={mlflow.__version__}", *pins(bundle)],
        )
    try:
        # In this process it would find the code of this Millrace, not its own. A compiled module
        # would be one file more, and another on the next version of Python.
        processes.run(
            [sys.executable, "-B", "-c", LOAD, str(folder)], "the MLflow model does not load"
        )
    except Refusal:
        shutil.rmtree(folder)
        raise


def example(bundle: Bundle) -> pd.DataFrame:
    """Return a few golden rows' features as JSON has them."""
    rows = client_rows(bundle.golden().head(EXAMPLE_ROWS), bundle.contract)
    return pd.DataFrame(rows)[list(bundle.contract.features)].astype(object)


def pins(bundle: Bundle) -> list[str]:
    """Return the packages that the model's answers need, in versions where these decide."""
    serving = {line.partition("==")[0] for line in requirements.lock(()).splitlines()}
    lines = (bundle.path / "requirements.lock").read_text().splitlines()
    named = {line.partition("==")[0]: line for line in lines}
    wanted = {name: line for name, line in named.items() if name in PINNED or name not in serving}
    return [*wanted.values(), *BESIDE]


def trusting(bundle: Bundle) -> str:
    """Return what comes before the command of who serves it: the types that have to be trusted."""
    # The problem's own code goes with the model, and need not be found here.
    name = bundle.manifest.name
    own = f"{problem_code.PACKAGE}.{name}."
    types = model_file.types(bundle.path / model_file.FILE)
    foreign = trust.untrusted((each for each in types if not each.startswith(own)), name, ())
    return f'{trust.VARIABLE}="{" ".join(foreign)}" ' if foreign else ""


@contextmanager
def code_files(bundle: Bundle) -> Iterator[list[Path]]:
    """Yield an archive of the code of a bundle's wheels, and the module that MLflow calls.

    A registry behind a server takes each file by a request of its own, so that hundreds of modules
    would take minutes, and fail with the first that does.
    """
    with tempfile.TemporaryDirectory() as place:
        unpacked = Path(place) / "code"
        for wheel in sorted((bundle.path / "wheels").glob("*.whl")):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(unpacked)
        for described in unpacked.glob("*.dist-info"):
            shutil.rmtree(described)
        # Of what this Millrace asks a bundle, whatever Millrace made the bundle.
        shutil.copy(pyfunc_model.__file__, unpacked)
        # With its folders as entries: without these, Python 3.11 finds no `problems` in it.
        archived = Path(place) / mlflow_loader.CODE
        shutil.make_archive(str(archived.with_suffix("")), "zip", unpacked)
        yield [archived, Path(mlflow_loader.__file__)]


def _signature(bundle: Bundle) -> Any:
    from mlflow.models import ModelSignature
    from mlflow.types.schema import AnyType, ColSpec, Schema

    taken = pyfunc_model.taken_columns(bundle.contract)
    inputs = [ColSpec(AnyType(), name, required=False) for name in taken]
    answers = [column for column, _ in bundle.task.columns]
    outputs = [ColSpec(TYPES[c.type], c.name, required=not c.nullable) for c in answers]
    return ModelSignature(Schema(inputs), Schema(outputs))


def _sklearn_flavor(bundle: Bundle) -> dict[str, Any]:
    import sklearn

    return {
        "pickled_model": f"data/{bundle.path.name}/{model_file.FILE}",
        "sklearn_version": sklearn.__version__,
        "serialization_format": "skops",
        "skops_trusted_types": model_file.types(bundle.path / model_file.FILE),
        "code": f"code/{mlflow_loader.CODE}",
    }
