"""A flow's step begins with the imports that it needs, and not before."""

import subprocess
import sys

import pytest

STEP = """
import sys
from shared.model.step_imports import {decorator}

@{decorator}
def judge(step, *joined):
    print("{library}" in sys.modules, step, joined)

print("{library}" in sys.modules, judge.__name__)
judge("the step", "a branch")
"""


@pytest.mark.parametrize(
    ("decorator", "library"),
    [("with_estimators", "sklearn.ensemble"), ("with_model_reader", "skops.io")],
)
def test_a_step_has_its_libraries_when_it_begins(decorator: str, library: str) -> None:
    script = STEP.format(decorator=decorator, library=library)
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert said.stdout.splitlines() == ["False judge", "True the step ('a branch',)"]
