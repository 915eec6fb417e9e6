"""Which of a target's texts is false: the most of those beside the true one."""

import pyarrow as pa
import pytest

from shared.errors import Refusal
from shared.ingestion.target_texts import false_text
from shared.settings import Settings
from shared.settings_reading import typed_settings


@pytest.fixture
def own(settings: Settings) -> Settings:
    plain = settings.model_dump(mode="json", exclude={"positive"})
    return typed_settings(plain | {"target": {"name": "defaulted", "positive": "lost"}})


def batch(*labels: str | None) -> pa.Table:
    return pa.table({"defaulted": pa.array(labels, pa.string())})


def test_the_first_rows_with_another_text_than_the_true_one_say_which_is_false(
    own: Settings,
) -> None:
    rows = [batch("lost", None), pa.table({"age": [1]}), batch("paid", "?", "paid", "lost")]
    assert false_text([*rows, batch("?", "?")], own) == "paid"
    assert false_text(rows[:2], own) is None


def test_texts_of_which_none_is_the_most_are_refused(own: Settings) -> None:
    words = r"holds '\?' \(1\), 'paid' \(1\) beside 'lost', which is true, and nothing says which"
    with pytest.raises(Refusal, match=words):
        false_text([batch("lost", "paid", "?")], own)
