"""Files as they lie in Metaflow's datastores: listed at once, and read side by side.

Metaflow's own client starts a process for each listing in S3.
"""

import functools
import posixpath
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metaflow.plugins import AWS_CLIENT_PROVIDERS, DATASTORES
from metaflow.plugins.aws.aws_client import Boto3ClientProvider

# So many files are read at a time.
AT_ONCE = 8
S3 = "s3"


@dataclass(frozen=True)
class StoredFile:
    """Where a file lies: the datastore's type, such as `s3`, its root, and the path within it."""

    datastore: str
    root: str
    path: str


def listed(datastore: str, root: str, folders: Sequence[str]) -> list[list[StoredFile]]:
    """Return the files of each of these folders; none of one that is not there.

    On S3 it is one listing of all below the folder that they have in common.
    """
    below = _below_s3 if datastore == S3 else _below
    found = below(_storage(datastore, root), folders) if folders else []
    return [
        [StoredFile(datastore, root, path) for path in found if posixpath.dirname(path) == folder]
        for folder in folders
    ]


def read(files: Sequence[StoredFile]) -> list[bytes | None]:
    """Return what files hold, in their order; None for one that is not there."""
    for file in files[:1]:
        _storage(file.datastore, file.root)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(_content, files))


def _content(file: StoredFile) -> bytes | None:
    with _storage(file.datastore, file.root).load_bytes([file.path]) as loaded:
        for _, place, _ in loaded:
            return Path(place).read_bytes() if place else None
    return None


def _below(storage: Any, folders: Sequence[str]) -> list[str]:
    return [found.path for found in storage.list_content(folders) if found.is_file]


def _below_s3(storage: Any, folders: Sequence[str]) -> list[str]:
    bucket, _, prefix = storage.datastore_root.removeprefix("s3://").partition("/")
    before = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
    pages = storage.s3_client.client.get_paginator("list_objects_v2")
    common = f"{before}{posixpath.commonpath(folders)}/"
    return [
        found["Key"].removeprefix(before)
        for page in pages.paginate(Bucket=bucket, Prefix=common)
        for found in page.get("Contents", ())
    ]


@functools.cache
def _storage(datastore: str, root: str) -> Any:
    """Return what Metaflow asks such a datastore by; to make one takes longer than to ask it."""
    kind = next(storage for storage in DATASTORES if datastore == storage.TYPE)
    return kind(root)


class SharedClients(Boto3ClientProvider):
    """Gives whoever asks alike the same client: Metaflow makes one a flow, of 12 MB each."""

    _made: dict[str, Any] = {}
    _lock = threading.Lock()

    @staticmethod
    def get_client(
        module: str,
        with_error: bool = False,
        role_arn: str | None = None,
        session_vars: dict[str, Any] | None = None,
        client_params: dict[str, Any] | None = None,
    ) -> Any:
        """Return a client of an AWS service, as Metaflow's own provider makes it."""
        # Metaflow writes its own into what it is given: whoever asks again would not ask alike.
        asked = module, with_error, role_arn, session_vars, {**(client_params or {})}
        made, key = SharedClients._made, repr(asked)
        with SharedClients._lock:
            if key not in made:
                made[key] = Boto3ClientProvider.get_client(*asked)
            return made[key]


def share_clients() -> None:
    """Let all of Metaflow's datastores in this process ask S3 by one client."""
    if SharedClients not in AWS_CLIENT_PROVIDERS:
        AWS_CLIENT_PROVIDERS.insert(0, SharedClients)
