"""Training again on the rows up to now: as advice says it, and the command that does it."""

from shared import problem_commands
from shared.model.verdict import Reason
from shared.monitoring.case import Case

TRAIN_AGAIN = "train again on the rows up to now"


def with_command(reason: Reason, case: Case) -> Reason:
    """Return a reason with the command, if it advises to train again on rows that were served.

    The table need not have them yet; the log has, with the outcomes that have come.
    """
    if case.scope.file or TRAIN_AGAIN not in reason.next_step.casefold():
        return reason
    words = ["--served true"]
    # A split that ends leaves out what came later.
    if case.settings.split.end and case.until:
        words.append(f"--until {case.until.isoformat(timespec='seconds')}")
    about = f"ARGS='{' '.join(words)}'"
    command = problem_commands.make_command("train", about, problem=case.settings.name)
    step = f"{reason.next_step} `{command}` learns from the served rows, too."
    return reason.model_copy(update={"next_step": step})
