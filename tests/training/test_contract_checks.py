"""A source held against its contract: what breaks it is refused."""

from pathlib import Path

import pytest

from shared.errors import Refusal
from shared.sections.training import Train
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


def test_a_weight_below_nothing_or_without_a_number_is_refused(
    settings: Settings, tmp_path: Path
) -> None:
    place = str(tmp_path / "loans.parquet")
    by_amount = settings.model_copy(update={"train": Train(weigh_by="amount")})
    for amount, words in ((-3.0, "amount: below 0 in 1 row"), ("much", "amount: not a number in")):
        amounts = [amount, *[1.0 if amount == -3 else "1"] * 299]
        loans(300).assign(amount=amounts).to_parquet(place, index=False)
        _, _, violations = table.load(by_amount, Pinned(place, None))
        with pytest.raises(Refusal, match=words):
            contract_checks.refuse_broken(violations)
    loans(300).to_parquet(place, index=False)
    with pytest.raises(Refusal, match=r"columns \['amount'\] are named in the settings but not in"):
        table.load(by_amount, Pinned(place, None))
