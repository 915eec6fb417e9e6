"""Notes: what a verdict does not cover, and why."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.model.verdict import ChallengerComparison
from shared.monitoring import findings, judge
from shared.monitoring.windows import scope
from shared.monitoring.wording import notes
from shared.settings import Settings
from shared.tasks.metrics import Score
from tests.monitoring.traffic import ANSWERED, answer, minute, read_case, week, words


def test_a_column_that_the_contract_does_not_know_is_a_note(judged) -> None:
    verdict = judged(week().assign(colour="red"))
    assert verdict.notes == ("The window has columns that are not in the contract: colour.",)


def test_a_column_that_is_left_out_on_purpose_is_not_told_each_time(
    bundle: Bundle, settings: Settings
) -> None:
    ignoring = settings.model_copy(update={"ignored": ("colour",)})
    case = read_case(week().assign(colour="red", form="new"), bundle, ignoring)
    assert judge.judge(case, findings.find(case)).notes == (
        "The window has columns that are not in the contract: form.",
    )


def test_which_columns_of_a_file_are_taken_for_the_logs_is_a_note(judged) -> None:
    answered = week().assign(probability=lambda f: 0.2 + 0.3 * (f["region"] == "south"))
    assert "The file's own probability is judged." in judged(answered).notes
    other = week().assign(bundle="gold", outcome="success", probability=37.5)
    assert judged(other).notes == (
        "The file's bundle is not taken for the log's: the file has no prediction.",
        "The file's probability is not taken for the log's: no probability from 0 to 1 in 233 "
        "rows, such as 37.5.",
        "The file's outcome is not taken for the log's: the file has defaulted.",
    )
    assert judged(other).level == "ok"


@pytest.mark.parametrize(
    ("outcome", "note"),
    [
        (np.nan, "Quality is not judged: none of the outcomes that are due has arrived (233)."),
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
        applied=lambda f: f["applied"] + pd.Timedelta(days=36_500), defaulted=np.nan
    )
    verdict = judged(later)
    assert verdict.level == "ok"
    assert verdict.notes[-1] == (
        "Quality is not judged yet: no outcome is due; the first is at "
        f"{later['applied'].min():%Y-%m-%d %H:%M} UTC."
    )


def test_a_window_long_after_the_history_says_that_so_much_time_was_not_tried(judged) -> None:
    later = week().assign(applied=lambda f: f["applied"] + pd.Timedelta(weeks=20))
    assert (
        "The model's history ended 20 weeks before the window, and no more than 8 weeks could be "
        "tried: thresholds go on as they grew, and shifts of season are judged less sharply."
    ) in judged(later).notes
    assert not any("could be tried" in note for note in judged(week()).notes)


def test_outcomes_later_than_any_that_were_tried_are_said_to_be_judged_less_sharply(judged) -> None:
    def of_outcomes(weeks: int) -> list[str]:
        later = week().assign(applied=lambda f: f["applied"] + pd.Timedelta(weeks=weeks))
        return [note for note in judged(later).notes if note.startswith("How outcomes follow")]

    assert of_outcomes(20) == [
        "How outcomes follow the answers could be tried up to 2 weeks after a history, and the "
        "model's ended 20 weeks before the window: it is judged less sharply."
    ]
    assert of_outcomes(0) == []


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


def test_a_challenger_is_better_by_some_metrics_and_may_be_worse_by_others() -> None:
    compared = ChallengerComparison(
        challenger="c" * 64,
        rows=1_900,
        received=1_800,
        own={},
        theirs={},
        differences={"roc_auc": Score(0.02, 0.01, 0.03)},
        better=("roc_auc",),
        worse=("log_loss",),
    )
    scored = "The challenger cccccccccccc scored 1,900 of the same rows. "
    assert notes.challenger_note(compared) == (
        f"{scored}On the 1,800 with an outcome it is better by ROC AUC, but worse by log loss "
        "(95% intervals)."
    )
    both = notes.challenger_note(replace(compared, better=("roc_auc", "log_loss"), worse=()))
    assert both.endswith("it is better by ROC AUC and log loss (95% intervals).")
    neither = notes.challenger_note(replace(compared, better=(), worse=()))
    assert neither.endswith("it is neither better nor worse (95% intervals).")
    few = notes.challenger_note(replace(compared, differences={}, received=3))
    assert few == f"{scored}Only 3 of them have an outcome: too few to compare."
    counted = notes.challenger_note(replace(compared, differences={}, weighed=150.2))
    assert counted == (
        f"{scored}Only 1,800 of them have an outcome, which count as 150 by the chance that they "
        "had of it: too few to compare."
    )


def test_a_challenger_is_said_to_be_weighed_or_why_it_is_not() -> None:
    compared = ChallengerComparison(
        challenger="c" * 64,
        rows=1_900,
        received=1_800,
        own={},
        theirs={},
        differences={"roc_auc": Score(0.02, -0.01, 0.03)},
        better=(),
        worse=(),
    )
    assert notes.weighing_note(compared) == ""
    weighed = notes.challenger_note(replace(compared, weighed=240.4))
    assert weighed.endswith(
        "(95% intervals). Rows weigh by 1 over the chance that they had to be seen, and count as "
        "240."
    )
    assert notes.weighing_note(replace(compared, unweighed="cannot tell: none was explored")) == (
        " Rows are not weighed by the chance that they had to be seen: none was explored."
    )
