"""The log's own columns are those of its table, and no feature's."""

from shared.log.log_tables import Tables
from shared.schema.log_columns import PREDICTION_COLUMNS, RESERVED_COLUMNS
from tests.profiles.contracts import contract


def test_the_predictions_table_begins_with_them() -> None:
    names = [c.name for c in Tables("p", contract({"size": "number"})).predictions.columns]
    assert names == [*PREDICTION_COLUMNS, "size"]


def test_the_outcome_is_reserved_as_well() -> None:
    assert {*PREDICTION_COLUMNS, "outcome"} == RESERVED_COLUMNS
