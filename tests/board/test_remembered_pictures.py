"""A picture is drawn once for what it is made of."""

from pathlib import Path

import pytest

from shared import run_memory
from shared.board.remembered_pictures import Picture, picture_once


class Drawing:
    """Draws pictures, or none, and counts them."""

    def __init__(self, *pictures: Picture | None) -> None:
        self._left = list(pictures)
        self.count = 0

    def __call__(self) -> Picture | None:
        self.count += 1
        return self._left.pop(0)


ONE, OTHER = (Picture("Quality", words, "data:,") for words in ("of May", "of June"))


@pytest.fixture(autouse=True)
def _nothing_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_picture_is_drawn_once_for_the_same_values_and_anew_for_others() -> None:
    draw = Drawing(ONE, OTHER)
    assert [picture_once("loans", ["may", 0.5], draw) for _ in range(3)] == [ONE] * 3
    assert [picture_once("loans", ["june", 0.5], draw) for _ in range(2)] == [OTHER] * 2
    assert draw.count == 2


def test_another_place_has_its_own() -> None:
    assert picture_once("loans prod", 1, Drawing(ONE)) == ONE
    assert picture_once("loans user.ada", 1, Drawing(OTHER)) == OTHER


def test_no_picture_is_not_remembered() -> None:
    draw = Drawing(None, ONE)
    assert [picture_once("loans", 1, draw) for _ in range(2)] == [None, ONE]


def test_whoever_throws_the_memory_away_loses_nothing_but_time() -> None:
    picture_once("loans", 1, Drawing(ONE))
    run_memory.FILE.unlink()
    assert picture_once("loans", 1, Drawing(ONE)) == ONE
