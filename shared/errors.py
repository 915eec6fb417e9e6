"""The one exception that means: a person can mend this."""

import functools
from collections.abc import Callable
from typing import Any


class Refusal(ValueError):  # noqa: N818  (it is nobody's error but a no)
    """Bad input, told in one line: what is wrong, what was received, how to mend it.

    Command lines print it without a traceback and exit with 1; flows end with it as their message.
    """


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
