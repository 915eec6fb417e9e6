"""Problems and features may have any name that the database can keep."""

from pathlib import Path

import pytest

from shared.errors import Refusal
from shared.log.prediction_log import PredictionLog
from tests.log.loans import EVER, MakeLog, answered, contract, outcomes, rows

ODD = ["a b", "a_b", "a.b", "a%b", "100%", "%s", "%(a)s", "a:b", ":now", "p(x)", "x[1]", "it's"]
ODD += ['q"q', "Capital", "select", "żółć", "a\\b", "-", "1"]


@pytest.mark.parametrize("problem", ["order", "user"])
@pytest.mark.parametrize("at_first", [ODD, ["z"]], ids=["made", "added"])
def test_names_may_be_keywords_and_hold_spaces_quotes_capitals_and_percent_signs(
    make_log: MakeLog, problem: str, at_first: list[str]
) -> None:
    make_log(dict.fromkeys(at_first, "number"), problem).prepare()
    values = {name: float(number) for number, name in enumerate(ODD)}
    for number in range(2):
        log = make_log(dict.fromkeys(ODD, "number"), problem)
        log.predictions.append([answered(number, **values)])
    log.outcomes.add({"L0": True})
    assert rows(log.predictions.window(*EVER)) == [
        answered(0, **values, outcome=1.0),
        answered(1, **values, outcome=None),
    ]


def test_problems_share_a_database_and_nothing_else(make_log: MakeLog) -> None:
    one, other = make_log(problem="one"), make_log(problem="other")
    one.predictions.append([answered(0)])
    one.outcomes.add({"L0": True})
    other.predictions.append([answered(0), answered(1)])
    assert (outcomes(one), outcomes(other)) == ({"L0": 1.0}, {"L0": None, "L1": None})


def test_the_longest_problem_name_fits(make_log: MakeLog) -> None:
    for _ in range(2):
        make_log(problem="p" * 30).prepare()
    log = make_log(problem="p" * 30)
    log.predictions.append([answered(0)])
    assert outcomes(log) == {"L0": None}


@pytest.mark.parametrize("there", [["age"], []])
def test_names_that_differ_in_capitals_only_are_two_or_are_refused(
    make_log: MakeLog, address: str, there: list[str]
) -> None:
    make_log(dict.fromkeys(["x", *there], "number")).prepare()
    log = make_log({"age": "number", "Age": "number", "Role": "text"})
    if address.startswith("sqlite"):
        with pytest.raises(Refusal, match="'age' and 'Age' would be the same to SQLite"):
            log.prepare()
    else:
        values = {"age": 1.0, "Age": 2.0, "Role": "guest"}
        log.predictions.append([answered(0, **values)])
        assert rows(log.predictions.window(*EVER)) == [answered(0, **values, outcome=None)]


def test_a_feature_named_like_the_logs_own_column_in_capitals_is_refused_by_sqlite(
    tmp_path: Path,
) -> None:
    log = PredictionLog("loans", contract({"Role": "text"}), f"sqlite:///{tmp_path / 'log.db'}")
    with pytest.raises(Refusal, match="'role' and 'Role'"):
        log.prepare()
    assert rows(log.predictions.window(*EVER)) == []


def test_a_name_that_the_database_would_cut_is_refused(make_log: MakeLog, address: str) -> None:
    fits, too_long = "ż" * 31 + "x", "ż" * 32
    make_log({fits: "number"}).predictions.append([answered(0, **{fits: 1.5})])
    assert list(make_log({fits: "number"}).predictions.window(*EVER)[fits]) == [1.5]
    make_log({fits: "number"}).prepare()
    longer = make_log({too_long: "number"})
    if address.startswith("sqlite"):
        longer.prepare()
    else:
        with pytest.raises(Refusal, match=f"'{too_long}' is longer .* 63 bytes"):
            longer.prepare()
