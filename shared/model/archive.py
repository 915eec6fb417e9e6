"""A bundle as one file, which runs keep: a tar of the bytes that the manifest names."""

import io
import tarfile
from pathlib import Path, PurePosixPath

from shared.errors import Refusal
from shared.model.bundle import MANIFEST, Bundle, open_bundle


def pack(bundle: Bundle) -> bytes:
    """Return the bundle as an uncompressed tar whose bytes depend on its files alone."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in sorted([MANIFEST, *bundle.manifest.files]):
            content = (bundle.path / name).read_bytes()
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return archive.getvalue()


def unpack(archive: bytes, path: Path) -> Bundle:
    """Unpack a bundle's tar into a directory, and open it there.

    Raises `Refusal` when it is not as it was packed.
    """
    path.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as tar:
            for member in tar:
                _write(tar, member, path)
    except tarfile.TarError as error:
        raise Refusal(f"the bundle's archive is not the one that was packaged: {error}") from None
    return open_bundle(path)


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    """Write one file of an archive; `extractall` is safe in no Python before 3.11.4."""
    name = PurePosixPath(member.name)
    content = tar.extractfile(member) if member.isfile() else None
    if content is None or name.is_absolute() or ".." in name.parts:
        raise Refusal(f"the bundle's archive holds {member.name!r}, which is no file of a bundle")
    (path / name).parent.mkdir(parents=True, exist_ok=True)
    (path / name).write_bytes(content.read())
