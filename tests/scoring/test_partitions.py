"""Which partitions are to be scored: those that this bundle has not answered as they are now."""

import re
from copy import copy
from pathlib import Path

import pandas as pd
import pytest

from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.scoring import partitions
from shared.settings import Settings
from shared.tables import table_files
from tests.conftest import loans
from tests.scoring.conftest import read_answers, score_asked


def test_a_rerun_scores_only_what_is_not_there_for_the_same_rows_and_bundle(
    bundle: Bundle, settings: Settings, asked: pd.DataFrame
) -> None:
    score_asked(bundle, settings)
    assert score_asked(bundle, settings).partitions_scored_now == 0
    Path("scored/part=2/scores.parquet").write_text("cut short")
    changed = next(Path("asked/part=3").iterdir())
    pd.read_parquet(changed).assign(age=30).to_parquet(changed, index=False)
    done = score_asked(bundle, settings)
    assert (done.partitions_scored_now, done.partitions_scored_before) == (2, 2)
    assert done.answered == len(read_answers()) == 400
    planned = partitions.plan(settings, bundle, "asked", output="other")
    assert [partition.folder for part in planned.parts for partition in part] == [
        f"part={number}" for number in range(4)
    ]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"version": "3"}, "is no Delta table: it has no version 3"),
        ({"version": "new"}, "is not a version of the table: give a number"),
    ],
)
def test_a_version_that_is_not_there_is_refused(bundle, settings, asked, given, reason) -> None:
    with pytest.raises(Refusal, match=reason):
        score_asked(bundle, settings, **given)


def test_a_table_that_no_ingest_has_made_is_refused_with_two_ways_out(
    bundle: Bundle, settings: Settings, asked: pd.DataFrame
) -> None:
    of_file = settings.model_copy(update={"source": "loans.csv"})
    with pytest.raises(Refusal, match=r"yet: .*--table") as refused:
        partitions.plan(of_file, bundle)
    assert "\n" not in str(refused.value)
    # Each command names the problem, which is not the one that is meant without a name.
    assert re.findall(r"(\w+) PROBLEM=(\w+)", str(refused.value)) == [
        ("ingest", "loans"),
        ("score", "loans"),
    ]
    assert partitions.plan(of_file, bundle, "asked").partitions


def test_a_table_of_which_no_row_would_have_a_key_is_refused_with_who_may_make_it(
    bundle: Bundle, settings: Settings, asked: pd.DataFrame
) -> None:
    asked.drop(columns="loan").to_csv("keyless.csv", index=False)
    with pytest.raises(Refusal, match="the source has no column loan; it has applied, ") as refused:
        partitions.plan(settings, bundle, "keyless.csv")
    assert "Rows for training" not in str(refused.value)
    named = copy(bundle)
    vars(named)["settings"] = settings.model_copy(update={"source": "problems.loans.source:table"})
    with pytest.raises(
        Refusal, match=r"come from problems\.loans\.source:table, which may make it"
    ):
        partitions.plan(settings, named, "keyless.csv")


def test_a_thousand_partitions_do_not_make_a_thousand_tasks(
    bundle: Bundle, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    loans(1).to_parquet("rows.parquet")
    file = str(tmp_path / "rows.parquet")
    many = tuple(
        table_files.TableFile(file, (("day", f"{at:04d}"),), 100 + at % 7, str(at), 10)
        for at in range(1_000)
    )
    monkeypatch.setattr(
        table_files, "list_files", lambda *_: table_files.TableFiles(str(tmp_path), None, many)
    )
    planned = partitions.plan(settings, bundle, "asked")
    assert len(planned.parts) == settings.score.tasks
    assert sum(len(part) for part in planned.parts) == 1_000
    assert max(map(len, planned.parts)) < 1.1 * 1_000 / settings.score.tasks
