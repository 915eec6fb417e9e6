"""A bundle is unpacked once in a folder, and checked whenever it is opened there."""

from pathlib import Path

import pytest

from shared.errors import Refusal
from shared.model import archive, bundle_cache
from shared.model.bundle import Bundle


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


def test_a_file_that_was_changed_since_is_refused(bundle: Bundle) -> None:
    packed = archive.pack(bundle)
    place = bundle_cache.cached_bundle(bundle.digest, lambda: packed).path
    name = next(iter(bundle.manifest.files))
    (place / name).write_bytes(b"changed")
    with pytest.raises(Refusal, match="is not the file that was packaged"):
        bundle_cache.cached_bundle(bundle.digest, nothing)
