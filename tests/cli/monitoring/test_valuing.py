"""`millrace off-policy`: a table of impressions tells of another policy, or says that it cannot.

Where a bundle is the policy, tests/model/test_target_policy.py has its bundle already.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from shared.cli import main
from tests.policies.open_bandit import sample

BANDIT = ("--outcome", "click", "--propensity", "propensity_score", "--by-position")


def valued(table: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["off-policy", "--log-file", str(table), *options])


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Return 400 slates of two positions whose second rows alone are clicked, and weigh more."""
    rows = pd.DataFrame(
        {
            "slate": np.repeat(np.arange(400), 2),
            "position": np.tile([1, 2], 400),
            "propensity": 0.5,
            "target": np.tile([0.3, 0.75], 400),
            "lower": np.tile([0.4, 0.75], 400),
            "outcome": np.tile([False, True], 400),
            "predicted": 0.4,
            "expected": 0.3,
        }
    )
    rows.to_parquet(tmp_path / "log.parquet")
    rows.to_csv(tmp_path / "log.csv", index=False)
    return tmp_path / "log.parquet"


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_estimates_are_of_a_position_and_of_a_slate(table: Path, ending: str) -> None:
    options = ("--target", "target", "--predicted", "predicted", "--expected", "expected")
    result = valued(table.with_suffix(f".{ending}"), *options, "--by-position")
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0] == "log         800 rows with an outcome"
    assert lines[2] == "largest     1.5, 1.5, 1.5, 1.5, 1.5"
    assert lines[4] == "               a position                      a slate of 2"
    assert [line.split(" (")[0] for line in lines[5:]] == [
        "logged         0.50000",
        "IPS            0.75000",
        "SNIPS          0.71429",
        "doubly robust  0.63000",
    ]
    assert [line.split(")")[1].split(" (")[0].strip() for line in lines[6:]] == [
        *("1.50000", "1.42857", "1.26000"),
    ]


def test_programs_get_all_of_it(table: Path) -> None:
    result = valued(table, "--target", "target", "--by-position", "--clip", "1.4", "--json")
    found = json.loads(result.output)
    assert [estimate[0] for estimate in found["estimates"]] == [
        *("IPS, weights clipped at 1.4", "SNIPS, weights clipped at 1.4"),
    ]
    assert (found["unsupported"], found["positions"], found["unknown"]) == (None, 2, 0)


def test_chances_given_what_is_above_multiply(table: Path) -> None:
    result = valued(table, "--target", "lower", "--json")
    # 0.8 · 1.5 of every other row.
    assert json.loads(result.output)["estimates"][0][1] == pytest.approx(0.6)


@pytest.mark.parametrize(("part", "items", "code"), [("men", 34, 0), ("women", 46, 1)])
def test_the_bandits_log_tells_of_an_even_choice_or_cannot(
    tmp_path: Path, part: str, items: int, code: int
) -> None:
    sample("bts", part).to_csv(tmp_path / "log.csv")
    result = valued(tmp_path / "log.csv", "--uniform", str(items), *BANDIT)
    assert result.exit_code == code
    assert ("SNIPS" in result.output) == (code == 0)
    cannot = "Error: cannot tell: 10,000 rows count as 2.1 under the"
    assert (cannot in result.output) == (code == 1)


@pytest.mark.parametrize("options", [(), ("--target", "target", "--uniform", "3")])
def test_one_target_policy_is_named(table: Path, options: tuple[str, ...]) -> None:
    result = valued(table, *options)
    assert result.exit_code == 1
    assert result.output == (
        "Error: name the target policy by --target COLUMN or by --uniform N, one of both\n"
    )


@pytest.mark.parametrize("options", [(), ("--log-file", "log.csv", "--bundle", "bundle")])
def test_one_log_is_named(options: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, ["off-policy", "--problem", "shelf", *options])
    assert result.exit_code == 1
    assert result.output == (
        "Error: name what was shown by --log-file FILE or by --bundle BUNDLE, one of both\n"
    )


def test_a_reward_model_has_two_columns(table: Path) -> None:
    result = valued(table, "--target", "target", "--predicted", "predicted")
    assert result.output == (
        "Error: the doubly robust estimate needs both --predicted and --expected\n"
    )
