"""What a window of slates shows of the model's influence on its own data."""

import numpy as np
import pandas as pd
import pytest

from shared.kinds import METRICS
from shared.model.bundle import Bundle
from shared.model.verdict import Verdict, read_verdict
from shared.monitoring import cards, drill_down, findings, judge, report_sample
from shared.monitoring.card_parts import card_sections
from shared.monitoring.outcomes import feedback
from shared.policies import feedback_measures
from shared.policies.feedback_checks import TOLERANCE
from shared.policies.training_weights import inverse_propensity
from shared.sections.operation import Monitor
from shared.sections.training import Train
from shared.settings import Settings
from shared.tasks import metrics
from shared.tasks.ranking.ranking_task import WORDS as RANKING_WORDS
from tests.card_words import card_words
from tests.conftest import bundle_of
from tests.monitoring.traffic import read_case, words
from tests.tasks.impressions import ITEMS, SLATE, impressions, shelf


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return shelf(tmp_path_factory.mktemp("shelf"))


@pytest.fixture(scope="module")
def bundle(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("bundle") / "bundle"
    return bundle_of(impressions(1_500, days=60), settings, "boosting", folder)


def answered(bundle: Bundle, said: float = 1.0, week: int = 0, slates: int = 800) -> pd.DataFrame:
    """Return a week in which item 3 was first in nine of ten slates, as the log has it.

    The model says of it `said` times the odds that it has.
    """
    random, rows = np.random.default_rng(week), impressions(slates, seed=90 + week, days=7)
    first = rows["place"] == 1
    rows["shown"] += pd.Timedelta(days=61 + 7 * week)
    chosen = first & (random.random(len(rows)) < 0.9)
    rows.loc[chosen, "item"] = "i03"
    left = ITEMS - rows["place"] + 1
    rows["propensity"] = np.where(first, 0.1, 1) / left + 0.9 * (first & (rows["item"] == "i03"))
    chance = bundle.scores(rows)
    rows["clicked"] = random.random(len(rows)) < chance
    odds = chance / (1 - chance) * np.where(rows["item"] == "i03", said, 1)
    rows["probability"] = odds / (1 + odds)
    rows["prediction"] = rows["probability"] >= bundle.manifest.rule.threshold
    named = {"visit": "slate", "place": "position", "clicked": "outcome"}
    return rows.rename(columns=named).assign(policy="epsilon 0.1", candidates=ITEMS)


def evenly(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows as if all items had had the same chance."""
    return rows.assign(propensity=1 / (ITEMS - rows["position"] + 1))


def judged(traffic: pd.DataFrame, bundle: Bundle, settings: Settings, *earlier: Verdict) -> Verdict:
    case = read_case(traffic, bundle, settings)
    same = [old.model_copy(update={"source": case.scope.source}) for old in earlier]
    return judge.judge(case, findings.find(case), same)


def test_a_model_that_is_right_of_its_favourite_is_not_accused(
    bundle: Bundle, settings: Settings
) -> None:
    found = judged(answered(bundle), bundle, settings)
    assert found.feedback
    assert found.feedback.rows == 800 * SLATE
    assert found.feedback.decided == pytest.approx({"epsilon 0.1": 0.9 * 11 / 12 / SLATE}, abs=0.01)
    assert {one.name for one in found.feedback_checks} == {"favourites", "explored", "positions"}
    assert not [one for one in found.feedback_checks if one.proven]
    assert not [reason for reason in found.reasons if reason.stage == "feedback loop"]


def test_a_loop_is_named_with_what_to_do(bundle: Bundle, settings: Settings) -> None:
    traffic = answered(bundle, said=9.0)
    found = judged(traffic, bundle, settings)
    (reason,) = (one for one in found.reasons if one.stage == "feedback loop")
    assert reason.level == "watch"
    assert reason.number > reason.threshold
    assert ("watch", reason.what) in words(found)
    assert reason.next_step == (
        'Weigh the rows to learn from ([train] weights = "inverse_propensity"); explore more '
        '([explore] share); spread what is shown ([explore] by = "softmax"). Then train again on '
        "the served rows."
    )
    assert read_verdict(found.plain()) == found
    case = read_case(traffic, bundle, settings)
    shown = card_words(cards.summary(case, findings.find(case), found, [found]))
    assert any(line.startswith("## Feedback loop") for line in shown)


def test_weights_of_the_next_training_are_those_of_the_settings(
    bundle: Bundle, settings: Settings
) -> None:
    weighed = settings.model_copy(update={"train": Train(weights="inverse_propensity", clip=100)})
    case = read_case(answered(bundle), bundle, weighed)
    rows = case.window.impressions
    assert rows
    weights = inverse_propensity(rows.propensity, 100)
    found = feedback.read(case)
    assert found == feedback_measures.measure(rows, bundle.digest, weights)
    assert found != feedback_measures.measure(rows, bundle.digest)


def test_windows_before_are_the_latest_verdicts_on_each(bundle: Bundle, settings: Settings) -> None:
    weeks = [answered(bundle, week=week, slates=200) for week in range(3)]
    verdicts: list[Verdict] = []
    for week in weeks:
        verdicts.append(judged(week, bundle, settings, *verdicts))
    case = read_case(weeks[2], bundle, settings)
    same = [one.model_copy(update={"source": case.scope.source}) for one in verdicts]
    again = same[0].model_copy(update={"judged_at": "2999-01-01T00:00:00+00:00"})
    elsewhere = same[1].model_copy(update={"source": "elsewhere"})
    before = feedback.windows_before(case, [same[1], again, *same, elsewhere])
    assert before == [again, same[1]]
    variety = next(one for one in verdicts[2].feedback_checks if one.name == "variety")
    assert variety.windows == 3


def test_what_the_policy_chose_is_no_fault_of_a_feed(bundle: Bundle, settings: Settings) -> None:
    served = read_case(answered(bundle), bundle, settings)
    assert feedback.chosen_columns(served) == {"item", "price", "probability"}
    columns = {each.statistic.column for each in findings.find(served).deviations}
    assert "user" in columns
    assert not columns & {"item", "price", "probability"}
    even = read_case(evenly(answered(bundle)), bundle, settings)
    assert feedback.chosen_columns(even) == frozenset()


def test_what_the_policy_chose_is_held_against_its_own_chances(
    bundle: Bundle, settings: Settings
) -> None:
    case = read_case(answered(bundle), bundle, settings)
    judged = findings.find(case).quality
    assert judged.expected["log_loss"].value == judged.estimated["log_loss"].value
    assert judged.expected["log_loss"] != bundle.evaluation.scores["log_loss"]
    assert not [loss for loss in judged.losses if loss.slice]
    assert feedback.tolerated(case) == TOLERANCE["favourites"]
    evenly_chosen = read_case(evenly(answered(bundle)), bundle, settings)
    assert findings.find(evenly_chosen).quality.expected == bundle.evaluation.scores
    assert feedback.tolerated(evenly_chosen) == 0


def test_rows_that_no_policy_decided_have_no_loop(bundle: Bundle, settings: Settings) -> None:
    found = judged(evenly(answered(bundle, said=9.0, slates=200)), bundle, settings)
    assert found.feedback
    assert found.feedback.decided_share < 0.01
    assert found.feedback_checks == ()


def test_rows_of_no_slate_say_nothing(bundle: Bundle, settings: Settings) -> None:
    rows = answered(bundle, slates=100).drop(columns=["candidates"])
    assert judged(rows, bundle, settings).feedback is None


def test_evidently_reports_slates_in_the_order_of_their_chances(
    bundle: Bundle, settings: Settings
) -> None:
    few = settings.model_copy(update={"monitor": Monitor(sample_rows=200)})
    case = read_case(answered(bundle), bundle, few)
    page = drill_down.write(case, findings.find(case)).quality
    assert "200 of 4,000 rows of slates" in page
    assert "NDCG" in page
    assert "Evidently could not draw" not in page
    shown = report_sample.slates(case)
    assert shown is not None
    assert shown.window.groupby("slate").size().tolist() == [SLATE] * 40
    assert {*shown.window["item"]} <= {f"i{at:02d}" for at in range(ITEMS)}
    chosen = shown.window["item"].value_counts(normalize=True)
    assert chosen["i03"] > 0.15


def test_metrics_of_slates_stand_beside_those_of_the_holdout_and_are_not_judged(
    bundle: Bundle, settings: Settings
) -> None:
    case = read_case(answered(bundle), bundle, settings)
    found = findings.find(case)
    names = ("ndcg", "map", "mrr", "hit_rate", "recall", "novelty", "exposure_gini")
    for name in names:
        now = found.quality.scores[name]
        assert now.low < now.value < now.high
        assert found.quality.expected[name] == bundle.evaluation.scores[name]
    assert found.quality.scores["item_coverage"].value == 1
    assert {loss.metric for loss in found.quality.losses}.isdisjoint(names)
    more = found.quality.scores["exposure_gini"].value
    assert more > bundle.evaluation.scores["exposure_gini"].value
    components = card_sections.quality(found.quality, case.bundle.task)
    said, ndcg = card_words(components), found.quality.scores["ndcg"]
    assert f"NDCG | {ndcg} | — | {bundle.evaluation.scores['ndcg']}" in said
    assert any(line.endswith(RANKING_WORDS.shown) for line in said)
    alone = findings.find(read_case(answered(bundle).drop(columns="slate"), bundle, settings))
    assert "ndcg" not in alone.quality.scores
    lines = card_words(card_sections.quality(alone.quality, case.bundle.task))
    assert not any("not judged" in line for line in lines)


def test_a_file_of_impressions_has_metrics_of_slates_as_the_holdout_has(
    bundle: Bundle, settings: Settings
) -> None:
    rows = impressions(300, seed=77, days=7)
    case = read_case(rows, bundle, settings)
    quality = findings.find(case).quality
    answers = bundle.task.answers(bundle.scores(rows), bundle.manifest.rule, rows)
    measured = bundle.task.measured(answers["probability"], bundle.manifest.rule, rows)
    whole = metrics.score(bundle.task.measure, rows["clicked"].to_numpy("float64"), measured)
    assert {*quality.of_slates} == {*METRICS["ranking"]} - {*METRICS["binary"]}
    for name in quality.of_slates:
        assert quality.scores[name].value == pytest.approx(whole[name].value)
    # No policy says how its items were chosen: there is no loop to look for.
    assert case.window.chosen is feedback.read(case) is report_sample.slates(case) is None
    assert feedback.chosen_columns(case) == frozenset()
    unread = rows.assign(place=rows["place"].astype(str).replace("1", "first"))
    assert findings.find(read_case(unread, bundle, settings)).quality.of_slates == ()
