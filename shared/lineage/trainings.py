"""Training runs: the one that is meant, and of which problems there are any."""

from metaflow import Run, namespace
from metaflow.exception import MetaflowException

from shared import problem_commands
from shared.errors import Refusal
from shared.lineage import endings, run_artifacts, run_history


def training_run(problem: str, reference: str | None = None) -> Run:
    """Return a finished training run: the one named, or the latest that passed its gates.

    Raises `Refusal` when there is none, or when it did not finish.
    """
    if reference is None:
        for run in run_history.runs("TrainFlow", problem):
            judged = run_artifacts.kept_of(run, "evaluate", "evaluation")
            if judged and judged["evaluation"]["passed"]:
                return run
        train = problem_commands.make_command("train", problem=problem)
        raise Refusal(f"no training run of {problem!r} has passed its gates: run `{train}`")
    flow, _, number = reference.rpartition("/")
    namespace(None)
    try:
        run = Run(f"{flow or 'TrainFlow'}/{number}")
    except MetaflowException as error:
        raise Refusal(f"no training run {reference!r}: {error}") from None
    if f"project:{problem}" not in run.tags:
        raise Refusal(f"{run.pathspec} is not a run of the problem {problem!r}")
    if not run.pathspec.startswith("TrainFlow/") or not endings.succeeded(run):
        raise Refusal(f"{run.pathspec} is not a training run that finished")
    return run


def meant_another(problem: str) -> str:
    """Return a hint where only other problems were trained here; nothing where this one was."""
    runs = run_history.all_runs("TrainFlow")
    trained = sorted({run_history.tag_of(run, "project") for run in runs} - {""})
    if not trained or problem in trained:
        return ""
    return f"no run of {problem} is here, but of {', '.join(trained)}: --problem names one"
