"""Which kind of answer values look like."""

from typing import Any

import pyarrow as pa
import pytest

from shared.kinds import Kind
from shared.starting.guessing.target_kinds import likely_kind


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["a", "b"], "binary"),
        (["yes", "Y", "no"], "binary"),
        (["T", "F", "N"], "multiclass"),
        ([1, 2, 3], "multiclass"),
        ([1.0, 2.0, 3.0], "multiclass"),
        ([1.0, 2.0, 3.5], "regression"),
        ([*range(10)], "multiclass"),
        ([*range(11)], "regression"),
    ],
)
def test_two_are_true_and_false_few_are_classes_and_others_are_numbers(
    values: list[Any], kind: Kind
) -> None:
    assert likely_kind(pa.chunked_array([values]), dict.fromkeys(values, 1)) == kind
