"""The log against the model: answers that are not this model's are found and named, on any day."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.model.comparisons.agreement import Agreement
from shared.model.predictor import Predictor
from shared.model.verdict import Verdict, read_verdict
from shared.monitoring import incidents
from shared.monitoring.card_parts import card_sections
from shared.monitoring.windows import logged_answers, scope
from shared.schema import columns
from shared.settings import Settings
from tests.card_words import card_words
from tests.monitoring import traffic
from tests.monitoring.traffic import answer, read_case, words

Change = Callable[[pd.Series], pd.Series]


def answered(bundle: Bundle, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the model's answers as ScoreFlow writes them."""
    return rows.assign(bundle=bundle.digest, **bundle.answers(bundle.scores(rows), rows))


def permuted(scores: pd.Series) -> pd.Series:
    return scores.sample(frac=1, random_state=1).set_axis(scores.index)


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (permuted, "they may be the scores of other rows, in another order"),
        (lambda scores: scores + 0.01, "0.01 is added to each"),
        (lambda scores: scores.round(3), "they are rounded to 3 decimal places"),
        (lambda scores: scores**1.2, "another version of the model may have answered"),
    ],
    ids=["permuted", "shifted", "rounded", "another version"],
)
def test_scores_that_are_not_the_models_are_act_with_the_first_row_named(
    judged, bundle: Bundle, change: Change, cause: str
) -> None:
    right = answered(bundle, traffic.week(460))
    rows = right.assign(probability=change(right["probability"]))
    verdict = judged(rows)
    reason, found = verdict.reasons[0], verdict.agreement
    assert (verdict.level, reason.stage, reason.level) == ("act", "answers", "act")
    assert (reason.column, reason.likely_cause) == ("probability", cause)
    assert (found.compared, found.differing > 290) == (300, True)
    first = found.first[0]
    logged, model = (f["probability"][f["loan"] == first.key].item() for f in (rows, right))
    assert (first.logged, first.model) == (logged, pytest.approx(model, abs=1e-12))
    pair = first.written
    assert reason.what == (
        f"{found.differing} of 300 answers in the file are not this model's: {first.key} has "
        f"probability {pair[0]}, and the model gives {pair[1]}"
    )
    assert verdict.next_action.startswith("Find out what answers in this bundle's name")


def test_the_models_own_answers_are_silent(judged, bundle: Bundle) -> None:
    verdict = judged(answered(bundle, traffic.week()))
    assert (verdict.level, verdict.agreement) == ("ok", Agreement(compared=233))
    assert verdict.notes == ("The file's own bundle and probability are judged.",)


def test_what_a_server_logs_row_by_row_is_silent(
    bundle: Bundle, settings: Settings, log: PredictionLog
) -> None:
    names = (bundle.contract.key, bundle.contract.time, *bundle.contract.features)
    asked = traffic.week(460)[[*names]].astype(object)
    rows, server = asked.where(asked.notna(), None).to_dict("records"), Predictor(bundle)
    for at, size in [(0, 1), (1, 1), (2, 58), (60, 400)]:
        scored = server.score(columns.of_rows(rows[at : at + size], names))
        log.predictions.append_columns(scored)
    case = read_case(scope.plan_log(log, None, settings), bundle, settings)
    assert logged_answers.check(case) == Agreement(compared=300)


def test_a_few_changed_rows_are_counted_and_named_each(bundle, settings) -> None:
    week = answered(bundle, traffic.week(460))
    few = week.index % 40 == 0
    rows = week.assign(probability=week["probability"].where(~few, week["probability"] / 2))
    found = logged_answers.check(read_case(rows, bundle, settings))
    assert found is not None
    there = {one.key for one in found.first}
    assert 1 <= found.differing <= 12
    assert len(there) == min(found.differing, 10)
    assert there <= {*week["loan"][few]}


