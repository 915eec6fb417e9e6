"""What was guessed is said in a few words each."""

from datetime import timedelta

from shared.starting.guessing.guess import guess_problem
from shared.starting.guessing.guess_words import guess_words
from tests.starting.looks import FIRST, loans, look


def test_guesses_are_said_in_a_few_words_each() -> None:
    assert guess_words(guess_problem(look("loan applied late", **loans()), "late")) == {
        "table": "100 rows, 4 columns",
        "target": "late: binary (two values, false and true)",
        "key": "loan",
        "time": "applied",
        "features": "1, and 0 left out",
        "split": "validation and holdout from 2024-03-01, 2024-03-21",
        "window": "window_days = 7, about 7 rows",
    }
    bare = guess_words(guess_problem(look("late", **loans()), "late"))
    assert bare["key"] == "none: source.py adds row"
    assert bare["split"] == (
        "random, as there is no time: the model may be worse in earnest than it looks"
    )


def test_a_split_within_days_is_said_to_the_minute() -> None:
    hourly = loans(applied=[FIRST + timedelta(hours=row) for row in range(100)])
    found = guess_words(guess_problem(look("loan applied late", **hourly), "late"))
    assert found["split"] == "validation and holdout from 2024-01-03 12:00, 2024-01-04 08:00"
