"""Profiles of an earlier Millrace: read in the words of today, with their own numbers."""

from shared.baseline.stored_words import in_words_of_today

STORED = {
    "plan": {"columns": [{"name": "temp"}], "ties": [], "key": "id", "time": "at"},
    "counts": {"rows": 3, "bins temp": [1, 2], "ties temp": [3, 4], "gram": [[1]]},
    "noise": {"ties hour of the day": [0.0, 0.1], "relation ties so": [0.0, 0.2]},
    "spans": [
        {
            "hours": 3,
            "largest": {"relation temp": 0.25, "ties temp": 0.5, "volume at": 1.0},
            "multiples": {"ties of numbers": 1.5, "relation of categories": 2.0, "volume": 3.0},
        }
    ],
    "repeated": 0.0,
}
NOW = {
    "plan": {"columns": [{"name": "temp"}], "dependences": [], "key": "id", "time": "at"},
    "counts": {"rows": 3, "bins temp": [1, 2], "dependence temp": [3, 4], "gram": [[1]]},
    "noise": {"dependence hour of the day": [0.0, 0.1], "linear dependence ties so": [0.0, 0.2]},
    "spans": [
        {
            "hours": 3,
            "largest": {"linear dependence temp": 0.25, "dependence temp": 0.5, "volume at": 1.0},
            "multiples": {
                "dependence of numbers": 1.5,
                "linear dependence of categories": 2.0,
                "volume": 3.0,
            },
        }
    ],
    "repeated": 0.0,
}


def test_the_words_of_a_stored_profile_become_those_of_today() -> None:
    assert in_words_of_today(STORED) == NOW


def test_words_of_today_stay_as_they_are() -> None:
    assert in_words_of_today(NOW) == NOW


def test_what_is_no_profile_is_left_to_the_reader() -> None:
    assert in_words_of_today({"rows": 3, "plan": None}) == {"rows": 3, "plan": None}
