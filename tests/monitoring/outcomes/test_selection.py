"""What a window shows where the model's own answers decide which outcomes are seen."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from shared.model.bundle import Bundle
from shared.model.verdict import Verdict, read_verdict
from shared.monitoring import cards, findings, judge
from shared.monitoring.outcomes import selection
from shared.sections.answers import Action
from shared.settings import Settings
from tests.card_words import card_words
from tests.conftest import bundle_of, loans
from tests.monitoring.traffic import read_case

ACTION = Action(let_through=0.2)
KNOWN = ["defaulted"]


@pytest.fixture(scope="module")
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"action": ACTION, "threshold": 0.35})


@pytest.fixture(scope="module")
def bundle(
    settings: Settings, table: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> Bundle:
    return bundle_of(table, settings, "logistic", tmp_path_factory.mktemp("acting") / "bundle")


def served(bundle: Bundle, seed: int = 5, odds: float = 1.0, weeks: int = 0) -> pd.DataFrame:
    """Return three weeks of answers as ScoreFlow writes them, with the outcomes that are seen.

    Of what the bundle acts on, outcomes have so many times the odds that it says.
    """
    rows, random = loans(2_000, seed), np.random.default_rng(seed)
    since = (rows["applied"] - pd.Timestamp("2024-01-01", tz="UTC")) / 4.3
    rows["applied"] = pd.Timestamp("2024-04-01", tz="UTC") + since.dt.floor("s")
    rows["applied"] += pd.Timedelta(weeks=weeks)
    rows = rows.assign(**bundle.answers(bundle.scores(rows), rows), bundle=bundle.digest)
    said, times = rows["probability"], np.where(rows["prediction"], odds, 1.0)
    rows["defaulted"] = random.random(len(rows)) < times * said / (1 - said + times * said)
    rows["outcome"] = rows["defaulted"].astype("float64").mask(rows["action"])
    return rows


def judged(rows: pd.DataFrame, bundle: Bundle, settings: Settings, *old: Verdict) -> Verdict:
    case = read_case(rows.drop(columns=KNOWN), bundle, settings)
    same = [one.model_copy(update={"source": case.scope.source}) for one in old]
    return judge.judge(case, findings.find(case), same)


def test_a_model_that_is_right_has_a_window_that_is_ordinary(
    bundle: Bundle, settings: Settings
) -> None:
    rows = served(bundle)
    found = judged(rows, bundle, settings)
    assert not [one for one in found.reasons if one.stage in ("quality", "outcomes")], found.reasons
    assert not [one for one in found.reasons if one.stage == "feedback loop"]
    now = found.selection
    assert now is not None
    assert (now.rows, now.acted) == (len(rows), rows["action"].sum())
    assert now.let_through == (rows["prediction"] & ~rows["action"]).sum()
    assert now.share is not None
    assert now.share[1] < rows["defaulted"].mean() < now.share[2]
    assert now.naive == pytest.approx(rows["outcome"].mean())
    assert rows["defaulted"].mean() - now.naive > 0.05
    assert found.selection_check is not None
    assert found.selection_check.low < 0 < found.selection_check.high
    assert read_verdict(found.plain()) == found


def test_quality_is_of_rows_that_are_seen_beside_what_is_expected_of_these(
    bundle: Bundle, settings: Settings
) -> None:
    rows = served(bundle)
    case = read_case(rows.drop(columns=KNOWN), bundle, settings)
    quality = findings.find(case).quality
    assert quality.due == quality.received == (~rows["action"]).sum()
    expected, seen = (found["roc_auc"] for found in (quality.expected, quality.scores))
    assert expected.value < bundle.evaluation.scores["roc_auc"].value
    assert expected.low < seen.value < expected.high
    assert not [loss for loss in quality.losses if loss.slice]
    # That those who were refused have no outcome is no loss of outcomes.
    assert quality.traits["share without an outcome"].value == 0


def test_a_model_that_is_wrong_of_what_it_acts_on_is_named(
    bundle: Bundle, settings: Settings
) -> None:
    first = judged(served(bundle, 1, odds=0.25), bundle, settings)
    found = judged(served(bundle, 2, odds=0.25, weeks=3), bundle, settings, first)
    (reason,) = (one for one in found.reasons if one.stage == "feedback loop")
    assert (reason.level, reason.check) == ("watch", "let through")
    assert reason.number > reason.threshold
    assert reason.what.startswith("the model is wrong of what it acts on: of ")
    assert "points fewer came true than it says (95 % interval" in reason.what
    assert found.selection_check is not None
    assert found.selection_check.windows == 2
    assert reason.next_step.startswith('Weigh the rows to learn from ([train] weights = "inverse')
    case = read_case(served(bundle, 2).drop(columns=KNOWN), bundle, settings)
    shown = card_words(cards.summary(case, findings.find(case), found, [found]))
    assert any(line.startswith("## Selective labels") for line in shown)


def test_where_nobody_is_let_through_the_verdict_says_what_cannot_be_seen(
    bundle: Bundle, settings: Settings
) -> None:
    blind = replace(bundle)
    action = {"action": Action(let_through=0)}
    vars(blind)["contract"] = bundle.contract.model_copy(update=action)
    rows = served(blind)
    found = judged(rows, blind, settings)
    assert found.selection is not None
    assert found.selection_check is None
    assert (found.selection.share, found.selection.scores) == (None, {})
    hidden = f"The outcomes of {rows['action'].mean():.1%} of the rows are never seen, as the model"
    (note,) = (note for note in found.notes if note.startswith(hidden))
    assert "[action] let_through = 0.05" in note


def test_what_a_file_has_by_such_names_without_answers_decided_nothing(
    bundle: Bundle, settings: Settings
) -> None:
    rows = served(bundle).drop(columns="bundle").assign(outcome=1.0)
    case = read_case(rows.drop(columns=KNOWN), bundle, settings)
    assert selection.read(case) is None
    assert findings.find(case).quality.due == len(rows)
