"""A bundle's answers to a table's rows: those of the model, or a refusal with its reasons."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.monitoring.windows import scope
from shared.monitoring.windows.reading import WindowReader
from shared.schema.inference import infer_contract
from shared.scoring import partitions, score
from shared.scoring.answers import Scorer
from shared.settings import Settings
from shared.tables import sources
from tests.conftest import bundle_of
from tests.monitoring.traffic import week
from tests.scoring.conftest import read_answers, score_asked


def test_answers_are_the_model_s_with_key_time_bundle_and_prediction(
    bundle: Bundle, settings: Settings, asked: pd.DataFrame
) -> None:
    done = score_asked(bundle, settings)
    assert (done.rows, done.answered, done.refused) == (400, 400, 0)
    found = read_answers()
    expected = asked.sort_values("loan", ignore_index=True)
    assert np.array_equal(found["probability"], bundle.scores(expected))
    assert found["applied"].tolist() == expected["applied"].tolist()
    cut = bundle.manifest.rule.threshold
    assert found["prediction"].tolist() == (found["probability"] >= cut).tolist()
    assert set(found["bundle"]) == {bundle.digest}
    known = expected["defaulted"].notna()
    assert found["outcome"].notna().tolist() == known.tolist()
    assert sorted(path.parent.name for path in Path("scored").rglob("*.parquet")) == [
        f"part={number}" for number in range(4)
    ]


def test_rows_that_break_the_contract_are_refused_with_reasons_and_counted(
    bundle: Bundle, settings: Settings, asked: pd.DataFrame
) -> None:
    file = next(Path("asked/part=1").iterdir())
    rows = pd.read_parquet(file)
    rows.loc[rows.index[:3], "age"] = 150
    rows.loc[rows.index[3], "loan"] = None
    rows.to_parquet(file, index=False)
    done = score_asked(bundle, settings)
    assert (done.rows, done.answered, done.refused) == (400, 396, 4)
    assert done.reasons == {"age: outside 18 to 120": 3, "loan: missing": 1}
    aside = sources.read_source("./scored.refused")
    assert aside["age"].eq(150).sum() == 3
    assert sorted(set(aside["reason"])) == ["age: outside 18 to 120", "loan: missing"]
    asked.iloc[1::4].to_parquet(file, index=False)
    assert score_asked(bundle, settings).refused == 0
    assert not list(Path("scored.refused").rglob("*.parquet"))


def test_monitoring_judges_the_answers_as_it_judges_a_file(
    bundle: Bundle, settings: Settings, asked: pd.DataFrame
) -> None:
    frame = week(233)
    Path("asked/part=0").rename("gone")
    for at, part in enumerate(np.array_split(np.arange(233), 3)):
        place = Path(f"weeks/part={at}")
        place.mkdir(parents=True)
        frame.iloc[part].to_parquet(place / "rows.parquet", index=False)
    planned = partitions.plan(settings, bundle, "weeks", output="weeks-scored")
    score.score(planned, planned.partitions, bundle, settings)
    frame.to_parquet("week.parquet", index=False)
    of_folder = WindowReader(scope.plan_table("weeks-scored"), bundle, settings).read()
    of_file = WindowReader(scope.plan_table("week.parquet"), bundle, settings).read()
    of_input = WindowReader(scope.plan_table("weeks"), bundle, settings).read()
    for found in (of_folder, of_input):
        assert (found.profile.size, found.others, found.labelled) == (233, 0, True)
        for name, counts in of_file.profile.counts.items():
            assert np.array_equal(found.profile.counts[name], counts), name
        assert (found.first, found.last) == (of_file.first, of_file.last)
    planned = scope.plan_table("weeks-scored")
    assert (planned.rows, len(planned.parts), len(planned.parts[0].files)) == (233, 1, 3)


def test_another_bundle_s_answers_are_left_out_and_bare_answers_are_not_judged(
    bundle: Bundle, settings: Settings, asked: pd.DataFrame
) -> None:
    score_asked(bundle, settings)
    file = Path("scored/part=0/scores.parquet")
    held = pd.read_parquet(file)
    held.assign(bundle="f" * 64).to_parquet(file, index=False)
    found = WindowReader(scope.plan_table("scored"), bundle, settings).read()
    assert (found.profile.size, found.others) == (300, 100)
    bare = settings.model_copy(
        update={"score": settings.score.model_copy(update={"features": False})}
    )
    assert score_asked(bundle, bare).partitions_scored_now == 4
    answers = ["loan", "applied", "bundle", "prediction", "probability", "outcome"]
    assert list(read_answers()) == [*answers, "part"]
    with pytest.raises(Refusal, match="has answers without the features"):
        WindowReader(scope.plan_table("scored"), bundle, settings).read()


def test_a_table_without_a_feature_refuses_its_rows_by_name(
    bundle: Bundle, settings: Settings, asked: pd.DataFrame
) -> None:
    for file in Path("asked").rglob("*.parquet"):
        pd.read_parquet(file).drop(columns="age").to_parquet(file, index=False)
    done = score_asked(bundle, settings)
    assert (done.answered, done.refused) == (0, 400)
    assert done.reasons == {"age: missing": 400}


def test_rows_without_a_key_and_a_time_are_answered_by_their_files_and_places(
    keyless: Bundle, settings: Settings, asked: pd.DataFrame
) -> None:
    for file in Path("asked").rglob("*.parquet"):
        rows = pd.read_parquet(file).drop(columns=["loan", "applied"])
        rows.to_parquet(file.with_name("rows.parquet"), index=False)
        file.unlink()
    done = score_asked(keyless, settings)
    assert (done.answered, done.refused) == (400, 0)
    found = read_answers()
    assert {*found["loan"]} == {
        f"part={part}/rows.parquet:{place}" for part in range(4) for place in range(1, 101)
    }
    assert found["applied"].notna().all()


def test_a_target_of_two_texts_is_an_outcome_and_no_hindrance(
    settings: Settings, table: pd.DataFrame, tmp_path: Path
) -> None:
    texts = table.assign(defaulted=table["defaulted"].map({1.0: "Y", 0.0: "N"}))
    said = settings.model_copy(update={"positive": "Y"})
    contract = infer_contract(texts, said)
    lettered = bundle_of(table, said, "logistic", tmp_path / "lettered", contract)
    scorer = Scorer(lettered, features=False)
    answers = scorer.answer(pa.Table.from_pandas(texts.head(50), preserve_index=False)).answers
    assert answers["outcome"].to_pylist() == [
        None if pd.isna(value) else bool(value) for value in table["defaulted"].head(50)
    ]
