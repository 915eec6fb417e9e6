"""The page of what was seen has a row and a picture for each column, and every name escaped."""

import re
from pathlib import Path

import pytest

from shared.starting.guessing.guess import guess_problem
from shared.starting.looking import look_page
from tests.starting.looks import loans, look


def test_a_column_is_a_row_with_its_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    columns = loans(office=["<here>"] * 100, **{"<b>": [1, 2, 3, 4] * 25})
    found = guess_problem(look("loan applied late", **columns), "late")
    path = look_page.write_page("mine", found)
    text = path.read_text()
    assert path == tmp_path / ".millrace" / "looks" / "mine.html"
    assert "<h1>mine: late of rows.csv</h1>" in text
    assert re.findall("<tr[^>]*><td><b>(.*?)</b>", text) == [
        *("loan", "applied", "age", "late", "office", "&lt;b&gt;")
    ]
    assert text.count("<svg ") == 6
    assert "<title>&lt;here&gt;: 100</title>" in text
    assert "it is the same in all rows looked at" in text
    assert not re.findall(r"https?://|<script", text)


def test_bars_are_as_high_as_they_have_rows() -> None:
    drawn = look_page.bars_svg((("a", 10), ("b", 5), ("c", 0)))
    assert re.findall(r' y="([\d.]+)".*?height="([\d.]+)"><title>(.*?)<', drawn) == [
        *(("0.0", "40.0", "a: 10"), ("20.0", "20.0", "b: 5"), ("40.0", "0.0", "c: 0"))
    ]
    assert look_page.bars_svg(()) == ""
