"""`millrace judge`: the monitor's verdict on a file, in words, as JSON, and as an exit code."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from shared import problems
from shared.cli.monitoring import judging
from shared.errors import Refusal
from shared.lineage import reviews
from shared.model.bundle import Bundle
from shared.schema.column_reading import NOT_OF_TYPE
from tests.commands import run
from tests.monitoring.traffic import week


def judge(folder: Path, *words: str | Path) -> tuple[int, str, str]:
    done = run(folder, "judge", *map(str, words))
    return done.returncode, done.stdout, done.stderr


def kept(frame: pd.DataFrame, path: Path) -> Path:
    if path.suffix == ".csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_parquet(path, index=False)
    return path


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_an_ordinary_week_is_ok(bundle: Bundle, tmp_path: Path, suffix: str) -> None:
    window = kept(week(), tmp_path / f"week{suffix}")
    code, said, amiss = judge(tmp_path, "--bundle", bundle.path, "--window", window)
    assert (code, amiss) == (0, "")
    assert said.startswith("Ok: nothing exceeded its threshold (233 rows)\n")
    assert list(tmp_path.iterdir()) == [window]


def test_a_folder_of_partitions_is_judged_as_one_window(bundle: Bundle, tmp_path: Path) -> None:
    days = week().assign(day=lambda f: f["applied"].dt.strftime("%Y-%m-%d"))
    days.to_parquet(tmp_path / "week", partition_cols=["day"], index=False)
    code, said, amiss = judge(tmp_path, "--bundle", bundle.path, "--window", tmp_path / "week")
    assert (code, amiss) == (0, "")
    assert said == "Ok: nothing exceeded its threshold (233 rows)\nnext: Nothing to do.\n"


def test_one_odd_column_that_the_model_does_not_lean_on_is_watched(
    bundle: Bundle, tmp_path: Path
) -> None:
    odd = week().assign(guarantee=lambda f: f["guarantee"].where(f.index % 3 > 0, "house"))
    window = kept(odd, tmp_path / "week.parquet")
    code, said, _ = judge(tmp_path, "--bundle", bundle.path, "--window", window, "--json")
    verdict = json.loads(said)
    assert (code, verdict["verdict"]) == (1, "watch")
    assert verdict["reasons"][0]["column"] == "guarantee"


def test_a_change_of_units_is_acted_upon_and_named(bundle: Bundle, tmp_path: Path) -> None:
    cents = week().assign(income=lambda f: f["income"] * 100)
    window = kept(cents, tmp_path / "week.csv")
    code, said, _ = judge(tmp_path, "--bundle", bundle.path, "--window", window)
    assert code == 2
    assert said.startswith("Act: income looks like a hundred times what it was")
    assert "spans of 7 days of the model's history it was at most " in said
    assert said.splitlines()[-1].startswith("next: Ask whoever feeds income")


def test_a_feed_that_lost_its_key_or_writes_times_day_first_is_acted_upon(
    bundle: Bundle, tmp_path: Path
) -> None:
    no_key = kept(week().drop(columns="loan"), tmp_path / "no_key.parquet")
    code, said, amiss = judge(tmp_path, "--bundle", bundle.path, "--window", no_key)
    assert (code, amiss) == (2, "")
    assert said.startswith("Act: loan is missing, but is required (233 rows)\n")
    day_first = week().assign(applied=lambda f: f["applied"].dt.strftime("%d/%m/%Y %H:%M"))
    window = kept(day_first, tmp_path / "week.csv")
    code, said, amiss = judge(tmp_path, "--bundle", bundle.path, "--window", window)
    assert (code, amiss) == (2, "")
    assert said.startswith(f"Act: applied: {NOT_OF_TYPE['time']} in 233 rows, such as '01/04/2024 ")


def test_a_settings_file_stands_in_for_the_bundle_s(bundle: Bundle, tmp_path: Path) -> None:
    strict = bundle.settings.model_dump(mode="json")
    strict["monitor"]["minimum_rows"] = 1_000
    settings = tmp_path / "strict.toml"
    settings.write_text(toml(strict))
    window = kept(week(), tmp_path / "week.parquet")
    words = ["--bundle", bundle.path, "--window", window, "--settings", settings]
    code, said, _ = judge(tmp_path, *words)
    assert (code, said.partition(" (")[0]) == (1, "Watch: too few rows to judge")


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_the_rows_that_show_the_reasons_are_written_to_a_file(
    bundle: Bundle, tmp_path: Path, suffix: str
) -> None:
    window = kept(week().assign(income=lambda f: f["income"] * 100), tmp_path / "week.parquet")
    file = tmp_path / f"rows{suffix}"
    words = ["--bundle", bundle.path, "--window", window, "--rows", file]
    code, said, _ = judge(tmp_path, *words)
    rows = pd.read_csv(file) if suffix == ".csv" else pd.read_parquet(file)
    assert code == 2
    assert said.splitlines()[-1] == (
        f"{len(rows)} rows show a reason, of all 233 looked at: {file}"
    )
    assert {*rows["key"]} <= {*week()["loan"]}
    assert {"income"} <= {*rows["column"].dropna()}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ["--bundle", "{bundle}", "--window", ".", "--rows", "rows.xlsx"],
            "Error: Invalid value for '--rows': rows.xlsx can be no file of rows: give a .parquet "
            "or .csv file in a folder that is there\n",
        ),
        (["--bundle", "{bundle}"], "Error: Missing option '--window'.\n"),
        (["--window", "week.csv"], "Error: no bundle of 'flights' is in production here (in the "),
        (["--bundle", "1234abcd", "--window", "week.csv"], "Error: no bundle '1234abcd' of "),
        (["--bundle", ".", "--window", "week.csv"], "Error: . is no bundle: it has no manifest"),
        (
            ["--bundle", "{bundle}", "--window", "gone.csv"],
            "Error: there is no file or folder gone.csv",
        ),
        (["--bundle", "{bundle}", "--window", "."], "Error: {folder} holds no .parquet"),
        (
            ["--bundle", "{bundle}", "--window", ".", "--digest", "0" * 64],
            "Error: bundle {bundle} has the digest ",
        ),
        (
            ["--bundle", "{bundle}", "--window", ".", "--problem", "flights"],
            "Error: bundle {bundle} is of the problem 'loans', not of 'flights'\n",
        ),
    ],
)
def test_what_cannot_be_judged_has_an_exit_code_of_its_own(
    bundle: Bundle, tmp_path: Path, words: list[str], told: str
) -> None:
    given = [word.format(bundle=bundle.path) for word in words]
    told = told.format(folder=tmp_path, bundle=bundle.path)
    code, said, amiss = judge(tmp_path, *given)
    assert (code, said) == (3, "")
    assert amiss.startswith(told)


@pytest.mark.parametrize(
    ("in_production", "named", "wanted"),
    [
        ([], {}, "flights"),
        (["loans"], {}, "loans"),
        (["flights", "loans"], {}, "flights"),
        (["loans"], {problems.VARIABLE: "delay"}, "delay"),
    ],
)
def test_where_no_problem_is_named_the_only_one_in_production_is_judged_by(
    in_production: list[str],
    named: dict[str, str],
    wanted: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(problems.VARIABLE, raising=False)
    monkeypatch.setattr(reviews, "problems_with_champion", lambda: in_production)
    for name, value in named.items():
        monkeypatch.setenv(name, value)
    assert judging.problem_in_production() == wanted


def test_of_several_problems_in_production_one_has_to_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(problems.VARIABLE, raising=False)
    monkeypatch.setattr(reviews, "problems_with_champion", lambda: ["loans", "shop"])
    with pytest.raises(
        Refusal, match="^loans, shop have a champion each: name one with --problem$"
    ):
        judging.problem_in_production()


def toml(settings: dict[str, object]) -> str:
    """Write settings as TOML: its values are JSON's, in inline tables."""

    def written(value: object) -> str:
        if isinstance(value, dict):
            pairs = (f"{json.dumps(k)} = {written(v)}" for k, v in value.items() if v is not None)
            return f"{{ {', '.join(pairs)} }}"
        if isinstance(value, list):
            return f"[{', '.join(map(written, value))}]"
        return json.dumps(value)

    given = {key: value for key, value in settings.items() if value is not None}
    return "\n".join(f"{key} = {written(value)}" for key, value in given.items())


JUDGED = """
import atexit, sys
from shared.cli import main
late = ("scipy.stats", "sqlalchemy", "matplotlib", "evidently", "metaflow")
atexit.register(lambda: print([name for name in late if name in sys.modules], file=sys.stderr))
main(sys.argv[1:])
"""


def test_a_file_is_judged_without_what_its_verdict_does_not_need(
    bundle: Bundle, tmp_path: Path
) -> None:
    window = kept(week(), tmp_path / "week.parquet")
    words = ["judge", "--bundle", str(bundle.path), "--window", str(window)]
    done = subprocess.run(
        [sys.executable, "-c", JUDGED, *words], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "[]\n")
