"""Golden and reference rows: none, too many or unreadable ones end in one line."""

import io
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shared.errors import Refusal
from shared.model.bundle import Bundle, open_bundle
from shared.model.files import bundle_rows
from shared.model.predictor import Predictor
from tests.model.changed import changed_bundle


def parquet(rows: pd.DataFrame) -> bytes:
    written = io.BytesIO()
    rows.to_parquet(written)
    return written.getvalue()


def refused(bundle: Bundle, folder: Path, golden: bytes) -> str:
    opened = open_bundle(changed_bundle(bundle, folder, {"golden.parquet": golden}))
    with pytest.raises(Refusal) as refusal:
        Predictor(opened)
    start, what, words = str(refusal.value).split(": ", 2)
    assert (start, what) == (f"bundle {opened.digest[:12]}", "golden.parquet")
    return words


def test_a_bundle_without_golden_rows_is_proved_by_nothing(bundle: Bundle, tmp_path: Path) -> None:
    words = refused(bundle, tmp_path / "none", parquet(bundle.golden().head(0)))
    assert words.startswith("it declares 0 rows of ")


def test_golden_rows_that_cannot_be_read_are_refused(bundle: Bundle, tmp_path: Path) -> None:
    assert refused(bundle, tmp_path / "text", b"no Parquet").startswith("it cannot be read (")
    torn = bytearray(parquet(bundle.golden()))
    torn[4:400] = bytes(396)
    assert refused(bundle, tmp_path / "torn", bytes(torn)).startswith("it cannot be read (")


def test_golden_rows_without_a_column_or_an_answer_are_refused(
    bundle: Bundle, tmp_path: Path
) -> None:
    fewer = bundle.golden().drop(columns=["income", "probability"])
    words = refused(bundle, tmp_path / "fewer", parquet(fewer))
    assert words == "it lacks the columns ['income', 'probability']"


def test_rows_without_end_are_not_read(tmp_path: Path) -> None:
    file = tmp_path / "many.parquet"
    many = pa.table({"x": pa.nulls(bundle_rows.MOST_ROWS + 1, pa.int8())})
    pq.write_table(many, file)
    with pytest.raises(Refusal, match=r"^it declares 1,000,001 rows of "):
        bundle_rows.read_rows(file, ["x"])


def test_a_model_that_cannot_answer_its_golden_rows_is_refused(
    bundle: Bundle, tmp_path: Path
) -> None:
    texts = bundle.golden().assign(income="much")
    opened = open_bundle(
        changed_bundle(bundle, tmp_path / "texts", {"golden.parquet": parquet(texts)})
    )
    with pytest.raises(Refusal, match=r"its model cannot answer its golden rows: .*'income'"):
        Predictor(opened)
