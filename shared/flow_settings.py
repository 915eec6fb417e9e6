"""What each flow has of its problem: the settings as its configuration, and the own code."""

import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from metaflow import Config, FlowMutator
from metaflow.exception import MetaflowException
from metaflow.packaging_sys import ContentType
from metaflow.packaging_sys.tar_backend import TarPackagingBackend

from shared import FLOWS, given_files, problem_code, problems, settings_reading
from shared.errors import Refusal

# What a problem's folder may hold that its code reads.
SUFFIXES = {".py", ".toml", ".json", ".yaml", ".yml", ".sql", ".txt"}
# The file of the flow that reads models which were fitted elsewhere.
TRAIN = "train.py"


def problem_config() -> Any:
    """Return the configuration `settings` of a flow: `--config settings FILE`, or MILLRACE_PROBLEM.

    Where neither names a problem, it is the flights.
    """
    try:
        problems.make_named_importable()
        default = problems.settings_file()
    except Refusal as refusal:
        if os.environ.get(problems.VARIABLE):
            sys.exit(str(refusal))
        # Where a task runs on a cluster its settings come with it.
        default = FLOWS / problem_code.PACKAGE / problems.DEFAULT / problems.FILE
    return Config(
        "settings",
        default=str(default),
        parser="shared.flow_settings.parse",
        help="the problem's settings file",
    )


def parse(text: str) -> dict[str, Any]:
    """Read the text of the settings that this run was given, for Metaflow.

    They have own code if the file that they are of is known: text given by `--config-value` has
    none. From then on a file that was given is the one that MILLRACE_PROBLEM names, so that this
    run's tasks and the commands that they show are about it. What is refused is one line of
    Metaflow's.
    """
    try:
        if given := given_file(sys.argv):
            os.environ[problems.VARIABLE] = str(given)
        file = given or problems.settings_file()
        if file.is_file() and file.read_text(encoding="utf-8") == text:
            values = problems.settings_in_full(text, file)
            _refuse_out_of_reach(values, file.parent)
            return values
        return settings_reading.parse_settings(text)
    except Refusal as refusal:
        raise MetaflowException(str(refusal)) from None


class own_code(FlowMutator):  # noqa: N801  (a decorator)
    """Lets a problem's folder go with the flow's code package, wherever it lies.

    So do models that were fitted elsewhere, where tasks run on a cluster.
    """

    _models: dict[str, Path] = {}

    def pre_mutate(self, mutable_flow: Any) -> None:
        """Find the models that the settings and the command line name, or refuse in one line."""
        self._models = {}
        if not _tasks_run_elsewhere(sys.argv):
            return
        for named in _given_models(dict(mutable_flow.configs)["settings"]):
            try:
                self._models[named] = given_files.skops_file(named)
            except Refusal as refusal:
                raise MetaflowException(f"{named}: {refusal}") from None

    def add_to_package(self) -> Iterator[tuple[str, str, ContentType]]:
        """Yield the files, by the place beside `shared/` that a problem of a checkout has.

        Not beside the flow: what a checkout has there of a problem of that name would be taken.
        """
        for named, model in self._models.items():
            yield str(model), str(given_files.place_in_package(named)), ContentType.CODE_CONTENT
        for name, folder in problem_code.importable().items():
            for file in sorted(folder.rglob("*")):
                if file.is_file() and file.suffix in SUFFIXES:
                    place = Path(FLOWS.name, problem_code.PACKAGE, name, file.relative_to(folder))
                    yield str(file), str(place), ContentType.CODE_CONTENT


def on_argo() -> bool:
    """Tell whether this is a task of a flow that is deployed on Argo, which alone sends events."""
    return bool(os.environ.get("ARGO_WORKFLOW_TEMPLATE"))


def _refuse_out_of_reach(values: dict[str, Any], folder: Path) -> None:
    """Refuse a table that no task will have, where these commands start tasks on a cluster."""
    if _tasks_run_elsewhere(sys.argv):
        from shared.tables import sources

        sources.refuse_out_of_reach(settings_reading.typed_settings(values), folder)


def _tasks_run_elsewhere(words: list[str]) -> bool:
    """Tell whether a command starts tasks on a cluster."""
    with_pods = any(word.partition("=")[2].startswith("kubernetes") for word in words) or any(
        pair[0] == "--with" and pair[1].startswith("kubernetes") for pair in pairwise(words)
    )
    return with_pods or ("argo-workflows", "create") in pairwise(words)


def _given_models(values: Mapping[str, Any]) -> list[str]:
    """Return the paths of models that the settings name, and the command line by `--model`.

    None for any flow but TrainFlow, which alone reads them.
    """
    if Path(sys.argv[0]).name != TRAIN:
        return []
    named = [each.get("model") for each in values["candidates"]]
    parser = ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--model")
    named.append(parser.parse_known_args(sys.argv[1:])[0].model)
    return [each for each in named if each]


def given_file(words: list[str]) -> Path | None:
    """Return the file that `--config settings` names, or Metaflow's variable for it."""
    for at, word in enumerate(words[:-2]):
        if word == "--config" and words[at + 1] == "settings":
            return Path(words[at + 2]).resolve()
    named = json.loads(os.environ.get("METAFLOW_FLOW_CONFIG") or "{}").get("settings")
    return Path(named).resolve() if named else None


# Metaflow 2.19 opens each code package twice and closes one of the two: from Python 3.12 on, the
# other prints a traceback into every run (findings/metaflow_package_opened_twice.sh).
TarPackagingBackend.__enter__ = lambda self: self  # type: ignore[method-assign]
