"""What a table and the settings say of each column, and what is refused before any work."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pandas as pd
import pytest

from shared.errors import Refusal
from shared.schema.inference import infer_contract
from shared.sections.answers import Interval
from shared.settings import Settings
from shared.settings_reading import typed_settings


def test_types_ranges_categories_and_gaps_are_inferred(settings, table):
    contract = infer_contract(table, settings)
    assert {c.name: c.type for c in contract.columns} == {
        "loan": "text",
        "applied": "time",
        "income": "number",
        "age": "integer",
        "region": "category",
        "employed": "boolean",
        "guarantee": "category",
        "defaulted": "boolean",
    }
    assert contract["region"].categories == ("east", "north", "south")
    assert [c.name for c in contract.columns if c.nullable] == ["income", "guarantee", "defaulted"]


def test_what_the_settings_say_is_enforced_and_what_is_inferred_describes(settings, table):
    contract = infer_contract(table, settings)
    assert (contract["age"].minimum, contract["age"].maximum) == (18, 120)
    assert contract["age"].outside == "refuse"
    assert contract["region"].outside == "accept"


def test_a_column_that_the_source_lacks_is_named(settings, table):
    with pytest.raises(Refusal, match="income"):
        infer_contract(table.drop(columns="income"), settings)


ODD: dict[str, Any] = {
    "amount": [Decimal("1.50"), Decimal("2.25")],
    "branch": [UUID(int=1), UUID(int=2)],
    "opened": [date(2024, 5, 1), None],
    "zip": ["00123", "10001"],
}


def of_columns(**columns: list[Any]) -> tuple[pd.DataFrame, Settings]:
    """Return a table of two rows with these features, and settings for it."""
    keys = {"id": ["a", "b"], "at": ["2024-05-01", "2024-05-02"], "hit": [True, False]}
    settings = typed_settings(
        {
            "name": "odd",
            "source": "odd.parquet",
            "key": "id",
            "time": "at",
            "target": "hit",
            "features": [*columns],
            "candidates": [{"name": "a", "estimator": "sklearn.dummy.DummyClassifier"}],
        }
    )
    return pd.DataFrame({**keys, **columns}), settings


def test_decimals_uuids_dates_and_codes_have_types_of_the_contract() -> None:
    contract = infer_contract(*of_columns(**ODD))
    types = {name: contract[name].type for name in ODD}
    assert types == {"amount": "number", "branch": "category", "opened": "time", "zip": "category"}
    assert contract["zip"].categories == ("00123", "10001")
    assert contract["opened"].nullable


def test_a_column_without_a_value_or_of_lists_is_refused_with_a_way_out() -> None:
    with pytest.raises(Refusal, match="'gone' has no value in any row.*say it, .contract. gone"):
        infer_contract(*of_columns(gone=[None, None]))
    with pytest.raises(Refusal, match="'tags' holds list<.*>, which no column of a contract can"):
        infer_contract(*of_columns(tags=[["x"], ["y"]]))


def test_keys_beyond_whole_numbers_are_texts_and_others_stay_numbers() -> None:
    table, settings = of_columns(zip=["1", "2"])
    for ids, kind in (([1, 2], "integer"), ([2**64 - 1, 2], "text"), (["007", "8"], "text")):
        assert infer_contract(table.assign(id=pd.Series(ids)), settings)["id"].type == kind


def test_whole_numbers_of_more_digits_than_a_model_tells_apart_are_codes() -> None:
    """A model's floats would make one of two neighbours."""
    first = 1_797_276_315_284_406_272
    for wide in ([first, first + 1], [-(2**53), 0], [2**64 - 1, 2**64 - 2]):
        senders = pd.Series(wide, dtype="uint64" if wide[0] > 2**63 else "int64")
        table, settings = of_columns(sender=[1, 2])
        held = (senders, pd.Series(map(Decimal, wide), dtype=object))
        for found in (infer_contract(table.assign(sender=s), settings)["sender"] for s in held):
            assert (found.type, {*(found.categories or ())}) == ("category", {*map(str, wide)})
    table, settings = of_columns(sender=[2**53 - 1, None])
    whole = table.assign(sender=pd.Series([2**53 - 1, None], dtype="Int64"))
    assert infer_contract(whole, settings)["sender"].type == "integer"


