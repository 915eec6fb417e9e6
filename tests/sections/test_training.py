"""The split, candidates and searches of the settings say what contradicts."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from shared.sections.section import Section
from shared.sections.training import Candidate, Range, Search, Split

ONE = {"low": 0, "high": 1.5}
FIRST, SECOND = datetime(2024, 1, 1), datetime(2024, 2, 1)


@pytest.mark.parametrize(
    ("section", "values", "words"),
    [
        (Split, {"validation": SECOND}, "both 'validation' and 'holdout'"),
        (Split, {"validation": SECOND, "holdout": FIRST}, "the dates must rise"),
        (Split, {"start": FIRST, "end": FIRST}, "the dates must rise"),
        (Split, {"validation_share": 0.6, "holdout_share": 0.5}, "leave rows to train on"),
        (Candidate, {"name": "Log", "estimator": "a.B"}, "pattern"),
        (Range, {"low": 3, "high": 3}, "low must be less than high; received 3 and 3"),
        (Range, {"low": 0, "high": 3, "log": True}, "low must be more than 0; received 0"),
        (Range, {"low": 0, "high": float("inf")}, "finite"),
        (Search, {"parameters": {}}, "at least 1"),
        (Search, {"parameters": {"C": []}}, "at least 1"),
        (Search, {"parameters": {"C": 3}}, "give C a list of values, or { low = …, high = … }"),
        (Search, {"parameters": {"C": [1]}, "trials": 201}, "less than or equal to 200"),
        (Search, {"parameters": {"C": [1]}, "method": "grid", "trials": 9}, "leave out 'trials'"),
        (Search, {"parameters": {"C": [*range(201)]}, "method": "grid"}, "201 combinations are"),
        (Search, {"parameters": {"C": ONE}, "method": "grid"}, r"and \['C'\] are ranges"),
    ],
)
def test_a_contradiction_is_refused(
    section: type[Section], values: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValidationError, match=words):
        section(**values)


def test_a_date_without_a_zone_is_in_utc() -> None:
    assert Split(start=FIRST).start == datetime(2024, 1, 1, tzinfo=UTC)


def test_a_range_is_of_whole_numbers_where_both_ends_are() -> None:
    read = Search.model_validate_json('{"parameters": {"a": {"low": 1, "high": 3}}}')
    assert read.model_validate_json(read.model_dump_json()).parameters["a"] == Range(low=1, high=3)
    assert Range(low=1, high=3).is_whole
    assert not Range(low=1, high=3.0).is_whole


@pytest.mark.parametrize(
    ("values", "trials", "tasks"),
    [
        ({"parameters": {"a": ONE}}, 20, 4),
        ({"parameters": {"a": ONE}, "trials": 3}, 3, 3),
        ({"parameters": {"a": [1, 2], "b": [1, 2, 3]}}, 6, 4),
        ({"parameters": {"a": [1, 2], "b": [1, 2, 3]}, "method": "grid", "tasks": 9}, 6, 6),
        ({"parameters": {"a": ONE}, "method": "halving", "trials": 99}, 99, 1),
        ({"parameters": {"a": ONE}, "method": "optuna"}, 20, 1),
    ],
)
def test_a_search_has_as_many_trials_as_were_asked_for_or_as_there_are(
    values: dict[str, Any], trials: int, tasks: int
) -> None:
    search = Search(**values)
    assert (search.number_of_trials, search.number_of_tasks) == (trials, tasks)
    assert len({*search.names("mine")}) == trials
    assert search.names("mine")[0] == ("mine-01" if trials > 9 else "mine-1")