def test_a_decision_that_does_not_follow_from_its_scores_is_found(bundle, settings) -> None:
    week = answered(bundle, traffic.week(200))
    found, verdict = traffic.judged(week.assign(prediction=~week["prediction"]), bundle, settings)
    assert found.agreement.differing == found.agreement.compared == 200
    assert verdict.reasons[0].column == "prediction"
    first = week.iloc[0]
    assert words(verdict)[0][1] == (
        "200 of 200 answers in the file are not this model's: "
        f"{first['loan']} has prediction {not first['prediction']}, and the model gives "
        f"{first['prediction']}"
    )


def test_a_files_own_prediction_without_a_bundle_may_be_anything(bundle, settings) -> None:
    week = answered(bundle, traffic.week(200)).drop(columns="bundle")
    found, _ = traffic.judged(week.assign(prediction=7), bundle, settings)
    assert found.agreement == Agreement(compared=200)


def test_rows_that_nobody_had_answered_are_not_compared(bundle, settings) -> None:
    found, verdict = traffic.judged(traffic.week(), bundle, settings)
    assert found.agreement is None
    assert verdict.level == "ok"
    assert card_sections.agreement(None) == []


def test_a_file_in_single_precision_is_held_to_that(bundle, settings) -> None:
    week = answered(bundle, traffic.week(200))
    single = week.assign(probability=week["probability"].astype("float32"))
    cut = bundle.manifest.rule.threshold
    single["prediction"] = single["probability"].astype("float64") >= cut
    assert traffic.judged(single, bundle, settings)[0].agreement == Agreement(compared=200)
    rounded = single.assign(probability=single["probability"].round(4))
    assert traffic.judged(rounded, bundle, settings)[0].agreement.differing > 150
    # What was rounded on the way, and is kept in full, is not what the model answered.
    lost = week.assign(probability=single["probability"].astype("float64"))
    found = traffic.judged(lost, bundle, settings)[0].agreement
    assert found.likely_cause == "they were kept in single precision"


def test_the_rows_are_of_the_whole_window_and_the_same_each_time(bundle, settings) -> None:
    frame = answered(bundle, traffic.week(3_000))
    case = read_case(frame, bundle, settings)
    times = case.profile.sample["applied"].head(logged_answers.ROWS)
    assert times.min() < pd.Timestamp("2024-04-01 12:00", tz="UTC")
    assert times.max() > pd.Timestamp("2024-04-07 12:00", tz="UTC")
    shuffled = read_case(frame.sample(frac=1, random_state=0), bundle, settings)
    chosen = [one.profile.sample["loan"].head(300).tolist() for one in (case, shuffled)]
    assert chosen[0] == chosen[1]


def test_answers_of_other_bundles_are_left_out(bundle, settings, log: PredictionLog) -> None:
    answer(log, traffic.week(120), bundle)
    answer(log, traffic.week(80, seed=2).assign(age=30), bundle, "f" * 64)
    case = read_case(scope.plan_log(log, None, settings), bundle, settings)
    assert (case.window.others, logged_answers.check(case)) == (80, Agreement(compared=120))
    gone = replace(bundle, digest="e" * 64)
    none = read_case(scope.plan_log(log, None, settings), gone, settings)
    assert logged_answers.check(none) is None


def test_log_rows_without_what_was_asked_are_left_out(bundle, settings, log: PredictionLog) -> None:
    frame = traffic.week(120)
    answer(log, frame, bundle)
    start = datetime(2024, 4, 2, tzinfo=UTC)
    answers = bundle.answers(bundle.scores(frame), frame)
    bare = [
        {
            "prediction_id": f"bare-{at}",
            "key": f"bare-{at}",
            "time": start + timedelta(minutes=at),
            "logged_at": start,
            "bundle": bundle.digest,
            "role": "champion",
            "latency_ms": 1.0,
            **{name: values[at].item() for name, values in answers.items()},
        }
        for at in range(30)
    ]
    log.predictions.append(bare)
    _, verdict = traffic.judged(scope.plan_log(log, None, settings), bundle, settings)
    assert verdict.agreement == Agreement(compared=120, left_out=30)
    assert (
        "30 of the rows to answer again have no scores, or not all that the model was asked with: "
        "they are left out."
    ) in verdict.notes


