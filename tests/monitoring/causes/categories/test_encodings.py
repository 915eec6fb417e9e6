"""Names that an encoding has broken are known by what they look like then."""

import unicodedata

import pytest

from shared.monitoring.causes.categories.encodings import garbled_names, without_accents

KNOWN = ("Zürich", "Ünïon", "Łódź", "Lyon")


@pytest.mark.parametrize(
    ("names", "old"),
    [
        (["ZÃ¼rich"], ["Zürich"]),
        (["Ã\x9cnÃ¯on", "ZÃ¼rich"], ["Ünïon", "Zürich"]),
        (["Z?rich", "??d?"], ["Zürich", "Łódź"]),
        (["Z\ufffdrich"], ["Zürich"]),
        (["Zrich"], ["Zürich"]),
        (["Å\x81Ã³dÅº"], ["Łódź"]),
        # One of them is no broken one, and a name without such signs is never broken.
        (["ZÃ¼rich", "Graz"], []),
        (["Ly?n"], []),
        (["Zürich"], []),
    ],
)
def test_names_in_another_encoding_are_those_that_they_were(
    names: list[str], old: list[str]
) -> None:
    assert garbled_names(names, KNOWN) == dict(zip(old, names, strict=False))


def test_accents_are_no_part_of_letters() -> None:
    assert without_accents("Zürich, São Paulo") == "Zurich, Sao Paulo"
    assert without_accents(unicodedata.normalize("NFD", "Zürich")) == "Zurich"
