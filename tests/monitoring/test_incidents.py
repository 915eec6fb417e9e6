"""Incidents: what lasts is one, with an age; judging again is no news; nothing closes unseen."""

from typing import Any

from shared.model.verdict import Verdict, read_verdict
from shared.monitoring import incidents

TEMP = ("temp", "temp has shifted")


def verdict(
    day: int, *reasons: tuple[str, str, str], state: str = "judged", **more: Any
) -> Verdict:
    """Return a verdict on the week before a day of May, with reasons (column, what, level)."""
    return read_verdict(
        {
            "verdict": "act" if any(level == "act" for _, _, level in reasons) else "watch",
            "words": "Watch: the window is empty",
            "state": state,
            "next_action": "Ask.",
            "problem": "flights",
            "bundle": "b" * 64,
            "rows": 6_500,
            "other_rows": 0,
            "source": "sqlite:///log.db",
            "start": f"2013-05-{day - 7:02}",
            "until": f"2013-05-{day:02}",
            "judged_at": "2013-06-01T00:00",
            "reasons": [
                {
                    "column": column,
                    "stage": "inputs",
                    "what": what,
                    "level": level,
                    "number": 2.0,
                    "threshold": 1.0,
                    "unit": "of rows",
                    "next_step": "Ask.",
                }
                for column, what, level in reasons
            ],
            **more,
        }
    )


def followed(*verdicts: Any) -> list[Any]:
    done: list[Any] = []
    for each in verdicts:
        done.append(incidents.follow(each, done))
    return done


def changes(one: Any) -> dict[str, str]:
    return {incident.subject: incident.change for incident in one.incidents}


def test_a_problem_that_lasts_is_one_incident_with_an_age_and_closes_by_itself() -> None:
    found = followed(
        verdict(8, (*TEMP, "watch")),
        verdict(15, (*TEMP, "watch")),
        verdict(22, (*TEMP, "act")),
        verdict(29),
        verdict(30),
    )
    told = [changes(one).get("temp") for one in found]
    assert told == ["opened", "lasting", "worse", "closed", None]
    assert found[2].incidents[0].windows == 3
    assert found[2].reasons[0].since == "2013-05-01"
    assert [len(incidents.news(one)) for one in found] == [1, 0, 1, 1, 0]


def test_judging_a_window_again_is_no_news_and_makes_nothing_older() -> None:
    found = followed(*(verdict(15, (*TEMP, "act")) for _ in range(3)))
    assert [len(incidents.news(one)) for one in found] == [1, 0, 0]
    assert found[-1].incidents[0].windows == 1


def test_an_older_window_is_not_held_against_a_later_one() -> None:
    found = followed(verdict(22, (*TEMP, "act")), verdict(15, (*TEMP, "act")))
    assert changes(found[1]) == {"temp": "opened"}


def test_a_window_that_cannot_be_judged_closes_nothing_and_is_an_incident_itself() -> None:
    found = followed(verdict(15, (*TEMP, "act")), verdict(22, state="empty"), verdict(29))
    assert changes(found[1]) == {"window": "opened", "temp": "lasting"}
    assert changes(found[2]) == {"window": "closed", "temp": "closed"}


def test_files_and_logs_do_not_follow_each_other() -> None:
    found = followed(verdict(15, (*TEMP, "act")), verdict(22, source="week.parquet"))
    assert changes(found[1]) == {}


def test_two_reasons_of_one_subject_are_one_incident_as_serious_as_the_worse() -> None:
    (found,) = followed(verdict(15, (*TEMP, "act"), ("temp", "temp is late", "watch")))
    assert [(i.level, i.what) for i in found.incidents] == [("act", TEMP[1])]


def test_the_trail_has_the_last_verdict_on_each_window_in_time() -> None:
    done = followed(verdict(22), verdict(15, (*TEMP, "act")), verdict(22, (*TEMP, "act")))
    trail = incidents.trail(done[-1], done[:-1])
    assert [(each.until, len(each.reasons)) for each in trail] == [
        ("2013-05-15", 1),
        ("2013-05-22", 1),
    ]


def lost(day: int, hour: int = 0, bundle: str = "b" * 64, **more: Any) -> Verdict:
    """Return a verdict on the week before a day of May that proves a loss, judged in that hour."""
    found = verdict(day, ("", "ROC AUC fell", "act"), bundle=bundle, **more)
    reasons = tuple(
        r.model_copy(update={"stage": "quality", "column": None}) for r in found.reasons
    )
    at = f"2013-05-{day:02}T{hour:02}:00"
    return found.model_copy(update={"reasons": reasons, "judged_at": at})


def test_a_loss_that_was_just_proven_calls_for_training_once() -> None:
    found = followed(lost(8), lost(8, 5), lost(15), lost(22))
    assert [incidents.calls_for_training(one) for one in found] == [True, False, False, False]
