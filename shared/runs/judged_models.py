"""A model that was fitted elsewhere, on its way into a bundle: TrainFlow judges it first.

That is done where the command is given, so that the model's file has to be nowhere else, and by
tasks with what training has of memory.
"""

import sys
from argparse import ArgumentParser

from shared.errors import Refusal

OUT_OF_REACH = (
    "a file is judged where the command is given, and this run was started elsewhere: "
    "`python flows/train.py run --with kubernetes --model FILE` judges it, and --train takes that "
    "run"
)


def judge_given_model() -> None:
    """Have TrainFlow judge the model that this process's command names by `--model`, if any.

    From then on the command names that run by `--train` instead. TrainFlow is run as the command
    says of its own flow: with its options before `run`, and with its `--with`. Ends the process in
    one line where the model does not fit the problem, which is seen before anything is run, or
    where a training run is named as well.
    """
    try:
        sys.argv[1:] = with_run_of_model(sys.argv[1:])
    except Refusal as refusal:
        sys.exit(str(refusal))
    except KeyboardInterrupt:
        sys.exit("stopped: nothing was packaged")


def with_run_of_model(words: list[str]) -> list[str]:
    """Return a command's words with the run that judged its model in place of the model.

    Raises `Refusal` as `judge_given_model` ends.
    """
    parser = ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--model")
    parser.add_argument("--train")
    parser.add_argument("--with", action="append", default=[], dest="decorators")
    named, others = parser.parse_known_args(words)
    if not named.model or "run" not in others or "--help" in others:
        return words
    if named.train:
        given = f"--model {named.model} is judged by a run of its own"
        raise Refusal(f"{given}: leave --train {named.train} out")
    _refuse_unready(words, named.model)
    from shared.runs import started_flows

    at = others.index("run")
    before = [*others[:at], *(word for each in named.decorators for word in ("--with", each))]
    run = started_flows.run_command("TrainFlow", *before, "run", "--model", named.model)
    return [*before, *others[at:], "--train", f"TrainFlow/{run}"]


def _refuse_unready(words: list[str], model: str) -> None:
    """Raise `Refusal` where a model does not fit the problem that a command is about."""
    if "--config-value" in words:
        # TrainFlow reads those settings, and says it.
        return
    from shared import flow_settings, problems
    from shared.settings_reading import with_given
    from shared.training import readiness

    file = flow_settings.given_file(words) or problems.settings_file()
    readiness.refuse_unready(with_given(problems.load_problem(str(file)), model))
