"""A window, judged: an ordinary one is ok, and every odd one has its own words."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.model.verdict import Verdict
from shared.monitoring import findings, judge, scope
from shared.monitoring.scope import Scope
from shared.settings import Settings
from tests.monitoring.traffic import ANSWERED, answer, minute, read_case, week


@pytest.fixture
def judged(bundle: Bundle, settings: Settings):
    """Return a function that judges a frame as a file, or what a scope of a log has."""

    def judged(traffic: pd.DataFrame | Scope) -> Verdict:
        case = read_case(traffic, bundle, settings)
        return judge.judge(case, findings.find(case))

    return judged


@pytest.fixture
def log(bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a log that is the one which is judged."""
    monkeypatch.setenv("MILLRACE_LOG", f"sqlite:///{tmp_path / 'log.db'}")
    held = PredictionLog("loans", bundle.contract)
    yield held
    held.close()


def words(verdict: Verdict) -> list[tuple[str, str]]:
    return [(reason.level, reason.what) for reason in verdict.reasons]


def test_an_ordinary_week_is_ok(judged, bundle: Bundle) -> None:
    verdict = judged(week())
    assert (verdict.level, verdict.reasons) == ("ok", ())
    assert verdict.words == "Ok: nothing passed its threshold"
    assert verdict.notes == ()
    assert (verdict.rows, verdict.bundle) == (233, bundle.digest)
    assert verdict.start.startswith("2024-04-01T")
    assert verdict.until.startswith("2024-04-07T")


def test_a_change_of_units_is_named_first_with_its_number_and_what_is_usual(judged) -> None:
    verdict = judged(week().assign(income=lambda frame: frame["income"] * 100))
    reason = verdict.reasons[0]
    assert reason.what == (
        "income looks like a hundred times what it was, as a percentage is of a share"
    )
    assert (verdict.level, reason.column, reason.stage) == ("act", "income", "feed")
    assert reason.number > reason.threshold > 0
    assert "normal spans of" in reason.baseline
    assert "income" in verdict.next_action


def test_a_day_of_rows_in_a_window_of_a_week_is_judged_as_a_day_and_the_rest_is_missed(
    judged, log: PredictionLog, bundle: Bundle, settings: Settings
) -> None:
    asked = week(2_000)
    first = asked[asked["applied"] < asked["applied"].min() + pd.Timedelta(days=1)]
    answer(log, first, bundle)
    planned = scope.of_log(log, asked["applied"].max().to_pydatetime(), settings)
    found = findings.find(read_case(planned, bundle, settings))
    assert 23 < found.hours < 24
    assert "no rows arrived for an unusually long time" in [
        what for _, what in words(judged(planned))
    ]


def test_an_empty_column_is_a_lost_feed_told_once(judged) -> None:
    verdict = judged(week().assign(income=np.nan))
    assert words(verdict)[0] == ("act", "income is empty: its feed is lost")
    # Here the contract forbids the gaps as well.
    verdict = judged(week().assign(region=None))
    assert words(verdict)[0] == ("act", "region is empty: its feed is lost")
    assert not [what for _, what in words(verdict)[1:] if "region" in what]


def test_columns_that_are_missing_in_the_same_rows_are_told_together(judged) -> None:
    gone = week(1_000).assign(
        age=lambda f: f["age"].mask(f.index % 3 == 0),
        income=lambda f: f["income"].mask(f.index % 3 == 0),
    )
    (reason,) = [r for r in judged(gone).reasons if "missing" in r.what and r.column]
    assert reason.what.startswith("income and age are missing together more often: in 36.")
    assert (reason.column, reason.beside) == ("income", ("age",))
    apart = gone.assign(income=gone["income"].sample(frac=1, random_state=0).array)
    told = [what for _, what in words(judged(apart)) if "missing" in what]
    assert {what.split(" missing")[0] for what in told} == {"income is", "age is"}


def test_a_constant_column_is_stuck(judged) -> None:
    assert words(judged(week().assign(region="south")))[0] == ("act", "region is stuck")


