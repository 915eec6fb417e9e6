"""Names of columns: the words in them, and which a feature cannot have."""

import pytest

from shared.starting.looking import column_names


def test_a_name_is_cut_into_words_however_it_is_written() -> None:
    assert column_names.words("loanNr") == {"loan", "nr"}
    assert column_names.words("HTTP_status-2") == {"http", "status", "2"}
    assert column_names.words("Kündigung am") == {"kündigung", "am"}


@pytest.mark.parametrize("name", ["customer_id", "loanNr", "ID", "row", "clientid_"])
def test_a_name_with_a_word_for_a_key_is_that_of_an_id(name: str) -> None:
    assert column_names.is_id(name)


@pytest.mark.parametrize("name", ["paid", "width", "north", "keyboard"])
def test_a_word_for_a_key_within_another_word_makes_no_id(name: str) -> None:
    assert not column_names.is_id(name)


def test_a_day_of_birth_is_known_by_its_name() -> None:
    assert column_names.is_birth("date_of_birth")
    assert column_names.is_birth("Geburtsdatum")
    assert not column_names.is_birth("birthplaces")


def test_a_feature_has_a_name_that_settings_and_the_log_take() -> None:
    assert column_names.name_fault("income", "binary") == ""
    assert "it has no name" in column_names.name_fault("", "binary")
    assert "quotes" in column_names.name_fault('in"come', "binary")
    assert "rename it" in column_names.name_fault("prediction_id", "regression")


def test_the_name_of_an_answer_is_taken_only_where_the_kind_has_it() -> None:
    assert "rename it" in column_names.name_fault("probability", "binary")
    assert column_names.name_fault("probability", "regression") == ""
