"""A model of January to April as TrainFlow makes it, and the year's flights to try it on."""

import pandas as pd
import pytest

from shared import problems
from shared.model.bundle import Bundle
from shared.tables import sources
from shared.training import splits
from tests.conftest import FLIGHTS, bundle_of


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
