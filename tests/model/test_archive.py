"""A bundle's archive: of its files alone, and unpacked nowhere but where it is asked to."""

import io
import shutil
import tarfile
from pathlib import Path

import pytest

from shared.errors import Refusal
from shared.model import archive
from shared.model.bundle import Bundle, open_bundle


def test_packing_depends_on_the_files_alone_and_unpacking_restores_them(
    bundle: Bundle, tmp_path: Path
) -> None:
    packed = archive.pack(bundle)
    copied = shutil.copytree(bundle.path, tmp_path / "copy")
    assert archive.pack(open_bundle(copied)) == packed
    assert archive.unpack(packed, tmp_path / "there").digest == bundle.digest


@pytest.mark.parametrize(
    ("name", "kind"),
    [("../away", tarfile.REGTYPE), ("/away", tarfile.REGTYPE), ("link", tarfile.SYMTYPE)],
)
def test_an_archive_that_would_write_elsewhere_is_refused(
    tmp_path: Path, name: str, kind: bytes
) -> None:
    member, made = tarfile.TarInfo(name), io.BytesIO()
    member.type, member.linkname = kind, "/etc/passwd"
    with tarfile.open(fileobj=made, mode="w") as tar:
        tar.addfile(member)
    with pytest.raises(Refusal, match=f"holds '{name}', which is no file of a bundle"):
        archive.unpack(made.getvalue(), tmp_path / "there")
    assert not list(tmp_path.rglob("away"))


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="is not the one that was packaged"):
        archive.unpack(b"neither a tar nor a bundle" * 40, tmp_path / "there")
