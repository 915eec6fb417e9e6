"""A pipeline as an ONNX graph: what it is tried on (with skl2onnx itself: `make exports`)."""

import importlib.util
from pathlib import Path

import pytest

from shared.errors import Refusal
from shared.exporting import onnx_model
from shared.model.bundle import Bundle


def test_it_is_tried_on_rows_with_each_gap_that_there_may_be(bundle: Bundle) -> None:
    rows, golden = onnx_model.rows_with_gaps(bundle), len(bundle.golden())
    assert len(rows) == 4 * golden
    assert rows["age"].notna().all()
    for at, name in enumerate(("income", "guarantee", "region"), start=1):
        assert rows[name].iloc[at * golden : (at + 1) * golden].isna().all()


def test_a_file_that_is_there_is_not_replaced(bundle: Bundle, tmp_path: Path) -> None:
    file = tmp_path / "graph.onnx"
    file.write_bytes(b"mine")
    with pytest.raises(Refusal, match="exists already: name a new file"):
        onnx_model.write_graph(bundle, file)
    assert file.read_bytes() == b"mine"


@pytest.mark.skipif(importlib.util.find_spec("skl2onnx") is not None, reason="it is installed")
def test_without_the_converter_one_line_says_how_to_install_it(
    bundle: Bundle, tmp_path: Path
) -> None:
    with pytest.raises(Refusal, match=r"not installed: use another environment.*\[onnx\]"):
        onnx_model.write_graph(bundle, tmp_path / "graph.onnx")


def test_what_a_converter_says_ends_with_a_whole_word() -> None:
    said = onnx_model._in_a_line(ValueError("no shape calculator\nis known " * 20))
    assert said.startswith("ValueError: no shape calculator is known no")
    assert len(said) <= onnx_model.MOST_SAID
    assert said.removesuffix(" …").split()[-1] in ("no", "shape", "calculator", "is", "known")
