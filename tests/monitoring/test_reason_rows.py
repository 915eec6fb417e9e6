"""From a verdict's reasons to the rows that show them."""

import numpy as np
import pandas as pd

from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.model.verdict import Verdict
from shared.monitoring import findings, judge, reason_rows
from shared.monitoring.case import Case
from shared.monitoring.windows import scope
from shared.monitoring.windows.scope import Scope
from shared.settings import Settings
from tests.monitoring.traffic import answer, read_case, week


def rows_of(
    traffic: pd.DataFrame | Scope, bundle: Bundle, settings: Settings
) -> tuple[Verdict, Case, pd.DataFrame]:
    case = read_case(traffic, bundle, settings)
    verdict = judge.judge(case, findings.find(case))
    return verdict, case, reason_rows.find(verdict, case)


def test_an_ordinary_week_has_no_rows_to_show(bundle: Bundle, settings: Settings) -> None:
    _, case, found = rows_of(week(), bundle, settings)
    assert found.columns.tolist() == [*reason_rows.COLUMNS]
    assert found.empty
    assert reason_rows.words(found, case) == "0 rows show a reason, of all 233 looked at"


def test_rows_are_named_by_key_and_time_with_the_value_that_is_odd(
    bundle: Bundle, settings: Settings
) -> None:
    renamed = week().assign(guarantee=lambda f: f["guarantee"].where(f.index % 3 > 0, "house"))
    verdict, _, found = rows_of(renamed, bundle, settings)
    first = found[found["reason"] == 1]
    assert {*first["what"]} == {verdict.reasons[0].what}
    assert {*first["column"]} == {"guarantee"}
    assert {*first["value"]} == {"house"}
    assert {*first["key"]} == {*renamed["loan"][renamed["guarantee"] == "house"]}
    known = dict(zip(renamed["loan"], renamed["applied"], strict=True))
    assert [pd.Timestamp(time) for time in first["time"]] == [known[key] for key in first["key"]]


def test_a_loss_shows_in_the_rows_that_cost_the_most(bundle: Bundle, settings: Settings) -> None:
    flipped = week().assign(defaulted=lambda f: 1 - f["defaulted"])
    verdict, case, found = rows_of(flipped, bundle, settings)
    at = next(n for n, one in enumerate(verdict.reasons, 1) if one.stage == "quality")
    first = found[found["reason"] == at]["key"]
    scored = case.profile.sample.set_index("loan")
    lost = np.abs(scored["outcome"].astype("float64") - scored["probability"])
    assert lost[first].is_monotonic_decreasing
    assert lost[first.iloc[0]] == lost.max()


def test_rows_that_came_twice_and_those_without_a_key_are_shown(
    bundle: Bundle, settings: Settings
) -> None:
    twice = pd.concat([week(), week().head(40)], ignore_index=True)
    _, _, found = rows_of(twice, bundle, settings)
    assert {*found["key"]} == {*week()["loan"].head(40)}
    lacking = week().assign(loan=lambda f: f["loan"].where(f.index != 7))
    _, _, found = rows_of(lacking, bundle, settings)
    assert found["key"].isna().all()
    assert len(found) == 1


def test_no_reason_has_more_rows_than_the_most(
    bundle: Bundle, settings: Settings, monkeypatch
) -> None:
    monkeypatch.setattr(reason_rows, "MOST_ROWS", 10)
    _, _, found = rows_of(week().assign(income=np.nan), bundle, settings)
    assert found["reason"].value_counts().max() == 10


def test_a_query_finds_the_rows_in_the_log(
    log: PredictionLog, bundle: Bundle, settings: Settings
) -> None:
    rows = week().assign(guarantee=lambda f: f["guarantee"].where(f.index % 3 > 0, "house"))
    answer(log, rows, bundle)
    _, case, found = rows_of(scope.plan(settings, bundle, None, None), bundle, settings)
    first = found[found["reason"] == 1].head(2)
    query = reason_rows.query(first, case)
    listed = ", ".join(f"'{key}'" for key in first["key"])
    assert query == f"SELECT * FROM loans_predictions WHERE key IN ({listed})"
    _, of_file, found = rows_of(rows, bundle, settings)
    assert reason_rows.query(found, of_file) is None
