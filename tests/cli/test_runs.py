"""`millrace unpack`: a bundle out of the run history."""

from pathlib import Path

import pytest

from shared.model import bundle as bundles
from tests.conftest import House, latest_digest
from tests.serving.processes import refused, said


@pytest.mark.flow
def test_a_bundle_is_unpacked_into_a_new_folder_by_digest_or_run(
    packaged_house: House, tmp_path: Path
) -> None:
    digest = latest_digest(packaged_house)
    folder = tmp_path / "deep" / "bundle"
    words = ["--problem", "loans"]
    told = said(packaged_house.folder, "unpack", digest[:8], str(folder), *words)
    assert told == f"bundle {digest} is in {folder}; its README.md says how to serve it\n"
    assert bundles.open_bundle(folder).digest == digest


@pytest.mark.flow
def test_what_cannot_be_unpacked_is_refused_in_one_line(
    packaged_house: House, tmp_path: Path
) -> None:
    house, words = packaged_house.folder, ["--problem", "loans"]
    digest = latest_digest(packaged_house)
    said = refused(house, "unpack", digest, str(tmp_path), *words)
    assert f"{tmp_path} exists already: name a new folder" in said
    folder = tmp_path / "bundle"
    for unknown in ("deadbeef", digest[:7]):
        assert f"no bundle '{unknown}'" in refused(house, "unpack", unknown, str(folder), *words)
    assert "no bundle" in refused(house, "unpack", digest, str(folder), "--problem", "flights")
    assert not folder.exists()
