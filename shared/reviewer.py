"""Who decides: the person that the environment names, and no account that is nobody's."""

import os

import shared

VARIABLE = "MILLRACE_REVIEWER"
# Argo's own is nameless: whoever decides there has to be named.
NAMELESS = ("", "root", shared.ANONYMOUS, "argo-workflows")
USERS = ("METAFLOW_USER", "SUDO_USER", "USERNAME", "USER")


def named_reviewer() -> str | None:
    """Return whom MILLRACE_REVIEWER or else the user's account names; None where neither does."""
    if named := os.environ.get(VARIABLE, "").strip():
        return named
    return next((user for n in USERS if (user := os.environ.get(n, "")) not in NAMELESS), None)
