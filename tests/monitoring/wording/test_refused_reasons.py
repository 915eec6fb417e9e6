"""Rows that were refused are a reason with the column and what was wrong with it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.log.prediction_log import PredictionLog
from shared.log.refused_rows import BODY, UNKNOWN, RowFault
from shared.model.bundle import Bundle
from shared.model.verdict import Verdict
from shared.monitoring import findings, judge, objectives, reason_rows
from shared.monitoring.case import Case
from shared.monitoring.outcomes.lacking_outcomes import OF_DUE
from shared.monitoring.outcomes.refused_outcomes import RefusedOutcomes
from shared.monitoring.service import Service
from shared.monitoring.windows import scope
from shared.monitoring.windows.reading import WindowReader
from shared.monitoring.wording.refused_reasons import (
    SEND_AGAIN,
    outcome_notes,
    refused_notes,
    refused_reasons,
    with_refused_outcomes,
)
from shared.schema.contract import Contract, ContractColumn
from shared.sections.operation import Monitor
from shared.settings import Settings
from tests.monitoring.traffic import ANSWERED, answer, minute, week

PLAN = ContractColumn(name="plan", type="category", categories=("a", "b", "c", "d"))
CONTRACT = Contract(key="id", time="at", target="late", features=("plan", "age"), columns=(PLAN,))
SERVICE = Service(10, 2_400, 1_196, 1_204, 0, 2.0, 9.0, 0, refused_rows=1_204)
NO_CATEGORY, NO_TIME = ("plan", "not a known category"), ("sent", "not a time (ISO 8601: 2013)")


def test_half_of_the_rows_refused_is_acted_upon_with_the_column_and_the_rule() -> None:
    faults = ((NO_CATEGORY, RowFault(1_190, "'gold'")), (NO_TIME, RowFault(14, "'noon'")))
    broken = replace(SERVICE, row_faults=faults)
    (reason,) = refused_reasons(broken, Monitor(), CONTRACT)
    assert reason.what == (
        "1,204 of 2,400 rows were refused: plan was not one of its 4 values in 1,190 of them "
        "('gold') and sent was not a time in 14 of them ('noon')"
    )
    assert (reason.level, reason.stage, reason.column) == ("act", "contract", "plan")
    assert (round(reason.number, 3), reason.threshold) == (0.502, 0.05)
    assert reason.next_step == (
        "Ask whoever feeds plan what changed: rows that are refused get no answer, and are in no "
        "log."
    )
    assert refused_notes(broken, Monitor(), CONTRACT) == []


def test_what_is_of_no_column_is_said_without_one() -> None:
    faults = ((UNKNOWN, RowFault(1_100, "'Plan'")), (BODY, RowFault(104)))
    (reason,) = refused_reasons(replace(SERVICE, row_faults=faults), Monitor(), CONTRACT)
    assert reason.what.partition(": ")[2] == (
        "a name was none of a row's in 1,100 of them ('Plan') and what was sent could not be read "
        "in 104 of them"
    )
    assert reason.column is None
    assert reason.next_step.startswith("Check what its callers send")


@pytest.mark.parametrize(("strange", "column"), [(300, None), (200, "sent"), (100, "sent")])
def test_the_most_frequent_fault_says_whom_to_ask_and_of_as_frequent_ones_a_columns(
    strange: int, column: str | None
) -> None:
    faults = [(NO_TIME, RowFault(200, "'noon'")), (UNKNOWN, RowFault(strange, "'Plan'"))]
    faults = sorted(faults, key=lambda one: -one[1].rows)
    (reason,) = refused_reasons(replace(SERVICE, row_faults=tuple(faults)), Monitor(), CONTRACT)
    assert reason.column == column


@pytest.mark.parametrize(
    ("refused", "levels"), [(0, []), (4, []), (60, []), (80, ["watch"]), (140, ["act"])]
)
def test_few_rows_are_a_note_and_a_tenth_of_them_wakes_a_person(
    refused: int, levels: list[str]
) -> None:
    faults = ((NO_CATEGORY, RowFault(refused, "'gold'")),) if refused else ()
    some = replace(SERVICE, refused_rows=refused, row_faults=faults)
    assert [one.level for one in refused_reasons(some, Monitor(), CONTRACT)] == levels
    noted = [] if levels or not refused else ["refused"]
    assert [note.split()[5] for note in refused_notes(some, Monitor(), CONTRACT)] in (
        noted,
        [f"{word}:" for word in noted],
    )


def test_a_log_from_before_rows_were_counted_and_a_file_say_nothing() -> None:
    for service in (None, replace(SERVICE, refused_rows=None)):
        assert refused_reasons(service, Monitor(), CONTRACT) == []
        assert refused_notes(service, Monitor(), CONTRACT) == []


@pytest.mark.parametrize(("unit", "lacking"), [(OF_DUE, 270), (OF_DUE, 271), ("rows", 270)])
def test_refused_outcomes_are_a_cause_where_they_may_be_a_tenth_of_those_that_lack(
    unit: str, lacking: int
) -> None:
    refused = RefusedOutcomes(27, ANSWERED, ((NO_TIME, RowFault(27, "'noon'")),))
    words = (
        "27 outcomes were refused since 2024-04-01 12:00 UTC: sent was not a time in 27 of them "
        "('noon')"
    )
    (given,) = objectives.service_reasons(SERVICE, Monitor())
    given = given.model_copy(update={"unit": unit})
    (reason,) = with_refused_outcomes([given], refused, lacking, CONTRACT)
    is_cause = (unit, lacking) == (OF_DUE, 270)
    assert reason.likely_cause == (words if is_cause else None)
    assert reason.next_step == (SEND_AGAIN if is_cause else given.next_step)
    assert outcome_notes(refused, [reason], CONTRACT) == ([] if is_cause else [f"{words}."])
    assert with_refused_outcomes([given], None, lacking, CONTRACT) == [given]
    assert outcome_notes(None, [given], CONTRACT) == []


def refusing(number: int) -> dict[str, Any]:
    """Return a service minute that refused so many rows."""
    fault = f'[["age", "outside 18 to 120", {number}, "17"]]'
    refused = {"requests": number, "rejected": number, "bad_row": number, "refused_rows": number}
    return minute(ANSWERED, rows=233) | refused | {"row_faults": fault}


def verdict_on(bundle: Bundle, settings: Settings) -> tuple[Case, Verdict]:
    planned = scope.plan(settings, bundle, None, None)
    window = WindowReader(planned, bundle, settings).read()
    case = Case(window, planned, bundle, settings)
    return case, judge.judge(case, findings.find(case))


def test_the_verdict_on_a_log_names_what_was_refused_and_no_row_of_it_shows_that(
    log: PredictionLog, bundle: Bundle, settings: Settings
) -> None:
    answer(log, week(), bundle)
    log.minutes.add([refusing(233)])
    case, verdict = verdict_on(bundle, settings)
    assert verdict.words.startswith(
        "Act: 233 of 466 rows were refused: age was outside 18 to 120 in 233 of them (17)"
    )
    assert 1 not in reason_rows.find(verdict, case)["reason"].tolist()


def test_a_log_whose_every_row_was_refused_is_no_empty_one(
    log: PredictionLog, bundle: Bundle, settings: Settings
) -> None:
    log.prepare()
    log.minutes.add([refusing(50) | {"minute": datetime.now(UTC), "rows": 0}])
    _, verdict = verdict_on(bundle, settings)
    assert (verdict.level, verdict.state) == ("act", "no log")
    assert verdict.words.startswith("Act: 50 of 50 rows were refused: age was outside 18 to 120")
