"""A bundle's archive: of its files alone, and unpacked nowhere but where it is asked to."""

import io
import random
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest

from shared.errors import Refusal
from shared.model.bundle import Bundle, open_bundle
from shared.model.files import archive


def test_packing_depends_on_the_files_alone_and_unpacking_restores_them(
    bundle: Bundle, tmp_path: Path
) -> None:
    packed = archive.pack(bundle)
    copied = shutil.copytree(bundle.path, tmp_path / "copy")
    assert archive.pack(open_bundle(copied)) == packed
    assert archive.unpack(packed, tmp_path / "there").digest == bundle.digest


def member(name: str, kind: bytes = tarfile.REGTYPE, **more: Any) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, "/etc/passwd"
    for key, value in more.items():
        setattr(made, key, value)
    return made


def packed(*members: tarfile.TarInfo) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for each in members:
            tar.addfile(each)
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *(("../away", tarfile.REGTYPE), ("/away", tarfile.REGTYPE), ("away", tarfile.REGTYPE)),
        *((".", tarfile.REGTYPE), ("", tarfile.REGTYPE), ("wheels/../../a.whl", tarfile.REGTYPE)),
        *(("model.skops", kind) for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE)),
        *(("model.skops", kind) for kind in (tarfile.CHRTYPE, tarfile.DIRTYPE)),
    ],
)
def test_an_archive_that_would_write_elsewhere_or_no_file_is_refused(
    tmp_path: Path, name: str, kind: bytes
) -> None:
    with pytest.raises(Refusal, match="which is no file of a bundle"):
        archive.unpack(packed(member(name, kind)), tmp_path / "there")
    assert not list((tmp_path / "there").iterdir())


def test_a_member_that_declares_more_than_the_archive_has_is_refused(tmp_path: Path) -> None:
    header = member("model.skops", size=2**40).tobuf()
    with pytest.raises(Refusal, match="holds 'model.skops' twice, or of more than its own size"):
        archive.unpack(header + bytes(10_240), tmp_path / "there")
    assert not list((tmp_path / "there").iterdir())


def test_a_sparse_member_is_refused(tmp_path: Path) -> None:
    sparse = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": str(2**40)}
    sparse["GNU.sparse.name"] = "model.skops"
    header = member("model.skops", size=512, pax_headers=sparse).tobuf(tarfile.PAX_FORMAT)
    with pytest.raises(Refusal, match="holds 'model.skops', which is no file of a bundle"):
        archive.unpack(header + b"1\n0\n0\n".ljust(512, b"\0") + bytes(1_024), tmp_path / "there")
    assert not list((tmp_path / "there").iterdir())


def test_a_member_is_there_once(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="holds 'README.md' twice"):
        archive.unpack(packed(member("README.md"), member("README.md")), tmp_path / "there")


def test_bytes_changed_anywhere_are_a_refusal_and_nothing_else(
    bundle: Bundle, tmp_path: Path
) -> None:
    whole = archive.pack(bundle)
    headers = whole.index(b"ustar") // 512 * 512
    rng = random.Random(1)
    for trial in range(60):
        torn = bytearray(whole[: rng.choice([len(whole), 700, 5_000])])
        for _ in range(rng.randrange(1, 8)):
            torn[headers + rng.randrange(min(512, len(torn) - headers))] = rng.randrange(256)
        with pytest.raises(Refusal):
            archive.unpack(bytes(torn), tmp_path / str(trial))


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="is not the one that was packaged"):
        archive.unpack(b"neither a tar nor a bundle" * 40, tmp_path / "there")
