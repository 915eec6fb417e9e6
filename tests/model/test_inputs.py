import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from shared.errors import Refusal
from shared.model.inputs import MANY_ROWS, model_input
from shared.schema import validation
from shared.schema.inference import infer_contract
from shared.settings import Settings
from tests.conftest import loans


def test_inputs_are_floats_and_texts_whatever_came(settings, table):
    contract = infer_contract(table, settings)
    rows = [{"income": None, "age": 30, "region": "north", "employed": True, "guarantee": None}]
    inputs = model_input(rows, contract)
    assert list(inputs.columns) == list(contract.features)
    assert inputs["age"].tolist() == [30.0]
    assert np.isnan(inputs["income"][0])
    assert inputs["employed"].tolist() == [1.0]
    assert inputs["region"].tolist() == ["north"]


def test_a_category_that_the_contract_does_not_know_is_missing(settings, table):
    contract = infer_contract(table, settings)
    frame = table.head(2).assign(region=["mars", "north"])
    names = [contract.key, contract.time, *contract.features]
    screened = validation.screen(pa.Table.from_pandas(frame), contract, names)
    for came in (frame, screened.rows, frame.to_dict("list")):
        assert model_input(came, contract)["region"].fillna("").tolist() == ["", "north"]


def test_no_rows_have_the_contracts_columns_all_the_same(settings, table):
    contract = infer_contract(table, settings)
    assert list(model_input([], contract).columns) == list(contract.features)


def test_a_value_that_cannot_be_converted_is_refused_by_column(settings, table):
    contract = infer_contract(table, settings)
    with pytest.raises(Refusal, match="'age'"):
        model_input(table.assign(age="old"), contract)


def test_a_model_gets_from_columns_what_it_gets_from_a_frame(bundle) -> None:
    frame = loans(500, seed=3)
    table = pa.Table.from_pandas(frame, preserve_index=False)
    contract = bundle.contract
    names = [contract.key, contract.time, *contract.features]
    coded = table.set_column(
        table.column_names.index("region"), "region", table["region"].dictionary_encode()
    )
    for came in (table, coded):
        typed = validation.screen(came, contract, names)
        assert typed.kept is None
        made = model_input(typed.rows, contract)
        pd.testing.assert_frame_equal(made, model_input(frame, contract))
        assert np.array_equal(bundle.scores(frame), bundle.scores(typed.rows))


@pytest.mark.parametrize("missing", [None, np.nan])
def test_many_texts_are_as_few_are(
    settings: Settings, table: pd.DataFrame, missing: object
) -> None:
    contract = infer_contract(table, settings)
    rows = pd.concat([table] * (MANY_ROWS // len(table) + 1), ignore_index=True)
    rows["region"] = rows["region"].astype(object)
    rows.loc[::5, "region"] = missing
    rows.loc[1, "region"] = "atlantis"
    parts = [model_input(rows.iloc[at : at + 500], contract) for at in range(0, len(rows), 500)]
    pd.testing.assert_frame_equal(model_input(rows, contract), pd.concat(parts))


def test_many_values_of_several_types_are_written_as_few_are(
    settings: Settings, table: pd.DataFrame
) -> None:
    contract = infer_contract(table, settings)
    region = contract["region"].model_copy(update={"categories": None})
    columns = tuple(region if c.name == "region" else c for c in contract.columns)
    free = contract.model_copy(update={"columns": columns})
    rows = pd.DataFrame({name: [1.0] * 2 * MANY_ROWS for name in free.features})
    rows["region"] = pd.Series([1, True] * MANY_ROWS, dtype=object)
    assert model_input(rows, free)["region"].tolist() == ["1", "True"] * MANY_ROWS
