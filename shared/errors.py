"""The one exception that means: a person can mend this; and any other in a line."""

import functools
from collections.abc import Callable
from typing import Any

# What others' code says of an error may be as long as its data.
MOST_SAID = 300


class Refusal(ValueError):  # noqa: N818  (it is nobody's error but a no)
    """Bad input, told in one line: what is wrong, what was received, how to mend it.

    Command lines print it without a traceback and exit with 1; flows end with it as their message.
    """


def in_a_line(error: Exception, named: bool = True) -> str:
    """Return the start of what an error says as one line, `named` with its type before it."""
    said = f"{type(error).__name__}: {error}" if named else str(error)
    return " ".join(said.split())[:MOST_SAID]


def one_line_refusals(step: Callable[..., None]) -> Callable[..., None]:
    """Let a step end on a `Refusal` with its one line instead of a traceback.

    Stands under Metaflow's `@step`.
    """

    @functools.wraps(step)
    def refusing(self: Any, *args: Any) -> None:
        try:
            step(self, *args)
        except Refusal as refusal:
            from metaflow.exception import MetaflowException

            raise MetaflowException(str(refusal)) from None

    return refusing
