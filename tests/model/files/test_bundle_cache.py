"""A bundle is unpacked once in a folder, and checked whenever it is opened there."""

from pathlib import Path

import pytest

from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.model.files import archive, bundle_cache


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def nothing() -> bytes:
    raise AssertionError("the archive is not needed")


def test_a_bundle_is_unpacked_once_and_then_opened_where_it_is(bundle: Bundle) -> None:
    packed = archive.pack(bundle)
    for made in (lambda: packed, nothing):
        opened = bundle_cache.cached_bundle(bundle.digest, made)
        assert (opened.digest, opened.path) == (bundle.digest, bundle_cache.CACHE / bundle.digest)
    assert [folder.name for folder in bundle_cache.CACHE.iterdir()] == [bundle.digest]


def test_who_finds_it_unpacked_by_another_meanwhile_takes_that_one(bundle: Bundle) -> None:
    packed = archive.pack(bundle)

    def packed_while_another_unpacks() -> bytes:
        bundle_cache.cached_bundle(bundle.digest, lambda: packed)
        return packed

    opened = bundle_cache.cached_bundle(bundle.digest, packed_while_another_unpacks)
    assert opened.digest == bundle.digest
    assert [folder.name for folder in bundle_cache.CACHE.iterdir()] == [bundle.digest]


def test_an_archive_of_another_bundle_is_refused(bundle: Bundle) -> None:
    packed = archive.pack(bundle)
    with pytest.raises(Refusal, match="manifest.json is not the one that was packaged"):
        bundle_cache.cached_bundle("0" * 64, lambda: packed)


@pytest.mark.parametrize("damage", ["changed", "missing", "link", "manifest"])
def test_a_bundle_that_was_damaged_since_is_made_anew_from_its_run(
    bundle: Bundle, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    packed = archive.pack(bundle)
    place = bundle_cache.cached_bundle(bundle.digest, lambda: packed).path
    name = "manifest.json" if damage == "manifest" else "contract.json"
    (place / name).unlink()
    if damage == "link":
        (place / name).symlink_to("README.md")
    elif damage != "missing":
        (place / name).write_bytes(b"changed")
    opened = bundle_cache.cached_bundle(bundle.digest, lambda: packed)
    assert (opened.digest, opened.contract) == (bundle.digest, bundle.contract)
    said = capsys.readouterr().err
    assert name in said
    assert said.endswith("; it is made anew from its run\n")
    assert [folder.name for folder in bundle_cache.CACHE.iterdir()] == [bundle.digest]


def test_a_damaged_bundle_stays_where_its_run_has_none_either(bundle: Bundle) -> None:
    packed = archive.pack(bundle)
    place = bundle_cache.cached_bundle(bundle.digest, lambda: packed).path
    (place / "contract.json").write_bytes(b"changed")
    with pytest.raises(Refusal, match="is not the one that was packaged"):
        bundle_cache.cached_bundle(bundle.digest, lambda: packed[:5_000])
    assert (place / "contract.json").read_bytes() == b"changed"
