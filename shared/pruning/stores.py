"""Where Metaflow keeps runs: a folder on this machine, or a prefix of a bucket."""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from metaflow.metaflow_config import CARD_SUFFIX, DATASTORE_SYSROOT_S3
from metaflow.plugins.datastores.local_storage import LocalStorage
from metaflow.plugins.datatools.s3.s3util import get_s3_client

ASIDE = ".pruned"
# As many objects as one request of S3's removes.
AT_ONCE = 1_000


@dataclass(frozen=True)
class Stored:
    """A file: its path within the store, its bytes, and when it was last written (UTC)."""

    path: str
    bytes: int
    written: datetime


class Store(Protocol):
    """Files by their path within a root."""

    def files(self, flow: str) -> list[Stored]:
        """Return all files of a flow, its cards among them."""

    def read(self, path: str) -> bytes:
        """Return what a file holds."""

    def remove(self, paths: Iterable[str]) -> None:
        """Remove files, in this order; one that is gone already is no error."""

    def set_aside(self, path: str) -> None:
        """Take a file away so that it can be put back, where the store can do so."""

    def put_back(self, path: str) -> None:
        """Put a file back that was set aside."""

    def recover(self, flow: str) -> None:
        """Put back what a pruning of a flow that was killed has left aside."""

    def remove_aside(self, paths: Iterable[str]) -> None:
        """Remove files that were set aside."""


class LocalStore:
    """A `.metaflow` folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def files(self, flow: str) -> list[Stored]:
        """Return all files of a flow, without those that were set aside."""
        return [stored for stored in self._walk(flow) if not stored.path.endswith(ASIDE)]

    def recover(self, flow: str) -> None:
        """Put back what a pruning of a flow that was killed has left aside."""
        for stored in list(self._walk(flow)):
            if stored.path.endswith(ASIDE):
                self.put_back(stored.path.removesuffix(ASIDE))

    def _walk(self, flow: str) -> Iterator[Stored]:
        for top in (flow, f"{CARD_SUFFIX}/{flow}"):
            for folder, _, names in os.walk(self.root / top):
                for name in names:
                    file = Path(folder) / name
                    with suppress(FileNotFoundError):
                        found = file.stat()
                        written = datetime.fromtimestamp(found.st_mtime, UTC)
                        path = file.relative_to(self.root).as_posix()
                        yield Stored(path, found.st_size, written)

    def read(self, path: str) -> bytes:
        """Return what a file holds."""
        return (self.root / path).read_bytes()

    def remove(self, paths: Iterable[str]) -> None:
        """Remove files, and the folders that are empty without them."""
        for path in paths:
            file = self.root / path
            file.unlink(missing_ok=True)
            for folder in file.parents:
                # The flow's own folder stays, as a run may just begin in it.
                if folder.parent in (self.root, self.root / CARD_SUFFIX):
                    break
                try:
                    folder.rmdir()
                except OSError:
                    break

    def set_aside(self, path: str) -> None:
        """Rename a file: to whoever looks for it, it is gone."""
        with suppress(FileNotFoundError):
            (self.root / path).rename(self.root / f"{path}{ASIDE}")

    def put_back(self, path: str) -> None:
        """Rename a file back; one that was written anew meanwhile is the same."""
        with suppress(FileNotFoundError):
            (self.root / f"{path}{ASIDE}").rename(self.root / path)

    def remove_aside(self, paths: Iterable[str]) -> None:
        """Remove files that were set aside."""
        self.remove(f"{path}{ASIDE}" for path in paths)


class S3Store:
    """A prefix of a bucket, such as `s3://lake/metaflow`."""

    def __init__(self, address: str, client: Any) -> None:
        self.bucket, _, prefix = address.removeprefix("s3://").partition("/")
        self.prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self.client = client

    def files(self, flow: str) -> list[Stored]:
        """Return all objects of a flow."""
        pages = self.client.get_paginator("list_objects_v2")
        return [
            Stored(
                found["Key"].removeprefix(self.prefix),
                found["Size"],
                found["LastModified"].astimezone(UTC),
            )
            for top in (flow, f"{CARD_SUFFIX}/{flow}")
            for page in pages.paginate(Bucket=self.bucket, Prefix=f"{self.prefix}{top}/")
            for found in page.get("Contents", ())
        ]

    def read(self, path: str) -> bytes:
        """Return what an object holds."""
        found = self.client.get_object(Bucket=self.bucket, Key=f"{self.prefix}{path}")
        return bytes(found["Body"].read())

    def remove(self, paths: Iterable[str]) -> None:
        """Remove objects, many in a request."""
        keys = [{"Key": f"{self.prefix}{path}"} for path in paths]
        for start in range(0, len(keys), AT_ONCE):
            objects = {"Objects": keys[start : start + AT_ONCE], "Quiet": True}
            self.client.delete_objects(Bucket=self.bucket, Delete=objects)

    def set_aside(self, path: str) -> None:
        """Do nothing: an object cannot be renamed."""

    def put_back(self, path: str) -> None:
        """Do nothing: it is there."""

    def recover(self, flow: str) -> None:
        """Do nothing: nothing is ever aside."""

    def remove_aside(self, paths: Iterable[str]) -> None:
        """Remove objects."""
        self.remove(paths)


def stores() -> list[Store]:
    """Return the stores that Metaflow's settings and this folder name."""
    found: list[Store] = []
    root = LocalStorage.get_datastore_root_from_config(print, create_on_absent=False)
    if root and Path(root).is_dir():
        found.append(LocalStore(Path(root)))
    if DATASTORE_SYSROOT_S3:
        found.append(S3Store(DATASTORE_SYSROOT_S3, get_s3_client()[0]))
    return found


def read_many(store: Store, paths: list[str]) -> list[bytes]:
    """Return what files hold, read several at a time."""
    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(store.read, paths))
