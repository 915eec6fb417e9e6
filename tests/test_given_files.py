"""The file of a model that was fitted elsewhere: a path names it, and it goes with the code."""

from pathlib import Path

import pytest

from shared import given_files
from shared.errors import Refusal


def test_an_mlflow_model_is_read_by_its_skops_file_and_never_by_a_pickle(tmp_path: Path) -> None:
    (tmp_path / "MLmodel").write_text("flavors: {}")
    (tmp_path / "model.pkl").write_bytes(b"")
    with pytest.raises(Refusal, match=r"holds 0 skops files, and a pickle is not read"):
        given_files.skops_file(str(tmp_path))
    (tmp_path / "model.skops").write_bytes(b"")
    assert given_files.skops_file(str(tmp_path)) == tmp_path / "model.skops"


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="^there is no such file or folder$"):
        given_files.skops_file(str(tmp_path / "nowhere"))
    with pytest.raises(Refusal, match="^it is a folder without MLmodel"):
        given_files.skops_file(str(tmp_path))


def test_where_a_file_came_with_the_code_it_is_that_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(given_files, "FLOWS", tmp_path / "flows")
    named = "/home/ada/credit.skops"
    came = tmp_path / given_files.place_in_package(named)
    came.parent.mkdir(parents=True)
    came.write_bytes(b"")
    assert given_files.skops_file(named) == came
    with pytest.raises(Refusal):
        given_files.skops_file("/home/ada/other.skops")
