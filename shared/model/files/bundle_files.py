"""The files of a bundle: which there may be, of what size, as the manifest has them; and rows."""

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from shared.errors import Refusal, in_a_line

MANIFEST = "manifest.json"
MANIFEST_BYTES = 16 * 2**20
# Without these it is no bundle, and with others neither: what a server finds in the folder that it
# is started in (settings, code) is no bundle's to bring.
NEEDED = frozenset(
    {"model.skops", "contract.json", "settings.json", "profile.json", "evaluation.json"}
    | {"reference.parquet", "golden.parquet", "requirements.lock", "Dockerfile", "README.md"}
)
# What there is to recommend, in a bundle whose settings name such a table.
ITEMS = "items.parquet"
WHEEL = re.compile(r"wheels/[A-Za-z0-9][\w.+-]{0,200}\.whl", re.ASCII)
# A bundle is unpacked and hashed whole, and its JSON is read whole.
MOST_BYTES = 16 * 2**30
MOST_JSON_BYTES = 2**29
# Where a server that is started in the folder keeps its log.
NOT_READ = ".millrace"
MOST_ROWS = 1_000_000
MOST_DECLARED_BYTES = 2**30


def belongs(name: str) -> bool:
    """Return whether a bundle may have a file of this name."""
    return name in (MANIFEST, ITEMS) or name in NEEDED or bool(WHEEL.fullmatch(name))


def refuse_changed(path: Path, files: Mapping[str, str]) -> None:
    """Check a bundle's folder against its manifest's `files`, each name's sha256.

    Raises `Refusal` naming the file that is missing, changed, too large, a link, or none of a
    bundle's.
    """
    present = dict(_plain_files(path))
    if sum(present.values()) > MOST_BYTES:
        raise Refusal(f"bundle {path}: its files have {sum(present.values()):,} bytes, too many")
    for name, size in present.items():
        if name.endswith(".json") and size > MOST_JSON_BYTES:
            raise Refusal(f"bundle {path}: {name} has {size:,} bytes, too many")
    for name in sorted(present.keys() | files.keys() | NEEDED):
        if name not in present:
            raise Refusal(f"bundle {path}: {name} is missing; unpack the bundle again")
        if name not in files:
            raise Refusal(f"bundle {path}: {name} is not in the manifest; remove it")
        if not belongs(name):
            raise Refusal(f"bundle {path}: {name} is no file of a bundle: do not trust this one")
        refuse_changed_file(path, name, files)


def refuse_changed_file(path: Path, name: str, files: Mapping[str, str]) -> None:
    """Raise `Refusal` where a file of a bundle's folder is gone, or not the manifest's."""
    try:
        found = sha256_of_file(path / name)
    except OSError as error:
        raise Refusal(
            f"bundle {path}: {name} cannot be read ({error.strerror}); unpack the bundle again"
        ) from None
    if found != files.get(name):
        raise Refusal(
            f"bundle {path}: {name} is not the file that was packaged (its sha256 differs "
            "from the manifest's); unpack the bundle again"
        )


def read_manifest(path: Path) -> bytes:
    """Return the bytes of a folder's manifest; raises `Refusal` where there is none to read."""
    try:
        found = (path / MANIFEST).lstat()
    except OSError:
        raise Refusal(
            f"{path} is no bundle: it has no {MANIFEST}. Give the folder of one: those that were "
            "unpacked here are in .millrace/bundles"
        ) from None
    if not stat.S_ISREG(found.st_mode) or found.st_size > MANIFEST_BYTES:
        raise Refusal(
            f"{path / MANIFEST} is not as Millrace writes it: no plain file, or too large"
        )
    return (path / MANIFEST).read_bytes()


def sha256(content: bytes) -> str:
    """Return the sha256 of some bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def sha256_of_file(path: Path) -> str:
    """Return the sha256 of a file, in hexadecimal; it is never in memory as a whole."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _plain_files(path: Path, within: str = "") -> Iterator[tuple[str, int]]:
    """Yield each file's name and size, but for the manifest; refuse links and special files."""
    for entry in os.scandir(path / within):
        name = f"{within}{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            if name != NOT_READ:
                yield from _plain_files(path, f"{name}/")
        elif not entry.is_file(follow_symlinks=False):
            raise Refusal(f"bundle {path}: {name} is a link, or no plain file: put the file there")
        elif name != MANIFEST:
            yield name, entry.stat(follow_symlinks=False).st_size


def read_rows(path: Path, needed: Iterable[str]) -> pd.DataFrame:
    """Return a Parquet file's rows, one at least.

    Raises `Refusal` where it cannot be read, declares too much, or lacks a needed column.
    """
    try:
        with pq.ParquetFile(path) as file:
            said = file.metadata
            size = sum(said.row_group(at).total_byte_size for at in range(said.num_row_groups))
            if lacking := sorted({*needed} - {*file.schema_arrow.names}):
                raise Refusal(f"it lacks the columns {lacking}")
            if not 0 < said.num_rows <= MOST_ROWS or size > MOST_DECLARED_BYTES:
                raise Refusal(f"it declares {said.num_rows:,} rows of {size:,} bytes")
            return file.read().to_pandas()
    except Refusal:
        raise
    except (pa.ArrowException, OSError, ValueError, TypeError, LookupError) as error:
        raise Refusal(f"it cannot be read ({in_a_line(error, named=False)})") from None
