"""A bundle as one file, which runs keep: a tar of the bytes that the manifest names."""

import io
import tarfile
from pathlib import Path

from shared.errors import Refusal
from shared.model.bundle import MANIFEST, Bundle, open_bundle
from shared.model.files import bundle_files


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


def unpack(archive: bytes, path: Path, trust: tuple[str, ...] | None = None) -> Bundle:
    """Unpack a bundle's tar into a directory, and open it there (see `open_bundle`).

    Each member is looked at before any is written. Raises `Refusal` when it is not as it was
    packed.
    """
    path.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as tar:
            for member in _plain_members(tar, len(archive)):
                _write(tar, member, path)
    except Refusal:
        raise
    except (tarfile.TarError, ValueError, LookupError, ArithmeticError, RecursionError) as error:
        why = str(error) or type(error).__name__
        raise Refusal(f"the bundle's archive is not the one that was packaged: {why}") from None
    return open_bundle(path, trust)


def _plain_members(tar: tarfile.TarFile, size: int) -> list[tarfile.TarInfo]:
    """Return an archive's members, each a file of a bundle, and all within the archive's size."""
    members: dict[str, tarfile.TarInfo] = {}
    left = size
    while (member := tar.next()) is not None:
        name = member.name
        if not (member.isreg() and bundle_files.belongs(name)) or member.issparse():
            raise Refusal(f"the bundle's archive holds {name!r}, which is no file of a bundle")
        left -= member.size
        if name in members or min(member.size, left) < 0:
            raise Refusal(
                f"the bundle's archive holds {name!r} twice, or of more than its own size"
            )
        members[name] = member
    return list(members.values())


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    """Write one file of an archive; `extractall` is safe in no Python before 3.11.4."""
    content = tar.extractfile(member)
    assert content is not None
    (path / member.name).parent.mkdir(exist_ok=True)
    (path / member.name).write_bytes(content.read())
