"""What the command of a decision asks for: refused before a run begins that could only fail."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from shared import BRANCH, flow_settings, problems
from shared.errors import Refusal

# Settings, or a history, that Metaflow alone finds: the run itself says what is wrong.
LEFT_TO_THE_RUN = ("--help", "--config-value", "--metadata", "--datastore", "argo-workflows")


def refuse_early() -> None:
    """End the process in one line where its command asks for a decision that cannot be made."""
    try:
        refuse_request(sys.argv[1:])
    except Refusal as refusal:
        sys.exit(str(refusal))


def refuse_request(words: Sequence[str]) -> None:
    """Raise `Refusal` where the words of a `run` ask for a decision that cannot be made now."""
    if "run" not in words or any(_option(words, name) is not None for name in LEFT_TO_THE_RUN):
        return
    bundle, kind, reason = (_option(words, f"--{n}") for n in ("bundle", "decision", "reason"))
    if bundle is None or kind is None or reason is None:
        # Metaflow names what is missing.
        return
    # Each task of the flow reads this file, too.
    from shared.lineage import reviews
    from shared.review import decisions

    file = flow_settings.given_file([*words]) or problems.settings_file()
    settings = problems.load_problem(str(file))
    request = decisions.Request(bundle, kind, reason, _option(words, "--reviewer"))
    decisions.refuse_unnamed(request)
    with _on_branch(words):
        decisions.decide(settings, request, reviews.decisions(settings.name))


@contextmanager
def _on_branch(words: Sequence[str]) -> Iterator[None]:
    """Look at the runs of the branch that the run will be of, until the block ends."""
    from shared.lineage import run_history

    named = _option(words, "--branch")
    kind = "prod" if "--production" in words else "test" if named else ""
    branch = ".".join(filter(None, [kind, named])) or run_history.own_branch()
    before = os.environ.get(BRANCH)
    os.environ[BRANCH] = branch
    try:
        yield
    finally:
        if before is None:
            del os.environ[BRANCH]
        else:
            os.environ[BRANCH] = before


def _option(words: Sequence[str], name: str) -> str | None:
    """Return what stands behind an option; nothing for one at the end, None where it is not."""
    for at, word in enumerate(words):
        if word == name:
            return words[at + 1] if at + 1 < len(words) else ""
        if word.startswith(f"{name}="):
            return word.partition("=")[2]
    return None
