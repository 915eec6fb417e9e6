"""Tables answered partition by partition: every row told, none twice, and judged afterwards."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.monitoring import scope, window
from shared.scoring import partitions, reconcile, score
from shared.scoring.reconcile import ScoreResult
from shared.settings import Settings
from shared.tables import sources, table_files
from tests.conftest import loans
from tests.monitoring.traffic import week


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    """Stand in a folder whose folder `asked` has four partitions of loans, and return them."""
    monkeypatch.chdir(tmp_path)
    rows = loans(400, seed=5)
    rows["part"] = np.arange(400) % 4
    rows.to_parquet("asked", partition_cols=["part"], index=False)
    return rows.drop(columns="part")


def run(bundle: Bundle, settings: Settings, **given: str) -> ScoreResult:
    """Do what the flow's tasks do, one after another."""
    planned = partitions.plan(settings, bundle, "asked", output="scored", **given)
    scored = [one for part in planned.parts for one in score.score(planned, part, bundle, settings)]
    return reconcile.score_result(planned, scored)


def read() -> pd.DataFrame:
    return sources.read_source("./scored").sort_values("loan", ignore_index=True)


def test_answers_are_the_model_s_with_key_time_bundle_and_prediction(
    bundle: Bundle, settings: Settings, asked: pd.DataFrame
) -> None:
    done = run(bundle, settings)
    assert (done.rows, done.answered, done.refused) == (400, 400, 0)
    found = read()
    expected = asked.sort_values("loan", ignore_index=True)
    assert np.array_equal(found["probability"], bundle.probabilities(expected))
    assert found["applied"].tolist() == expected["applied"].tolist()
    cut = bundle.manifest.threshold
    assert found["prediction"].tolist() == (found["probability"] >= cut).tolist()
    assert set(found["bundle"]) == {bundle.digest}
    known = expected["defaulted"].notna()
    assert found["outcome"].notna().tolist() == known.tolist()
    assert sorted(path.parent.name for path in Path("scored").rglob("*.parquet")) == [
        f"part={number}" for number in range(4)
    ]


def test_batches_and_threads_change_nothing(
    bundle: Bundle, settings: Settings, asked: pd.DataFrame
) -> None:
    run(bundle, settings)
    whole = read()
    few = settings.model_copy(
        update={"score": settings.score.model_copy(update={"batch_rows": 7, "tasks": 2})}
    )
    for file in Path("scored").rglob("*.parquet"):
        file.unlink()
    assert run(bundle, few).partitions_scored_now == 4
    pd.testing.assert_frame_equal(read(), whole)


