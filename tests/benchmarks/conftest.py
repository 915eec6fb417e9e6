"""A model of January to April as TrainFlow makes it, and the year's flights to try it on."""

from pathlib import Path

import pandas as pd
import pytest

from shared import problems
from shared.model.bundle import Bundle
from shared.tables import sources
from shared.training import splits
from tests.benchmarks.alarm_windows import Watched
from tests.conftest import FLIGHTS, ROOT, bundle_of


@pytest.fixture(scope="session")
def flights() -> pd.DataFrame:
    """Return the year's flights, in time."""
    found = problems.load_problem(str(FLIGHTS))
    table = sources.read_source(found.source)
    return table.sort_values(found.time, kind="stable").reset_index(drop=True)


@pytest.fixture(scope="session")
def flights_bundle(flights: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Return a bundle that knows the flights of the settings' split alone."""
    settings = problems.load_problem(str(FLIGHTS))
    history = splits.within(flights, settings)
    return bundle_of(history, settings, "boosting", tmp_path_factory.mktemp("bundles") / "flights")


@pytest.fixture(scope="session", params=["flights", "delay", "fate"])
def watched(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """Return a model of each kind of answer, and the year's flights with its target."""
    folder = tmp_path_factory.mktemp("bundles")
    return watched_of(str(ROOT / "flows" / "problems" / request.param / "problem.toml"), folder)


def watched_of(problem: str, folder: Path) -> Watched:
    """Return a model of a problem's settings, which knows the rows of their split alone."""
    settings = problems.load_problem(problem)
    year = sources.read_source(settings.source)
    year = year.sort_values(settings.time, kind="stable").reset_index(drop=True)
    history = splits.within(year, settings)
    return Watched(bundle_of(history, settings, "boosting", folder / settings.name), year)
