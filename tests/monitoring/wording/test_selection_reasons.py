"""Selective labels in words: what rows that were let through prove, and what cannot be seen."""

from shared.monitoring.wording.selection_reasons import (
    check_words,
    selection_notes,
    selection_reasons,
)
from shared.sections.training import Train
from shared.tasks.binary.selective_labels import SelectionCheck, WindowSelection

NOW = WindowSelection(
    model="a",
    rows=1_000,
    acted=190,
    overruled=0,
    declared=0.05,
    let_through=10,
    seen=1,
    true=1,
    expected=0.5,
    least=(0.4, 0.2),
    most=(0.6, 0.2),
    always_seen=0.9,
)
FOUND = SelectionCheck(
    value=-0.2, low=-0.28, high=-0.11, least=-0.17, most=0.18, rows=120, windows=2
)
ALIKE, WEIGHED = Train(), Train(weights="inverse_propensity")


def notes(found: SelectionCheck | None = None, **changed: object) -> list[str]:
    return [*selection_notes(found, NOW.model_copy(update=changed))]


def test_a_reason_has_the_number_its_threshold_and_what_is_left_to_do() -> None:
    (reason,) = selection_reasons(FOUND, NOW, ALIKE)
    assert (reason.number, reason.threshold) == (0.2, 0.17)
    assert reason.unit == "of the outcomes (below what the model says)"
    assert reason.baseline == "from chance, over 2 windows"
    assert "[train] weights" in reason.next_step
    (weighed,) = selection_reasons(FOUND, NOW, WEIGHED)
    assert weighed.next_step.startswith("Train again on the served rows")
    right = FOUND.model_copy(update={"value": -0.1})
    assert selection_reasons(right, NOW, ALIKE) == selection_reasons(None, NOW, ALIKE) == []


def test_a_difference_is_said_with_its_side_and_interval() -> None:
    assert check_words(FOUND) == (
        "of 120 rows let through, 20.0 points fewer came true than it says "
        "(95 % interval 11.0 to 28.0)"
    )
    near = FOUND.model_copy(update={"value": 0.01, "low": -0.05, "high": 0.07, "rows": 1})
    assert check_words(near) == (
        "of 1 row let through, 1.0 points more came true than it says (95 % interval -5.0 to 7.0)"
    )


def test_what_cannot_be_seen_is_said_with_what_to_do() -> None:
    assert notes() == [
        "Whether the model is right of what it acts on cannot be seen yet: of 10 rows let through "
        "by chance, 1 has an outcome. Longer windows show it, or more let through ([action] "
        "let_through)."
    ]
    (ignored,) = notes(seen=0, let_through=40)
    assert "check that the service's callers go by `action`, and not by `prediction`" in ignored
    (early,) = notes(seen=0, let_through=40, always_seen=0.1)
    assert "Longer windows" in early
    (blind,) = notes(declared=0, let_through=0, seen=0)
    assert blind.startswith("The outcomes of 19.0% of the rows are never seen, as the model acts")
    assert notes(FOUND) == []
    assert [*selection_notes(None, None)] == notes(acted=0, let_through=0) == []


def test_outcomes_in_spite_of_an_action_are_named() -> None:
    (note,) = notes(FOUND, overruled=12)
    assert note.startswith("12 rows were to be acted on and have an outcome all the same")
