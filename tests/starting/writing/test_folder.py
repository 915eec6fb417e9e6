"""Where the folder of a new problem goes, and what stands in it."""

from pathlib import Path

import pytest

from shared import problems
from shared.errors import Refusal
from shared.starting.guessing.guess import Guess, guess_problem
from shared.starting.writing import folder
from tests.starting.looks import loans, look


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(problems.VARIABLE, "")
    monkeypatch.chdir(tmp_path)


def guessed(whole: str = "loan applied late", target: str = "late") -> Guess:
    rows = loans()
    rows[target] = rows.pop("late")
    return guess_problem(look(whole, **rows), target)


@pytest.mark.parametrize("name", ["", "Loans", "1st", "my loans", "../up", "a" * 31, "ok\n"])
def test_a_name_that_is_none_of_a_problem_is_refused(name: str) -> None:
    with pytest.raises(Refusal, match="is no name of a problem"):
        folder.new_folder(name)


def test_a_problem_goes_beside_those_of_a_checkout_and_never_over_another() -> None:
    assert folder.new_folder("mine") == Path("problems/mine")
    Path("flows/problems/mine").mkdir(parents=True)
    assert folder.new_folder("other") == Path("flows/problems/other")
    with pytest.raises(Refusal, match="flows/problems/mine exists already"):
        folder.new_folder("mine")


def test_settings_are_written_and_a_source_only_where_the_table_lacks_something() -> None:
    place = Path("problems/mine")
    assert folder.write_problem("mine", guessed(), place) == [
        *(place / name for name in ("problem.toml", "explore.ipynb", "test_mine.py"))
    ]
    assert folder.readable(place).name == "mine"
    lacking = Path("problems/other")
    written = folder.write_problem("other", guessed("applied late"), lacking)
    assert [file.name for file in written] == [
        *("problem.toml", "source.py", "explore.ipynb", "test_other.py")
    ]
    assert all(file.read_text() for file in written)


def test_settings_that_cannot_be_read_are_removed_again() -> None:
    place = Path("problems/mine")
    folder.write_problem("mine", guessed('loan applied de"faulted', 'de"faulted'), place)
    with pytest.raises(Refusal, match="quotes, backslashes or control characters"):
        folder.readable(place)
    assert not place.exists()
