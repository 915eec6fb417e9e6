"""Source tables: read as the settings say, and told apart by a fingerprint."""

import hashlib
import importlib
from pathlib import Path

import pandas as pd

from shared.errors import Refusal


def read(source: str) -> pd.DataFrame:
    """Read a source: a Parquet or CSV file, or `package.module:function` that returns a frame.

    Raises `Refusal` when there is no such file or function, or when it is no table.
    """
    if source.endswith((".parquet", ".csv", ".csv.gz")):
        return read_file(Path(source))
    module, _, function = source.partition(":")
    if not function:
        raise Refusal(
            f"source {source!r} is neither a .parquet or .csv file nor package.module:function"
        )
    try:
        frame = getattr(importlib.import_module(module), function)()
    except (ImportError, AttributeError) as error:
        raise Refusal(f"source {source!r} cannot be imported: {error}") from None
    if not isinstance(frame, pd.DataFrame):
        raise Refusal(f"source {source!r} returned a {type(frame).__name__}, not a DataFrame")
    return frame


def read_file(path: Path) -> pd.DataFrame:
    """Read a Parquet or CSV file; raises `Refusal` when it cannot be read as one."""
    if not path.is_file():
        raise Refusal(f"no file {path} (looked in {Path.cwd()})")
    try:
        return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    except Exception as error:
        raise Refusal(f"{path} cannot be read as a table: {error}") from None


def fingerprint(frame: pd.DataFrame) -> str:
    """Return a sha256 over names, types and values of a table; row order and index do not count."""
    digest = hashlib.sha256(repr([(c, str(t)) for c, t in frame.dtypes.items()]).encode())
    hashes = pd.util.hash_pandas_object(frame, index=False).to_numpy(copy=True)
    hashes.sort()
    digest.update(hashes.tobytes())
    return digest.hexdigest()
