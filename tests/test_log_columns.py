"""The log's own columns are those of its table, with the answers' among them, and no feature's."""

import pytest

from shared.errors import Refusal
from shared.log.log_tables import Tables
from shared.log_columns import AFTER_ANSWER, BEFORE_ANSWER, OUTCOME, RESERVED_COLUMNS
from shared.settings_reading import parse_settings
from tests.conftest import LOANS
from tests.profiles.contracts import contract


def test_the_predictions_table_begins_with_them() -> None:
    names = [c.name for c in Tables("p", contract({"size": "number"})).predictions.columns]
    assert names == [*BEFORE_ANSWER, "prediction", "probability", *AFTER_ANSWER, "size"]


@pytest.mark.parametrize("name", [*sorted(RESERVED_COLUMNS), "prediction", "probability"])
def test_no_feature_can_have_their_names(name: str) -> None:
    with pytest.raises(Refusal, match="the prediction log has columns of its own named"):
        parse_settings(LOANS.format(source="loans.csv").replace('"income"', f'"{name}"', 1))


def test_the_outcome_is_among_them() -> None:
    assert {*BEFORE_ANSWER, *AFTER_ANSWER, OUTCOME} == RESERVED_COLUMNS
