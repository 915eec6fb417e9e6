"""Settings are written as text that reads as the same settings again."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.settings_reading import parse_settings
from shared.settings_text import settings_text, toml_value
from tests.conftest import LOANS, ROOT

PROBLEMS = sorted(ROOT.glob("flows/problems/*/problem.toml"))


@pytest.mark.parametrize("file", PROBLEMS, ids=[file.parent.name for file in PROBLEMS])
def test_the_settings_of_every_problem_read_as_they_were(file: Path) -> None:
    settings = parse_settings(file.read_text())
    assert parse_settings(settings_text(settings)) == settings


def test_names_and_texts_that_need_quotes_read_as_they_were() -> None:
    odd = LOANS.format(source='a "b"\\c.csv').replace('"a "b"\\c.csv"', "'a \"b\"\\c.csv'")
    odd = odd.replace("income", "net income").replace("net income = {", '"net income" = {')
    settings = parse_settings(odd)
    assert settings["source"] == 'a "b"\\c.csv'
    assert parse_settings(settings_text(settings)) == settings


def test_a_line_that_is_too_long_is_broken_by_value() -> None:
    names = tuple(f"a_rather_long_name_of_column_{at}" for at in range(4))
    assert settings_text({"name": "loans", "features": [*names]}) == (
        'name = "loans"\nfeatures = [\n' + "".join(f'  "{name}",\n' for name in names) + "]\n"
    )


VALUES: Any = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_any_value_reads_as_it_was(value: Any) -> None:
    assert tomllib.loads(f"value = {toml_value(value)}") == {"value": value}