def test_a_rerun_scores_only_what_is_not_there_for_the_same_rows_and_bundle(
    bundle: Bundle, settings: Settings, asked: pd.DataFrame
) -> None:
    run(bundle, settings)
    assert run(bundle, settings).partitions_scored_now == 0
    Path("scored/part=2/scores.parquet").write_text("cut short")
    changed = next(Path("asked/part=3").iterdir())
    pd.read_parquet(changed).assign(age=30).to_parquet(changed, index=False)
    done = run(bundle, settings)
    assert (done.partitions_scored_now, done.partitions_scored_before) == (2, 2)
    assert done.answered == len(read()) == 400
    planned = partitions.plan(settings, bundle, "asked", output="other")
    assert [partition.folder for part in planned.parts for partition in part] == [
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
    done = run(bundle, settings)
    assert (done.rows, done.answered, done.refused) == (400, 396, 4)
    assert done.reasons == {"age: outside 18 to 120": 3, "loan: missing": 1}
    aside = sources.read_source("./scored.refused")
    assert aside["age"].eq(150).sum() == 3
    assert sorted(set(aside["reason"])) == ["age: outside 18 to 120", "loan: missing"]
    asked.iloc[1::4].to_parquet(file, index=False)
    assert run(bundle, settings).refused == 0
    assert not list(Path("scored.refused").rglob("*.parquet"))


def test_a_row_that_got_lost_fails_the_run_in_a_clear_line(
    bundle: Bundle, settings: Settings, asked: pd.DataFrame
) -> None:
    planned = partitions.plan(settings, bundle, "asked", output="scored")
    scored = [one for part in planned.parts for one in score.score(planned, part, bundle, settings)]
    file = Path("scored/part=0/scores.parquet")
    held, note = pq.read_table(file), pq.read_metadata(file).metadata[partitions.NOTE]
    with pq.ParquetWriter(file, held.schema) as shorter:
        shorter.write_table(held.slice(1))
        shorter.add_key_value_metadata({partitions.NOTE: note})
    with pytest.raises(
        Refusal, match="1 of 4 partitions do not add up .part=0: 100 rows, 99 answered"
    ):
        reconcile.score_result(planned, scored)


def test_a_task_that_fails_leaves_no_half_of_a_partition(
    bundle: Bundle, settings: Settings, asked: pd.DataFrame
) -> None:
    planned = partitions.plan(settings, bundle, "asked", output="scored")
    few = settings.model_copy(
        update={"score": settings.score.model_copy(update={"batch_rows": 30})}
    )

    def interrupt(rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score.score(planned, planned.partitions, bundle, few, interrupt)
    assert not [path for path in Path("scored").rglob("*") if path.is_file()]


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
    of_folder = window.read(scope.of_table("weeks-scored"), bundle, settings)
    of_file = window.read(scope.of_table("week.parquet"), bundle, settings)
    of_input = window.read(scope.of_table("weeks"), bundle, settings)
    for found in (of_folder, of_input):
        assert (found.profile.size, found.others, found.labelled) == (233, 0, True)
        for name, counts in of_file.profile.counts.items():
            assert np.array_equal(found.profile.counts[name], counts), name
        assert (found.first, found.last) == (of_file.first, of_file.last)
    planned = scope.of_table("weeks-scored")
    assert (planned.rows, len(planned.parts), len(planned.parts[0].files)) == (233, 1, 3)


def test_another_bundle_s_answers_are_left_out_and_bare_answers_are_not_judged(
    bundle: Bundle, settings: Settings, asked: pd.DataFrame
) -> None:
    run(bundle, settings)
    file = Path("scored/part=0/scores.parquet")
    held = pd.read_parquet(file)
    held.assign(bundle="f" * 64).to_parquet(file, index=False)
    found = window.read(scope.of_table("scored"), bundle, settings)
    assert (found.profile.size, found.others) == (300, 100)
    bare = settings.model_copy(
        update={"score": settings.score.model_copy(update={"features": False})}
    )
    assert run(bundle, bare).partitions_scored_now == 4
    answers = ["loan", "applied", "bundle", "probability", "prediction", "outcome"]
    assert list(read()) == [*answers, "part"]
    with pytest.raises(Refusal, match="holds answers without what was asked"):
        window.read(scope.of_table("scored"), bundle, settings)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"version": "3"}, "is no Delta table: it has no version 3"),
        ({"version": "new"}, "is no version of a table: give a number"),
    ],
)
def test_a_version_that_is_not_there_is_told(bundle, settings, asked, given, told) -> None:
    with pytest.raises(Refusal, match=told):
        run(bundle, settings, **given)


def test_a_table_without_a_feature_refuses_its_rows_by_name(
    bundle: Bundle, settings: Settings, asked: pd.DataFrame
) -> None:
    for file in Path("asked").rglob("*.parquet"):
        pd.read_parquet(file).drop(columns="age").to_parquet(file, index=False)
    done = run(bundle, settings)
    assert (done.answered, done.refused) == (0, 400)
    assert done.reasons == {"age: missing": 400}


def test_a_thousand_partitions_do_not_make_a_thousand_tasks(
    bundle: Bundle, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    many = tuple(
        table_files.TableFile(f"p{at}", (("day", f"{at:04d}"),), 100 + at % 7, str(at), 10)
        for at in range(1_000)
    )
    monkeypatch.setattr(
        table_files, "list_files", lambda *_: table_files.TableFiles("asked", None, many)
    )
    planned = partitions.plan(settings, bundle, "asked")
    assert len(planned.parts) == settings.score.tasks
    assert sum(len(part) for part in planned.parts) == 1_000
    assert max(map(len, planned.parts)) < 1.1 * 1_000 / settings.score.tasks


def test_a_partition_without_rows_has_no_answers_and_the_next_has_its_own(
    bundle: Bundle, settings: Settings, asked: pd.DataFrame
) -> None:
    (file,) = Path("asked/part=1").iterdir()
    pd.read_parquet(file).iloc[:0].to_parquet(file, index=False)
    done = run(bundle, settings)
    assert (done.rows, done.answered, done.partitions_scored_now) == (300, 300, 4)
    found = read()
    expected = asked[asked.index % 4 != 1].sort_values("loan", ignore_index=True)
    assert np.array_equal(found["probability"], bundle.probabilities(expected))
    assert found["loan"].tolist() == expected["loan"].tolist()
