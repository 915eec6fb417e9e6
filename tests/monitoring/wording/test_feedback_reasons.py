"""A feedback loop in words: what the model closes in on, and what to do about it."""

import math

from shared.monitoring.wording.feedback_reasons import feedback_reasons, next_step, unknown_note
from shared.policies.feedback_checks import FeedbackCheck
from shared.policies.feedback_measures import WindowFeedback
from shared.sections.answers import Explore
from shared.sections.training import Train

NOW = WindowFeedback(
    model="a1",
    rows=12_000,
    clicks=900,
    items=80,
    half=2,
    gini=0.88,
    decided={"epsilon 0.1": 0.89},
    measured={"explored": (-2.1, 0.1)},
)
EXPLORED = FeedbackCheck(
    name="explored", value=-2.1, expected=0, wrong=math.log(8.2), reach=0.7, windows=1
)
EPSILON, ALIKE = Explore(by="epsilon"), Train()


def what(**changed: object) -> str:
    (reason,) = feedback_reasons([EXPLORED.model_copy(update=changed)], NOW, EPSILON, ALIKE)
    return reason.what.removeprefix("the model closes in on what it shows: ")


def test_each_check_has_its_sentence() -> None:
    assert what() == (
        "beside what was explored, its own choices get 8.2 times fewer clicks than it says"
    )
    assert what(name="favourites") == (
        "2 items have half of the places, and its favourites get 8.2 times fewer clicks than it "
        "says"
    )
    assert what(name="positions") == (
        "its favourites look 8.2 times better in the rows to learn from than they do at equal "
        "positions"
    )
    fallen = {"value": math.log(6), "expected": math.log(24), "wrong": math.log(4)}
    assert what(name="variety", **fallen) == "users are shown as if of 6.0 items, before of 24.0"
    assert what(name="variety of each user", **fallen) == (
        "each user is shown as if of 6.0 items, before of 24.0"
    )


def test_the_farthest_beyond_its_threshold_is_the_reason() -> None:
    other = EXPLORED.model_copy(update={"name": "positions", "wrong": 0.9, "reach": 0.8})
    (reason,) = feedback_reasons([other, EXPLORED], NOW, EPSILON, ALIKE)
    assert (reason.level, reason.stage, reason.check) == ("watch", "feedback loop", "explored")
    assert reason.baseline == "from how users vary, over 1 window"
    within = EXPLORED.model_copy(update={"wrong": 0.5})
    assert feedback_reasons([within], NOW, EPSILON, ALIKE) == []


def test_what_is_done_already_is_not_advised() -> None:
    weighed = Train(weights="inverse_propensity")
    assert next_step(Explore(by="softmax"), weighed) == (
        "Spread what is shown more ([explore] temperature). Then train again on the served rows."
    )
    assert next_step(EPSILON, weighed) == (
        'Explore more ([explore] share); spread what is shown ([explore] by = "softmax"). Then '
        "train again on the served rows."
    )


def test_where_nothing_was_explored_a_loop_cannot_be_seen() -> None:
    blind = NOW.model_copy(update={"measured": {}, "decided": {"best": 1.0}})
    assert unknown_note(blind) == (
        "Whether the model closes in on what it shows cannot be seen: nothing was explored "
        "([explore])."
    )
    few = NOW.model_copy(update={"measured": {}, "clicks": 12})
    assert unknown_note(few) == (
        "Whether the model closes in on what it shows cannot be seen: 12 clicks are too few."
    )
    assert unknown_note(NOW) is None
    assert unknown_note(None) is None