@pytest.mark.parametrize("texts", [["Y", "N"], ["no", "yes"], ["true", "False"], ["0", "1"]])
def test_a_target_of_known_words_needs_no_settings(texts: list[str]) -> None:
    table, settings = of_columns(zip=["1", "2"])
    assert infer_contract(table.assign(hit=texts), settings)["hit"].truths is None


def test_a_target_with_two_texts_of_its_own_is_what_the_settings_say() -> None:
    table, settings = of_columns(zip=["1", "2"])
    table = table.assign(hit=["lost", "paid"])
    with pytest.raises(Refusal) as refused:
        infer_contract(table, settings)
    assert str(refused.value) == (
        "the target 'hit' holds 'lost', 'paid': give true and false, or yes and no, or say which "
        'of two is true: target = { name = "hit", positive = "paid" }'
    )
    plain = settings.model_dump() | {"target": {"name": "hit", "positive": "lost"}}
    assert infer_contract(table, typed_settings(plain))["hit"].truths == ("paid", "lost")


def test_a_target_of_numbers_or_truths_is_shown_as_it_is() -> None:
    table, settings = of_columns(zip=["1", "2"])
    with pytest.raises(Refusal, match=r"holds '0.125', '0.25': give"):
        infer_contract(table.assign(hit=[0.125, 0.25]), settings)
    truths = table.assign(hit=[True, False])
    told = settings.model_copy(update={"positive": "True"})
    assert infer_contract(truths, told)["hit"].truths is None
    for word in ("J", "False"):
        odd = settings.model_copy(update={"positive": word})
        with pytest.raises(Refusal, match=r"holds 'False', 'True': .*positive = \"True\""):
            infer_contract(truths, odd)


@pytest.mark.parametrize(
    ("texts", "positive", "told"),
    [
        (
            ["yes", "no", "maybe", "maybe", None, "?"],
            None,
            "values beside true and false: 'maybe' (2), '?' (1): mend or empty",
        ),
        (
            ["ja", "ja", "nein", "k.A."],
            None,
            "more than two values: 'ja' (2), 'nein' (1), 'k.A.' (1): mend or empty",
        ),
        (
            ["yes", "yes", "no", "maybe"],
            "yes",
            "more than two values: 'yes' (2), 'no' (1), 'maybe' (1): mend or empty",
        ),
        (
            [*"abcdefgg"],
            None,
            "more than two values: 'g' (2), 'a' (1), 'b' (1), 'c' (1), 'd' (1) and 2 more values: ",
        ),
        ([0, 1, 2, 1], None, "values beside true and false: '2' (1): mend or empty"),
    ],
)
def test_a_target_with_more_than_two_values_is_told_by_the_odd_ones(
    texts: list[Any], positive: str | None, told: str
) -> None:
    _, settings = of_columns(zip=["1", "2"])
    if positive:
        plain = settings.model_dump() | {"target": {"name": "hit", "positive": positive}}
        settings = typed_settings(plain)
    table = pd.DataFrame(dict.fromkeys(("id", "at", "zip"), "2024-05-01"), range(len(texts)))
    with pytest.raises(Refusal) as refused:
        infer_contract(table.assign(hit=texts), settings)
    assert f"the target 'hit' holds {told}" in str(refused.value)
    assert 'kind = "multiclass"' in str(refused.value)
    assert "positive" not in str(refused.value)


def test_intervals_are_not_grouped_by_a_number_of_many_values(settings: Settings, table) -> None:
    def grouped_by(name: str) -> Settings:
        return settings.model_copy(update={"interval": Interval(by=(name,))})

    infer_contract(table, grouped_by("region"))
    infer_contract(table.assign(age=table.index % 5), grouped_by("age"))
    words = (
        r"^\[interval\] by has 'income', a number with [\d,]+ different values: give features of"
    )
    with pytest.raises(Refusal, match=words):
        infer_contract(table, grouped_by("income"))


def test_categories_of_a_column_of_numbers_are_refused_and_read_where_it_is_said_to_be_one() -> (
    None
):
    table, settings = of_columns(zip=[18, 19])
    said = {"categories": ["18", "19"]}
    unsaid = typed_settings(settings.model_dump() | {"contract": {"zip": said}})
    with pytest.raises(
        Refusal, match=r"^.contract. zip: categories are of type = .*: say its type"
    ):
        infer_contract(table, unsaid)
    named = {"contract": {"zip": said | {"type": "category"}}}
    told = typed_settings(settings.model_dump() | named)
    assert infer_contract(table, told)["zip"].categories == ("18", "19")
