"""What an evaluation shows of several classes: confusions, each class, calibration, and figures."""

import numpy as np
import pytest
from pydantic import TypeAdapter

from shared.tasks.choice import AnyDiagnostics
from shared.tasks.multiclass.multiclass_rules import MostProbable
from shared.tasks.multiclass.multiclass_task import Multiclass

TASK = Multiclass(("cancelled", "late", "on time"))
CHANCES = np.array([[0.1, 0.3, 0.6], [0.2, 0.5, 0.3]])


def test_diagnostics_are_kept_and_read_as_what_they_are() -> None:
    target, chances = np.array([2.0, 1.0, 2.0, -1.0]), np.vstack([CHANCES, CHANCES])
    found = TASK.diagnose(target, chances, MostProbable())
    assert found.confusion == ((0, 0, 0), (0, 1, 0), (0, 0, 2))
    assert found.unknown == 1
    late = found.classes[1]
    assert (late.name, late.precision, late.recall, late.support, late.answered) == (
        *("late", 0.5, 1.0),
        *(1, 2),
    )
    cancelled = found.classes[0]
    assert (cancelled.precision, cancelled.recall, cancelled.f1) == (None, None, None)
    assert TypeAdapter(AnyDiagnostics).validate_python(found.plain()) == found
    assert TASK.describe(found, 4) == "50.0% of them on time"


@pytest.mark.parametrize("classes", [3, 50])
def test_diagnostics_are_drawn_for_few_and_for_many_classes(classes: int) -> None:
    rng = np.random.default_rng(0)
    task = Multiclass(tuple(f"class ${code}$" for code in range(classes)))
    chances = rng.dirichlet(np.ones(classes), 2_000)
    found = task.diagnose(rng.integers(0, classes, 2_000), chances, MostProbable())
    figure = task.figure(found)
    figure.canvas.draw()
    assert [len(axes.get_yticklabels()) for axes in figure.axes[:2]] == [classes, classes]


def test_a_class_that_is_an_empty_text_is_named_in_words_and_figures() -> None:
    task = Multiclass(("", "late", "on time"))
    chances = np.tile([0.1, 0.4, 0.5], (300, 1))
    target = np.repeat([0, 1, 2], 100)
    assert task.bias(target, chances).of == "''"
    axes = task.figure(task.diagnose(target, chances, MostProbable())).axes
    assert axes[0].get_yticklabels()[0].get_text() == "''"


def test_held_out_rows_of_a_class_that_was_never_learnt_are_told() -> None:
    chances = np.array([[0.0, 0.4, 0.6], [0.0, 0.7, 0.3], [0.0, 0.2, 0.8], [0.0, 0.5, 0.5]])
    found = TASK.diagnose(np.array([2, 1, 2, 0]), chances, MostProbable())
    assert TASK.describe(found, 4) == (
        "50.0% of them on time, and 1 of classes without a row to learn from (cancelled)"
    )
