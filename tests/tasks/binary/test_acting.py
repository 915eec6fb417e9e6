"""A binary target that is acted on: what is answered, logged and chosen by."""

from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.model.predictor import Predictor
from shared.policies.let_through import decide
from shared.schema import columns
from shared.scoring.answers import Scorer
from shared.sections.answers import Action
from shared.sections.training import Train
from shared.serving.request_rows.rows import AnswerForm
from shared.settings import Settings
from shared.tasks.binary.acting import Acting
from shared.tasks.binary.binary_task import Threshold
from shared.training import served_rows
from shared.training import table as tables
from tests.conftest import bundle_of
from tests.monitoring.traffic import week

ACTION = Action(let_through=0.2, seed=3)
TASK = Acting(action=ACTION, key="loan")
CHANCES = np.array([0.9, 0.2, 0.8, np.nan])
DAY = pd.Timedelta(days=1)
NAMES = ["prediction", "probability", "action", "propensity"]


@pytest.fixture(scope="module")
def acting(settings: Settings) -> Settings:
    return settings.model_copy(update={"action": ACTION, "threshold": 0.35})


@pytest.fixture(scope="module")
def bundle(
    acting: Settings, table: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> Bundle:
    return bundle_of(table, acting, "logistic", tmp_path_factory.mktemp("acting") / "bundle")


def asked_of(bundle: Bundle, rows: pd.DataFrame) -> columns.Columns:
    contract = bundle.contract
    names = (contract.key, contract.time, *contract.features)
    plain = rows[[*names]].astype(object).where(rows[[*names]].notna(), None)
    return columns.of_rows(plain.to_dict("records"), names)


def test_an_answer_says_what_is_done_and_the_chance_of_its_outcome() -> None:
    rows = pd.DataFrame({"loan": ["a", "b", "c", "d"]})
    found = TASK.answers(CHANCES, Threshold(threshold=0.5), rows)
    assert [*found] == NAMES == [column.name for column, _ in TASK.columns]
    assert found["propensity"].tolist() == [0.2, 1, 0.2, 1]
    assert found["action"].tolist() == decide(found["prediction"], rows["loan"], ACTION)[0].tolist()
    assert not found["action"][[1, 3]].any()
    without = TASK.answers(CHANCES, Threshold(threshold=0.5), rows[[]])
    assert without["action"].tolist() == without["prediction"].tolist()


def test_a_threshold_is_chosen_by_weighed_rows(settings: Settings) -> None:
    rows = pd.DataFrame({"defaulted": [1, 1, 0, 0, 0, 1], "propensity": [1, 1, 1, 1, 1, 0.1]})
    scores = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    alike = settings.model_copy(update={"action": ACTION})
    weighed = alike.model_copy(update={"train": Train(weights="inverse_propensity", clip=50)})
    assert TASK.choose_rule(rows, scores, alike) == Threshold(threshold=0.1)
    assert TASK.choose_rule(rows, scores, weighed) == Threshold(threshold=0.6)


def test_the_base_rate_is_that_of_weighed_rows(settings: Settings) -> None:
    rows = pd.DataFrame(
        {"defaulted": [1, 0, 0, 0], "propensity": [0.25, 1, 1, 1], "grade": ["a", "a", "b", "b"]}
    )
    weighed = settings.model_copy(
        update={"action": ACTION, "train": Train(weights="inverse_propensity"), "baseline": ()}
    )
    assert TASK.baseline(rows, rows, weighed) == pytest.approx([4 / 7] * 4)
    alike = weighed.model_copy(update={"train": Train()})
    assert TASK.baseline(rows, rows, alike) == pytest.approx([1 / 4] * 4)
    grouped = weighed.model_copy(update={"baseline": ("grade",)})
    of_a, _, of_b, _ = TASK.baseline(rows, rows, grouped)
    assert of_a > 4 / 7 > of_b


def test_models_are_judged_by_weighed_rows(
    acting: Settings, table: pd.DataFrame, tmp_path: Path
) -> None:
    rng = np.random.default_rng(5)
    seen = table.assign(propensity=np.where(rng.random(len(table)) < 0.1, 0.1, np.nan))
    train = Train(weights="inverse_propensity", clip=50)
    weighed = acting.model_copy(update={"train": train})
    judged = bundle_of(seen, weighed, "logistic", tmp_path / "weighed").evaluation
    alike = acting.model_copy(update={"train": train.model_copy(update={"weights": "none"})})
    before = bundle_of(seen, alike, "logistic", tmp_path / "alike").evaluation
    assert judged.scores["log_loss"].error > 1.2 * before.scores["log_loss"].error
    other = judged.comparisons["baseline"]
    gained = judged.scores["log_loss"].value - other.scores["log_loss"].value
    assert other.difference["log_loss"].value == pytest.approx(gained)


def test_a_server_and_a_table_are_answered_alike_and_the_log_gives_it_again(
    bundle: Bundle, tmp_path: Path
) -> None:
    assert bundle.contract.action == bundle.settings.action == ACTION
    rows = week(rows=150)
    logged = Predictor(bundle).score(asked_of(bundle, rows))
    assert 10 < sum(logged["action"]) < sum(logged["prediction"])
    form = AnswerForm(bundle.contract)
    written = msgspec.json.decode(msgspec.json.encode(form.answers(logged)))
    assert [*written[0]] == ["prediction_id", "key", *NAMES, "bundle"]
    assert [row["action"] for row in written] == logged["action"]
    required = form.schema("{model}")["required"]
    assert {*NAMES} <= {*required}
    scored = Scorer(bundle, features=True).answer(pa.Table.from_pandas(rows, preserve_index=False))
    for name in ("action", "propensity"):
        assert scored.answers[name].to_pylist() == logged[name]
    log = PredictionLog("loans", bundle.contract, f"sqlite:///{tmp_path / 'log.db'}")
    log.predictions.append_columns(logged)
    (kept,) = log.predictions.batches(rows["applied"].min(), rows["applied"].max() + DAY)
    log.close()
    again = decide(kept["prediction"].to_numpy(bool), kept["key"], ACTION)
    assert kept["action"].astype(bool).tolist() == again.acted.tolist()
    assert kept["propensity"].tolist() == again.propensity.tolist()


def test_a_log_of_before_there_were_actions_is_read(bundle: Bundle, tmp_path: Path) -> None:
    address, rows = f"sqlite:///{tmp_path / 'log.db'}", week(rows=40)
    before = bundle.contract.model_copy(update={"action": None})
    old = PredictionLog("loans", before, address)
    logged = Predictor(bundle).score(asked_of(bundle, rows))
    old.predictions.append_columns({n: v for n, v in logged.items() if n not in NAMES[2:]})
    old.close()
    new = PredictionLog("loans", bundle.contract, address)
    span = rows["applied"].min(), rows["applied"].max() + DAY
    assert len(new.predictions.window(*span)) == 40
    new.predictions.append_columns(Predictor(bundle).score(asked_of(bundle, rows)))
    assert new.predictions.window(*span)["propensity"].notna().sum() == 40
    new.close()


def test_served_rows_bring_their_propensities_and_those_whose_outcome_is_never_seen(
    bundle: Bundle, acting: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILLRACE_LOG", f"sqlite:///{tmp_path / 'log.db'}")
    log, rows = PredictionLog("loans", bundle.contract), week(rows=200).dropna(subset="defaulted")
    logged = Predictor(bundle).score(asked_of(bundle, rows))
    log.predictions.append_columns(logged)
    acted = np.array(logged["action"])
    seen = rows[~acted]
    overruled = rows[acted].head(3)
    known = pd.concat([seen, overruled]).astype({"defaulted": bool})
    log.outcomes.add(dict(known[["loan", "defaulted"]].to_numpy()))
    log.close()
    before, contract, _ = tables.load(acting)
    assert "propensity" not in before
    assert "propensity" in served_rows.served_contract(contract, acting).answered_as
    found, after, broken = tables.load(acting, served=True)
    assert not [each for each in broken if each.enforced]
    assert after.answered_as == {"propensity": "propensity"}
    added = found.tail(len(rows)).set_index("loan").loc[rows["loan"]]
    assert added["defaulted"].notna().sum() == len(known)
    outcomes = known.set_index("loan")["defaulted"].astype(float)
    assert added["defaulted"].dropna().astype(float).to_dict() == outcomes.to_dict()
    chances = pd.Series(logged["propensity"], index=rows["loan"]).mask(acted)
    pd.testing.assert_series_equal(added["propensity"], chances, check_names=False)
    assert found["propensity"].head(len(before)).isna().all()
