"""Classes of outcomes that no answer can be, told as new categories of an input are."""

from dataclasses import replace

from shared.monitoring.outcomes.quality import Quality
from shared.monitoring.wording import class_reasons

FINE = Quality("judged", 500, 0, 500, None, 0.2, 0.2, {}, {}, {}, (), ())


def quality(unknown: dict[str, int], respelled: dict[str, tuple[str, str]]) -> Quality:
    return replace(FINE, unknown=unknown, respelled=respelled)


def test_new_classes_that_scores_do_not_tell_of_are_told_from_a_fiftieth_of_the_outcomes_on() -> (
    None
):
    late = {"Late": ("late", "in another case")}
    (reason,) = class_reasons.new_class_reasons(quality({"legal": 23, "Late": 2}, late))
    assert (reason.level, reason.stage, reason.number) == ("watch", "outcomes", 0.046)
    assert reason.what == (
        "23 of 500 outcomes are of classes that the model does not know: 'legal' (5%)"
    )
    assert reason.next_step == (
        "Check what feeds the outcomes: classes may be renamed, or new. New ones are answered once "
        "a model was trained on rows that have them."
    )
    assert class_reasons.new_class_reasons(quality({"legal": 10}, {})) == []
    assert class_reasons.new_class_reasons(quality({"Late": 23}, late)) == []
    few = replace(quality({"legal": 1}, {}), state="too few", received=10)
    assert class_reasons.new_class_reasons(few) == []