def test_a_column_that_a_file_lacks_breaks_the_contract_and_leaves_no_score(judged) -> None:
    verdict = judged(week().drop(columns="age"))
    assert words(verdict) == [("act", "age: the column is missing")]
    assert any("could not answer the file's rows" in note for note in verdict.notes)
    assert "Quality is not judged: the rows have no probability." in verdict.notes


def test_new_categories_are_a_reason_with_what_they_may_have_been_called(judged) -> None:
    renamed = judged(week().assign(region=lambda f: f["region"].replace("south", "South")))
    reason = renamed.reasons[0]
    assert reason.what == "region has new categories (South)"
    assert reason.likely_cause.startswith("renamed: south → South")
    few = judged(week().assign(region=lambda f: f["region"].mask(f.index < 2, "west")))
    assert few.level == "ok"


def test_one_row_outside_a_given_range_is_acted_upon(judged) -> None:
    verdict = judged(week().assign(age=lambda f: f["age"].mask(f.index == 7, 200)))
    assert words(verdict) == [("act", "age: outside 18 to 120 (200)")]


def test_repeated_rows_are_watched_and_a_key_that_came_twice_is_not(judged) -> None:
    twice = judged(pd.concat([week(), week().head(20)], ignore_index=True))
    assert words(twice)[0] == ("watch", "7.9% of the rows repeat a key")
    once = judged(week().assign(loan=lambda f: f["loan"].mask(f.index == 1, f["loan"][0])))
    assert once.level == "ok"


def test_rows_that_stop_coming_are_watched(judged) -> None:
    gone = week(1_000).assign(applied=lambda f: f["applied"])
    gap = judged(gone[(gone.index < 100) | (gone.index > 900)])
    assert ("watch", "no rows arrived for an unusually long time") in words(gap)
    assert ("watch", "the number of rows is not normal") in words(judged(week(1_000)))


def test_a_columns_type_may_change_and_is_told(judged) -> None:
    verdict = judged(week().assign(age="forty"))
    assert words(verdict)[0] == ("act", "age cannot be read as a number (string)")


def test_a_column_that_the_contract_does_not_know_is_a_note(judged) -> None:
    verdict = judged(week().assign(colour="red"))
    assert verdict.notes == ("The window has columns that are not in the contract: colour.",)


def test_a_lost_order_is_a_proven_loss_of_quality(judged) -> None:
    frame = week().assign(probability=lambda f: 0.9 - 0.8 * f["defaulted"].fillna(0))
    assert ("act", "quality") in [(r.level, r.stage) for r in judged(frame).reasons]


def test_one_row_is_too_few_to_judge_by_shares(judged) -> None:
    verdict = judged(week().tail(1).assign(income=np.nan, guarantee=None))
    assert (verdict.level, verdict.state) == ("watch", "too few rows")
    assert verdict.words == "Watch: too few rows to judge"
    assert "Columns are judged from 100 rows up." in verdict.notes[0]
    broken = judged(week().tail(1).assign(age=200))
    assert words(broken) == [("act", "age: outside 18 to 120 (200)")]


@pytest.mark.parametrize(
    ("outcome", "note"),
    [
        (np.nan, "Quality is not judged: none of the 233 rows due has an outcome."),
        (1.0, "Quality is not judged: all 233 outcomes are of one class"),
    ],
)
def test_outcomes_that_tell_nothing_are_a_note(judged, outcome: float, note: str) -> None:
    assert [n for n in judged(week().assign(defaulted=outcome)).notes if n.startswith(note)]


def test_a_file_without_outcomes_is_ok_with_a_note(judged) -> None:
    verdict = judged(week().drop(columns="defaulted"))
    assert verdict.level == "ok"
    assert verdict.notes == ("Quality is not judged: the file has no outcomes.",)


