"""A source held against its contract: what breaks it is refused."""

from pathlib import Path

import pytest

from shared.errors import Refusal
from shared.settings import Settings
from shared.training import contract_checks, table
from shared.training.pinned import Pinned
from tests.conftest import loans


def test_enforced_violations_are_refused_all_at_once(settings: Settings, tmp_path: Path) -> None:
    place = str(tmp_path / "loans.parquet")
    broken = loans(300)
    broken.loc[3, "age"] = 200
    broken.loc[4, "loan"] = broken.loc[5, "loan"]
    broken.to_parquet(place, index=False)
    _, _, violations = table.load(settings, Pinned(place, None))
    with pytest.raises(Refusal, match="in 2 ways: .*Fix the source") as refused:
        contract_checks.refuse_broken(violations)
    assert "age: outside 18 to 120 in 1 row (" in str(refused.value)
    assert "loan: not unique in 2 rows" in str(refused.value)
    only_the_key = [each for each in violations if each.column == "loan"]
    with pytest.raises(Refusal, match=r"\. Drop rows from the source, or choose a key that each"):
        contract_checks.refuse_broken(only_the_key)
    contract_checks.refuse_broken([])
