"""The first and the last rows of a source: those of what a training reads."""

from pathlib import Path

import pytest

from shared.errors import Refusal
from shared.settings import Settings
from shared.training import table
from shared.training.ends import load_ends
from tests.conftest import loans
from tests.training.test_sampling import DOORS, at, laid, of


@pytest.mark.parametrize("door", DOORS)
def test_first_and_last_rows_are_those_of_the_rows_that_are_read(
    settings: Settings, tmp_path: Path, door: str
) -> None:
    sampled = at(of(settings, 600), laid(tmp_path, door))
    ends, contract, _ = load_ends(sampled, 50)
    found, known, _ = table.load(sampled)
    assert ends["loan"].tolist() == found["loan"].iloc[[*range(50), *range(-50, 0)]].tolist()
    assert [c.type for c in contract.columns] == [c.type for c in known.columns]
    spoiled = sampled.model_copy(update={"features": ("income", "nothing")})
    with pytest.raises(Refusal, match="nothing"):
        load_ends(spoiled, 50)


def test_a_class_that_stands_between_them_is_among_them(settings: Settings, tmp_path: Path) -> None:
    """Without it, what can be trained would seem as if it could not."""
    rows = loans(600).assign(defaulted=0.0)
    rows.loc[300:310, "defaulted"] = 1.0
    place = laid(tmp_path, "file", rows)
    ends, _, _ = load_ends(settings.model_copy(update={"source": place}), 50)
    assert {*ends["defaulted"].dropna()} == {0, 1}
    assert len(ends) < 600
