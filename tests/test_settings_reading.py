"""Settings that cannot be read: each wrong key in one line, with the nearest valid one."""

import pytest

from shared import settings_reading
from shared.errors import Refusal
from tests.test_settings import SMALL, small_with

SECOND_LOGISTIC = """[[candidates]]
name = "logistic"
estimator = "sklearn.linear_model.LogisticRegression"
"""


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("sede = 1", "unknown key 'sede'; did you mean 'seed'?"),
        (
            "[monitor]\nwindow_day = 1",
            "unknown key 'monitor.window_day'; did you mean 'window_days'?",
        ),
        ("[contract.income]\nminimun = 1", "did you mean 'minimum'?"),
        ("ignored = 'id'", """ignored = 'id': give a list of names, such as ["id"]"""),
        ("ignored = 3", "ignored = 3: give a list of names"),
        ("[resources.train]\ncpus = 2", "unknown key 'resources.train.cpus'; did you mean 'cpu'?"),
        ("[interval]\ncover = 0.9", "unknown key 'interval.cover'; did you mean 'coverage'?"),
        ("[search.logistic]\nmethod = 'grid'", "key 'search.logistic.parameters' is missing"),
        (
            "[search.logistic.parameters]\nC = { low = 1, hihg = 3 }",
            "unknown key 'search.logistic.parameters.C.range.hihg'; did you mean 'high'?",
        ),
        (
            "[search.logistic]\nparameters = { C = [1] }\ntrial = 3",
            "unknown key 'search.logistic.trial'; did you mean 'trials'?",
        ),
        (
            "[split]\nvalidation = 2024-05-01\nholdout = 2024-03-01T12:00:00Z",
            "split = { validation = 2024-05-01, holdout = 2024-03-01T12:00:00+00:00 }: the dates "
            "must rise",
        ),
        ("ignored = [true, ['a']]", "ignored.0 = true: "),
        (
            '[split]\nvalidation = "01/05/2024"\nholdout = 2024-06-01',
            "split.validation = '01/05/2024': give a date, such as 2013-05-01, without quotes",
        ),
        (
            "[contract]\nincome = { minimum = 120, maximum = 10 }",
            "minimum = 120 is above maximum = 10: no value is between",
        ),
        (
            '[contract]\nincome = { type = "integr" }',
            "'boolean', 'time' or 'text'; did you mean 'integer'?",
        ),
        (
            '[gates]\nbeat_baseline = "yes"',
            "gates.beat_baseline = 'yes': write true or false, without quotes",
        ),
        (
            SECOND_LOGISTIC,
            "settings: candidates: candidates must have different names; repeated: ['logistic']",
        ),
        ("seed = = 1", "not TOML"),
    ],
)
def test_a_wrong_key_is_told_in_one_line(line: str, told: str) -> None:
    with pytest.raises(Refusal) as refused:
        settings_reading.parse_settings(small_with(line))
    assert told in str(refused.value)
    assert "\n" not in str(refused.value).removeprefix("settings: not TOML")


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("name", "Our loans", "give at most 30 small letters, digits and underscores, a letter"),
        ("kind", "binry", "did you mean 'binary'?"),
        ("features", ["income", "age", "income"], "features names ['income'] more than once"),
        ("time", "income", "['income'] cannot be features, as they are named as the key, time or"),
        ("time", "loan", "key, time and target must be different columns"),
    ],
)
def test_a_wrong_value_is_told_with_what_is_right(key: str, value: object, told: str) -> None:
    plain = settings_reading.parse_settings(SMALL)
    with pytest.raises(Refusal) as refused:
        settings_reading.typed_settings({**plain, key: value})
    assert told in str(refused.value)


def test_every_missing_key_is_named_at_once():
    with pytest.raises(Refusal) as refused:
        settings_reading.parse_settings('name = "loans"')
    assert all(f"'{key}' is missing" in str(refused.value) for key in ("source", "key", "features"))


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ('name = "trees"\n', "candidates \"trees\": learns_from = 'some': "),
        ("", "candidates number 2: learns_from = 'some': "),
        ('name = "trees"\nseed = 1\n', "unknown key 'candidates \"trees\": seed'"),
    ],
)
def test_a_key_of_a_candidate_is_found_by_its_name(more: str, where: str) -> None:
    text = f'{SMALL}[[candidates]]\nestimator = "boosting"\nlearns_from = "some"\n{more}'
    with pytest.raises(Refusal) as refused:
        settings_reading.typed_settings(settings_reading.parse_settings(text))
    assert where in str(refused.value)