def test_a_value_that_could_not_be_read_accuses_nobody(bundle, settings) -> None:
    week = answered(bundle, traffic.week(200))
    week["income"] = ["a lot"] * 5 + week["income"][5:].map(str, na_action="ignore").tolist()
    found, verdict = traffic.judged(week, bundle, settings)
    assert (found.agreement.compared, found.agreement.left_out) == (
        200 - week["income"].isna().sum() - 5,
        week["income"].isna().sum() + 5,
    )
    assert "answers" not in [reason.stage for reason in verdict.reasons]


def test_a_window_without_rows_or_without_features_is_one_line(bundle, settings) -> None:
    week = answered(bundle, traffic.week(150))
    assert traffic.judged(week.iloc[:0], bundle, settings)[0].agreement is None
    bare = week.drop(columns=["age", "region", "bundle"])
    _, verdict = traffic.judged(bare, bundle, settings)
    told = [note for note in verdict.notes if "compared with the model" in note]
    assert told == [
        "The answers were not compared with the model's: columns ['age', 'region'] are missing."
    ]
    (shown,) = card_words(card_sections.agreement(verdict.agreement))
    assert shown == f"## The answers and the model\n\n{told[0]}"


def test_a_bundle_that_cannot_answer_accuses_nobody(bundle, settings) -> None:
    class Deaf(Bundle):
        """A bundle whose model does not load."""

        @property
        def model(self) -> object:
            raise ModuleNotFoundError("No module named 'ours'")

    week = answered(bundle, traffic.week(150)).assign(probability=0.3, prediction=False)
    found, verdict = traffic.judged(
        week, Deaf(bundle.path, bundle.digest, bundle.manifest), settings
    )
    assert found.agreement.compared == 0
    assert "answers" not in [reason.stage for reason in verdict.reasons]
    assert (
        "The answers were not compared with the model's: ModuleNotFoundError: No module named "
        "'ours'."
    ) in verdict.notes


def test_the_culprit_stands_before_the_drift_of_its_scores_and_calls_for_no_training(
    bundle, settings
) -> None:
    week = answered(bundle, traffic.week(460))
    inverted = week.assign(
        probability=1 - week["probability"], outcome=week["defaulted"], defaulted=None
    )
    _, verdict = traffic.judged(inverted, bundle, settings)
    stages = [reason.stage for reason in verdict.reasons]
    assert stages[:2] == ["answers", "predictions"]
    assert "quality" in stages
    assert verdict.reasons[0].likely_cause == "each is 1 less the model's"
    followed = incidents.follow(verdict, [])
    assert next(one.subject for one in followed.incidents) == "probability"
    assert not incidents.calls_for_training(followed)


def test_a_verdict_keeps_the_rows_that_differ_and_the_card_lists_them(bundle, settings) -> None:
    week = answered(bundle, traffic.week(200))
    changed = week.assign(probability=week["probability"].round(3))
    _, verdict = traffic.judged(changed, bundle, settings)
    plain = verdict.plain()
    assert plain["agreement"]["first"][0]["key"] == verdict.agreement.first[0].key
    assert read_verdict(plain).agreement == verdict.agreement
    older = {name: value for name, value in plain.items() if name != "agreement"}
    assert read_verdict(older).agreement is None
    shown, *table = card_words(card_sections.agreement(verdict.agreement))
    assert shown == (
        "## The answers and the model\n\n200 rows, chosen over the whole window, were answered "
        "again by the bundle, and "
        f"{verdict.agreement.differing} come out otherwise, by up to "
        f"{verdict.agreement.largest:.3g}. The first 10 in time:"
    )
    assert _lines(verdict) == table[-10:]


def _lines(verdict: Verdict) -> list[str]:
    return [
        f"{one.key} | {one.time[:16].replace('T', ' ')} UTC | probability | "
        + " | ".join(one.written)
        for one in verdict.agreement.first
    ]


def test_the_card_says_so_where_all_agree() -> None:
    assert card_words(card_sections.agreement(Agreement(compared=300))) == [
        "## The answers and the model\n\n300 rows, chosen over the whole window, were answered "
        "again by the bundle: every answer is as it was (to 1e-9, as golden rows are held to)."
    ]
