"""A bundle's folder has its own files, and nothing that leads elsewhere or has no end."""

import io
import os
import shutil
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shared.errors import Refusal
from shared.model.bundle import Bundle, open_bundle
from shared.model.files import bundle_files
from shared.model.predictor import Predictor
from tests.model.changed import changed_bundle


@pytest.fixture
def copied(bundle: Bundle, tmp_path: Path) -> Path:
    return shutil.copytree(bundle.path, tmp_path / "copy")


def refused(path: Path) -> str:
    with pytest.raises(Refusal) as refusal:
        open_bundle(path)
    return str(refusal.value).removeprefix(f"bundle {path}: ")


@pytest.mark.parametrize("name", ["problem.toml", "problems/loans/models.py", "wheels/run.sh"])
def test_what_a_server_would_find_in_its_folder_is_no_file_of_a_bundle(
    bundle: Bundle, tmp_path: Path, name: str
) -> None:
    folder = changed_bundle(bundle, tmp_path / "copy", {name: b"hello"})
    assert refused(folder) == f"{name} is no file of a bundle: do not trust this one"


def test_a_link_is_refused_wherever_it_leads(copied: Path) -> None:
    (copied / "golden.parquet").rename(copied.parent / "golden.parquet")
    (copied / "golden.parquet").symlink_to(copied.parent / "golden.parquet")
    assert refused(copied) == "golden.parquet is a link, or no plain file: put the file there"


def test_what_is_no_file_is_refused_before_it_is_read(copied: Path) -> None:
    (copied / "golden.parquet").unlink()
    os.mkfifo(copied / "golden.parquet")
    assert refused(copied) == "golden.parquet is a link, or no plain file: put the file there"


def test_files_of_no_end_are_refused_before_they_are_read(copied: Path) -> None:
    with (copied / "reference.parquet").open("wb") as sparse:
        sparse.truncate(bundle_files.MOST_BYTES)
    assert refused(copied).endswith("bytes, too many")
    (copied / "reference.parquet").write_bytes(b"")
    with (copied / "profile.json").open("wb") as sparse:
        sparse.truncate(bundle_files.MOST_JSON_BYTES + 1)
    assert refused(copied) == "profile.json has 536,870,913 bytes, too many"
    with (copied / "manifest.json").open("wb") as sparse:
        sparse.truncate(bundle_files.MANIFEST_BYTES + 1)
    assert "no plain file, or too large" in refused(copied)


def test_a_bundle_lacks_no_file_even_where_its_manifest_lacks_it(
    bundle: Bundle, copied: Path
) -> None:
    files = {name: digest for name, digest in bundle.manifest.files.items() if "skops" not in name}
    manifest = bundle.manifest.model_copy(update={"files": files})
    (copied / "manifest.json").write_text(manifest.model_dump_json())
    (copied / "model.skops").unlink()
    assert refused(copied) == "model.skops is missing; unpack the bundle again"


def test_the_log_of_a_server_that_was_started_in_the_folder_is_none_of_its_files(
    bundle: Bundle, copied: Path
) -> None:
    (copied / ".millrace").mkdir()
    (copied / ".millrace" / "loans.db").write_text("rows")
    assert open_bundle(copied).digest == bundle.digest


def parquet(rows: pd.DataFrame) -> bytes:
    written = io.BytesIO()
    rows.to_parquet(written)
    return written.getvalue()


def refused_golden(bundle: Bundle, folder: Path, golden: bytes) -> str:
    opened = open_bundle(changed_bundle(bundle, folder, {"golden.parquet": golden}))
    with pytest.raises(Refusal) as refusal:
        Predictor(opened)
    start, what, words = str(refusal.value).split(": ", 2)
    assert (start, what) == (f"bundle {opened.digest[:12]}", "golden.parquet")
    return words


def test_a_bundle_without_golden_rows_is_proved_by_nothing(bundle: Bundle, tmp_path: Path) -> None:
    words = refused_golden(bundle, tmp_path / "none", parquet(bundle.golden().head(0)))
    assert words.startswith("it declares 0 rows of ")


def test_golden_rows_that_cannot_be_read_are_refused(bundle: Bundle, tmp_path: Path) -> None:
    assert refused_golden(bundle, tmp_path / "text", b"no Parquet").startswith(
        "it cannot be read ("
    )
    torn = bytearray(parquet(bundle.golden()))
    torn[4:400] = bytes(396)
    assert refused_golden(bundle, tmp_path / "torn", bytes(torn)).startswith("it cannot be read (")


def test_golden_rows_without_a_column_or_an_answer_are_refused(
    bundle: Bundle, tmp_path: Path
) -> None:
    fewer = bundle.golden().drop(columns=["income", "probability"])
    words = refused_golden(bundle, tmp_path / "fewer", parquet(fewer))
    assert words == "it lacks the columns ['income', 'probability']"


def test_rows_without_end_are_not_read(tmp_path: Path) -> None:
    file = tmp_path / "many.parquet"
    many = pa.table({"x": pa.nulls(bundle_files.MOST_ROWS + 1, pa.int8())})
    pq.write_table(many, file)
    with pytest.raises(Refusal, match=r"^it declares 1,000,001 rows of "):
        bundle_files.read_rows(file, ["x"])


def test_a_model_that_cannot_answer_its_golden_rows_is_refused(
    bundle: Bundle, tmp_path: Path
) -> None:
    texts = bundle.golden().assign(income="much")
    opened = open_bundle(
        changed_bundle(bundle, tmp_path / "texts", {"golden.parquet": parquet(texts)})
    )
    with pytest.raises(Refusal, match=r"its model cannot answer its golden rows: .*'income'"):
        Predictor(opened)
