"""The classes of a target: their columns' names, and which targets have none."""

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Refusal
from shared.schema.contract import Contract
from shared.schema.inference import infer_contract
from shared.schema.reading import column_of
from shared.settings import NOT_IN_NAMES, Settings
from shared.settings_reading import typed_settings
from shared.tasks.multiclass.classes import column_names, refuse_target


def test_a_class_has_a_column_of_its_name() -> None:
    names = column_names(("on_time", "1", "Größe"))
    assert names == ("probability_on_time", "probability_1", "probability_Größe")


def test_what_is_no_letter_or_digit_becomes_an_underscore() -> None:
    assert column_names(('say "no"', "a\tb", "-1")) == (
        "probability_say__no_",
        "probability_a_b",
        "probability__1",
    )


def test_classes_that_would_be_alike_are_marked_by_their_digests() -> None:
    names = column_names(("late", "Late", "on time", "on-time", "other"))
    assert [name[:-7] for name in names[:4]] == [
        "probability_late",
        "probability_Late",
        "probability_on_time",
        "probability_on_time",
    ]
    assert names[4] == "probability_other"
    assert column_names(("Late", "late"))[0] == names[1]


@given(st.lists(st.text(max_size=80), unique=True, min_size=2, max_size=50))
def test_names_are_fit_for_every_database_and_differ_by_more_than_case(classes: list[str]) -> None:
    names = column_names(classes)
    assert len({name.casefold() for name in names}) == len(classes)
    assert all(len(name.encode()) <= 63 and not {*name} & NOT_IN_NAMES for name in names)


def given_settings(**more: object) -> Settings:
    values = {
        "name": "fate",
        "kind": "multiclass",
        "source": "flights.parquet",
        "key": "id",
        "time": "at",
        "target": "fate",
        "features": ["distance"],
        "candidates": [{"name": "one", "estimator": "sklearn.dummy.DummyClassifier"}],
    }
    return typed_settings(values | more)


def checked(values: list[object], **more: object) -> Contract:
    settings = given_settings(**more)
    rows = range(len(values))
    at = pd.date_range("2024-01-01", periods=len(values), freq="h", tz="UTC")
    features = {name: [1.0] * len(values) for name in settings.features}
    table = pd.DataFrame({"id": rows, "at": at, **features, "fate": values})
    contract = infer_contract(table, settings)
    refuse_target(column_of(table, "fate"), contract, settings)
    return contract


def test_texts_and_whole_numbers_are_classes_also_beside_gaps() -> None:
    assert checked(["b", "a", "c", None])["fate"].categories == ("a", "b", "c")
    assert checked([3, 1, 2])["fate"].categories == ("1", "2", "3")
    assert checked([10, 9, -1, 2])["fate"].categories == ("-1", "2", "9", "10")
    assert checked([3.0, 1.0, 2.0, None])["fate"].categories == ("1", "2", "3")


def test_numbers_with_a_fraction_are_no_classes() -> None:
    with pytest.raises(Refusal, match=r"'fate' holds numbers with a fraction.*\"regression\""):
        checked([1.5, 2.0, 3.25, 4.0])


def test_fewer_than_three_classes_are_for_binary_and_more_than_fifty_for_none() -> None:
    with pytest.raises(Refusal, match=r"2 classes \(no, yes\): .*kind = \"binary\" for two"):
        checked(["yes", "no", "yes"])
    with pytest.raises(Refusal, match=r"has 51 classes"):
        checked([f"class {code}" for code in range(51)])


def test_costs_name_classes_that_there_are() -> None:
    costs = {"late": {"on_tme": 2.0}}
    with pytest.raises(Refusal, match=r"costs name 'on_tme', .*did you mean 'on_time'\?"):
        checked(["late", "on_time", "cancelled"], costs=costs)
    assert checked(["late", "on_time", "cancelled"], costs={"late": {"on_time": 2.0}})


def test_a_feature_has_no_name_of_a_class_s_column() -> None:
    with pytest.raises(Refusal, match=r"named \['probability_late'\]: rename the features"):
        checked(["late", "on_time", "cancelled"], features=["distance", "probability_late"])


@pytest.mark.parametrize(
    ("kind", "more", "words"),
    [
        ("binary", {"costs": {"a": {"b": 1.0}}}, 'costs is for kind = "multiclass"'),
        ("multiclass", {"threshold": 0.4}, "threshold"),
        (
            "multiclass",
            {"target": {"name": "fate", "positive": "late"}},
            'positive is for kind = "binary" or "ranking", and',
        ),
        ("multiclass", {"costs": {"a": {"b": -1.0}}}, "costs.a.b = -1.0"),
    ],
)
def test_what_decides_another_kind_is_refused_in_one_line(
    kind: str, more: dict[str, object], words: str
) -> None:
    with pytest.raises(Refusal, match=words) as refused:
        given_settings(kind=kind, **more)
    assert "\n" not in str(refused.value)


def test_settings_with_costs_can_be_kept_and_read_again() -> None:
    settings = given_settings(costs={"1": {"2": 3}})
    assert Settings.model_validate_json(settings.model_dump_json()) == settings


def test_a_target_of_arrow_is_read_as_one_of_a_frame() -> None:
    values = pa.chunked_array([pa.array([1, 2, 3])])
    settings = given_settings()
    contract = checked([1, 2, 3])
    refuse_target(values, contract, settings)


def test_values_that_no_class_can_be_are_shown() -> None:
    words = "holds True, False, where classes are texts or whole numbers: make such of them in the"
    with pytest.raises(Refusal, match=words):
        checked([True, False, True])
