"""`millrace demo`: of which problems there is a demo, and where it works."""

from pathlib import Path

from click.testing import CliRunner

from shared.cli import main
from tests.commands import said


def test_the_help_names_both_demos_and_their_folder(tmp_path: Path) -> None:
    told = " ".join(said(tmp_path, "demo", "--help").split())
    assert "[flights|shop]" in told
    assert "[default: .demo]" in told


def test_a_problem_that_has_no_demo_is_refused() -> None:
    done = CliRunner().invoke(main, ["demo", "--problem", "loans"])
    assert done.exit_code == 2
    assert "'loans' is not one of 'flights', 'shop'" in done.output
