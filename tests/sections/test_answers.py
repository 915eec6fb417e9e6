"""The columns of slates are different ones."""

import pytest
from pydantic import ValidationError

from shared.sections.answers import Slates

NAMED = {"user": "visitor", "item": "film", "slate": "page"}


@pytest.mark.parametrize("taken", ["visitor", "film", "page", "propensity"])
def test_two_columns_of_slates_cannot_be_one(taken: str) -> None:
    assert Slates(**NAMED).columns == {
        "page": "text",
        "position": "integer",
        "propensity": "number",
    }
    with pytest.raises(ValidationError, match="must be different columns; received"):
        Slates(**NAMED, position=taken)
