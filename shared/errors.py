"""The one exception that means: a person can mend this."""


class Refusal(ValueError):  # noqa: N818  (it is nobody's error but a no)
    """Bad input, told in one line: what is wrong, what was received, how to mend it.

    Command lines print it without a traceback and exit with 1; flows end with it as their message.
    """
