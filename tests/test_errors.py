"""A refusal ends a step in one line, any other error keeps its traceback; each fits in a line."""

import pytest
from metaflow.exception import MetaflowException

from shared.errors import MOST_SAID, Refusal, in_a_line, one_line_refusals


class Flow:
    """Has steps that end as their input says."""

    done = False

    @one_line_refusals
    def start(self, inputs: list[Exception]) -> None:
        """Raise the first input, if there is one."""
        if inputs:
            raise inputs[0]
        self.done = True


def test_a_step_that_is_refused_ends_with_its_line_alone() -> None:
    with pytest.raises(MetaflowException, match="^no file loans.csv$") as ended:
        Flow().start([Refusal("no file loans.csv")])
    assert ended.value.__suppress_context__


def test_a_step_that_fails_otherwise_raises_what_it_raised() -> None:
    with pytest.raises(ValueError, match="^broken$") as ended:
        Flow().start([ValueError("broken")])
    assert not isinstance(ended.value, MetaflowException)


def test_a_step_keeps_its_name_its_words_and_what_it_does() -> None:
    flow = Flow()
    flow.start([])
    assert flow.done
    assert (Flow.start.__name__, Flow.start.__doc__) == (
        "start",
        "Raise the first input, if there is one.",
    )


def test_what_an_error_says_is_one_line_and_not_for_long() -> None:
    error = ValueError("no\n  number" + " of many" * 100)
    assert in_a_line(error).startswith("ValueError: no number of many")
    assert in_a_line(error, named=False).startswith("no number of many")
    assert len(in_a_line(error)) == MOST_SAID
