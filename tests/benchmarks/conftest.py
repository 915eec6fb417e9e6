"""A model of January to April as TrainFlow makes it, and the year's flights to try it on."""

from types import SimpleNamespace

import pandas as pd
import pytest

from shared import problems
from shared.model.bundle import Bundle
from shared.packaging import build
from shared.schema.contract import Contract
from shared.tables import sources
from shared.training import candidates, judgement, splits
from tests.conftest import FLIGHTS


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
    contract = Contract.infer(history, settings)
    parts = splits.by_time(history, settings)
    chosen = candidates.fit_and_score("boosting", parts, contract, settings)
    model = candidates.refit("boosting", parts, contract, settings)
    judged = judgement.judge(model, chosen, parts, history, contract, None, settings)
    trained = SimpleNamespace(model=model, contract=contract, **vars(judged))
    folder = tmp_path_factory.mktemp("bundles") / "flights"
    return build.build(folder, settings, trained, {"training run": "TrainFlow/0"})
