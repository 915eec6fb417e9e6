"""What only a problem of several classes has on its way from a table to a verdict."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score

from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.monitoring import cards as window_cards
from shared.monitoring import drill_down, findings, judge
from shared.settings import Settings
from shared.settings_reading import parse_settings, typed_settings
from shared.tasks.multiclass.multiclass_rules import LeastCost
from shared.tasks.multiclass.multiclass_task import Multiclass
from tests.card_words import card_words
from tests.conftest import bundle_of
from tests.kinds import FATES, MULTICLASS
from tests.log.loans import EVER
from tests.monitoring.traffic import answer, judged, read_case

COSTS = '\n[costs]\nlate = { paid = 4.0 }\n"written off" = { paid = 9 }\n'


@pytest.fixture(scope="module")
def settings() -> Settings:
    return MULTICLASS.settings()


@pytest.fixture(scope="module")
def bundle(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("bundles") / "claims"
    return bundle_of(MULTICLASS.claims(6_000, 0), settings, "boosting", folder)


def test_its_evaluation_is_of_the_classes_and_knows_what_tells_of_them(bundle: Bundle) -> None:
    found = bundle.evaluation
    assert [one.name for one in found.diagnostics.classes] == sorted(FATES)
    assert {one.feature for one in found.importance[:2]} == {"age", "region"}


def test_its_windows_card_names_the_class_that_is_furthest_off(bundle, settings) -> None:
    rows = MULTICLASS.week(bundle)
    case = read_case(rows.assign(outcome=swapped(rows["outcome"])), bundle, settings)
    found = findings.find(case)
    shown = window_cards.summary(case, found, judge.judge(case, found), [])
    lines = card_words(shown)
    for words in ("**observed share of 'late'** | ", "**predicted share of 'late'** | "):
        assert any(line.startswith(words) for line in lines)
    assert any(
        line.startswith("all rows | share of 'late' (by how much it is off) | ") for line in lines
    )


def test_its_reference_and_golden_rows_have_the_classes_themselves(bundle: Bundle) -> None:
    for rows in (bundle.reference(), bundle.golden()):
        assert {*rows["fate"]} <= {*FATES}
        assert {*rows["prediction"]} <= {*FATES}


def swapped(outcome: pd.Series) -> pd.Series:
    return outcome.replace({"paid": "late", "late": "paid"})


def with_a_new_class(outcome: pd.Series) -> pd.Series:
    return outcome.where(np.arange(len(outcome)) % 8 > 0, "forgotten")


def without_one(outcome: pd.Series) -> pd.Series:
    return outcome.replace("sold on", "paid")


@pytest.mark.parametrize("wrong", [pd.Series.copy, with_a_new_class, without_one])
def test_evidently_reports_on_classes_that_come_and_that_are_new(bundle, settings, wrong) -> None:
    rows = MULTICLASS.week(bundle)
    case = read_case(rows.assign(outcome=wrong(rows["outcome"])), bundle, settings)
    page = drill_down.write(case, findings.find(case)).quality
    assert "could not draw" not in page
    assert ("Left out because the window or the reference lacks these classes" in page) == (
        wrong is not pd.Series.copy
    )


def test_a_bundle_of_other_classes_adds_its_columns_to_the_log(bundle, tmp_path: Path) -> None:
    address, columns_of = f"sqlite:///{tmp_path / 'log.db'}", bundle.contract.columns
    target = bundle.contract["fate"].model_copy(update={"categories": ("late", "lost", "paid")})
    others = tuple(target if column.name == "fate" else column for column in columns_of)
    other = bundle.contract.model_copy(update={"columns": others})
    older, row = PredictionLog("claims", bundle.contract, address), MULTICLASS.week(bundle)[:1]
    answer(older, row.rename(columns={"outcome": "fate"}), bundle)
    newer = PredictionLog("claims", other, address)
    held = older.predictions.window(*EVER).iloc[0].to_dict()
    lost = dict.fromkeys(Multiclass(target.categories).score_names, 1 / 3)
    gone = [n for n in bundle.task.score_names if n not in lost]
    answered = {name: value for name, value in held.items() if name not in (*gone, "outcome")}
    newer.predictions.append([answered | lost | {"prediction_id": "new", "prediction": "lost"}])
    for log in (older, newer):
        assert len(log.predictions.window(*EVER)) == 2
    found = newer.predictions.window(*EVER).set_index("prediction_id")
    assert found.loc["new", "probability_lost"] == 1 / 3
    assert np.isnan(found["probability_lost"]).sum() == 1
    older.close()
    newer.close()


def test_costs_decide_what_is_answered_in_training_and_after(
    tmp_path: Path, settings: Settings
) -> None:
    costly = typed_settings(parse_settings(MULTICLASS.text + COSTS))
    bundle = bundle_of(MULTICLASS.claims(3_000, 0), costly, "boosting", tmp_path / "claims")
    assert isinstance(bundle.manifest.rule, LeastCost)
    rows = MULTICLASS.week(bundle)
    assert (rows["prediction"] == "paid").mean() < 0.5 < (rows["outcome"] != "sold on").mean()
    found, _ = judged(rows, bundle, costly)
    exact = accuracy_score(rows["outcome"], rows["prediction"])
    assert found.quality.scores["accuracy"].value == pytest.approx(exact)