def test_no_outcome_due_yet_is_a_note_with_the_time_of_the_first(
    judged, settings: Settings, tmp_path: Path
) -> None:
    later = week().assign(
        applied=lambda f: f["applied"] + pd.Timedelta(days=36_500), outcome=np.nan
    )
    verdict = judged(later)
    assert verdict.level == "ok"
    assert verdict.notes == (
        "Quality is not judged yet: no outcome is due; the first is at "
        f"{later['applied'].min():%Y-%m-%d %H:%M} UTC.",
    )


def test_no_log_is_told(judged, log: PredictionLog, settings: Settings, bundle: Bundle) -> None:
    verdict = judged(scope.plan(settings, bundle, None, None))
    assert (verdict.level, verdict.state) == ("watch", "no log")
    assert "There is no prediction in sqlite:" in verdict.notes[0]


def test_a_span_without_rows_and_one_of_another_bundle_are_told_apart(
    judged, log: PredictionLog, settings: Settings, bundle: Bundle
) -> None:
    answer(log, week(7), bundle, "f" * 64)
    other = judged(scope.plan(settings, bundle, None, None))
    assert (other.level, other.state) == ("watch", "other bundles")
    assert other.notes == ("Other bundles answered 7 rows of the window; they are left out.",)
    empty = judged(scope.plan(settings, bundle, "2024-03-01", None))
    assert (empty.level, empty.state) == ("watch", "empty")
    assert empty.notes == ("The newest row of the log is from 2024-04-06 21:40 UTC.",)


def test_an_empty_file_is_an_empty_window(judged) -> None:
    verdict = judged(week().iloc[:0])
    assert (verdict.words, verdict.start) == ("Watch: the window is empty", None)


def test_a_service_that_went_silent_is_a_note(
    judged, log: PredictionLog, settings: Settings, bundle: Bundle
) -> None:
    answer(log, week(), bundle)
    told = week()[["loan", "defaulted"]].dropna().astype({"defaulted": bool})
    log.outcomes.add(dict(told.to_numpy().tolist()))
    log.minutes.add([minute(ANSWERED + timedelta(minutes=at)) for at in (0, 3)])
    verdict = judged(scope.plan(settings, bundle, "2024-04-08", None))
    assert words(verdict) == []
    assert verdict.notes[-1] == "The service was silent for 2 minutes of the window."


def test_infinite_values_are_no_numbers_and_the_rest_is_scored(judged) -> None:
    frame = week()
    verdict = judged(frame.assign(income=frame["income"].where(frame.index % 4 > 0, np.inf)))
    assert verdict.reasons[0].column == "income"
    assert "cannot be read as a number" in verdict.reasons[0].what


def test_what_costs_quality_is_as_serious_as_the_loss_and_named_before_it(judged) -> None:
    frame = week().assign(probability=lambda f: 0.9 - 0.8 * f["defaulted"].fillna(0))
    reasons = judged(frame).reasons
    assert {r.level for r in reasons if r.stage in ("predictions", "quality")} == {"act"}
    assert [r.stage for r in reasons].index("predictions") == 0


def test_a_loss_is_not_laid_at_the_door_of_how_many_rows_came(judged) -> None:
    twice = pd.concat([week(), week()]).assign(loan=lambda f: range(len(f)))
    frame = twice.assign(probability=lambda f: 0.9 - 0.8 * f["defaulted"].fillna(0))
    levels = {r.what: r.level for r in judged(frame).reasons if r.stage == "feed"}
    assert set(levels.values()) == {"watch"}


def test_the_bundles_false_alarm_rate_holds_and_a_note_says_that_the_settings_differ(
    bundle: Bundle, settings: Settings
) -> None:
    monitor = settings.monitor.model_copy(update={"false_alarms": 0.4})
    asked = settings.model_copy(update={"monitor": monitor})
    case = read_case(week(), bundle, settings)
    other = replace(case, settings=asked)
    found, loose = findings.find(case), findings.find(other)
    assert loose.quality.losses == found.quality.losses != ()
    assert judge.judge(other, loose).notes == (
        "The settings now ask for false_alarms = 0.4; the model's thresholds were learnt for "
        "0.01. Train again to change them.",
    )
    assert judge.judge(case, found).notes == ()
