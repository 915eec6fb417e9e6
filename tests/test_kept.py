"""Kept results: written under the names of today, and read as older and later versions wrote."""

import math

import pytest
from pydantic import ValidationError

from shared.kept import Kept


class Counted(Kept):
    """A result with a count and a number that may not be there."""

    rows_read: int
    loss: float = math.nan


def test_what_is_kept_is_read_again() -> None:
    assert Counted.model_validate(Counted(rows_read=3, loss=0.5).plain()).loss == 0.5
    assert Counted(rows_read=3, loss=0.5).plain() == {"rows_read": 3, "loss": 0.5}


def test_keys_of_older_versions_have_spaces() -> None:
    assert Counted.model_validate({"rows read": 3}).rows_read == 3


def test_what_a_later_version_adds_is_left_out() -> None:
    assert "seconds" not in Counted.model_validate({"rows_read": 3, "seconds": 1.0}).plain()


def test_no_number_stays_no_number() -> None:
    assert math.isnan(Counted(rows_read=3).plain()["loss"])


def test_a_result_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Counted(rows_read=3).rows_read = 4
