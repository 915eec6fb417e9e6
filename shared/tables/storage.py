"""Where tables are kept: a folder of this machine, or `s3://bucket/folder`."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.fs as pafs

from shared.errors import Refusal

S3 = "s3://"
# Arrow has the same error for a file that cannot be opened and for one that is damaged.
DAMAGED = re.compile("compress|inflate|deserializ|Unexpected end of stream", re.IGNORECASE)
WAY_OUT = (
    'Put the table on S3 (source = "s3://bucket/…"), or ingest it from here into one there '
    '([ingest] table = "s3://bucket/…", and the same as the source)'
)


@dataclass(frozen=True)
class Place:
    """An address, with the file system that it is in and its path there."""

    address: str
    files: pafs.FileSystem
    path: str

    def within(self, *parts: str) -> str:
        """Return a path of this place's file system."""
        return "/".join([self.path, *parts])


def is_address(text: str) -> bool:
    """Tell whether a text names a folder or a file rather than `package.module:function`."""
    return text.startswith(S3) or "/" in text or Path(text).is_dir()


def place(address: str) -> Place:
    """Return the place of an address; whether anything is there is not looked up."""
    if address.startswith(S3):
        # Keys, tokens and the region come from the environment, as Metaflow's own do.
        files = pafs.S3FileSystem(endpoint_override=endpoint())
        return Place(address.rstrip("/"), files, address.removeprefix(S3).strip("/"))
    full = str(Path(address).resolve())
    return Place(full, pafs.LocalFileSystem(), full)


def beyond_reach() -> str:
    """Return what else to say of a file that is not there: nothing, but for tasks elsewhere."""
    if os.environ.get("METAFLOW_RUNTIME_ENVIRONMENT", "local") == "local":
        return ""
    return f": a task on a cluster has no files of the machine that started it. {WAY_OUT}"


def endpoint() -> str | None:
    """Return the S3 server that Metaflow is told to use; None is Amazon's own."""
    if named := os.environ.get("METAFLOW_S3_ENDPOINT_URL"):
        return named
    from metaflow.metaflow_config import S3_ENDPOINT_URL

    return S3_ENDPOINT_URL


@contextmanager
def reaching(address: str) -> Iterator[None]:
    """Tell in one line why what is at an address cannot be read or written."""
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        words = [line.strip(" ↳") for line in str(error).splitlines() if line.strip()]
        is_there = isinstance(error, pa.ArrowInvalid) or DAMAGED.search(str(error))
        what = "read as a table" if is_there else "reached"
        raise Refusal(f"{address} cannot be {what}: {(words or ['no reason given'])[0]}") from None


def near_place(address: str) -> str | None:
    """Return a table's place from the working folder: within it, or beside it; None elsewhere."""
    here = Path.cwd()
    if address.startswith(S3) or not Path(address).is_relative_to(here.parent):
        return None
    return Path(os.path.relpath(address, here)).as_posix()
