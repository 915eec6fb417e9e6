"""Kinds of answers go the whole way through real flows, from a table to judged answers.

The binary one, the loans, does so in the modules beside this one. The regression is a problem
folder elsewhere, with its own source and model, which `make` runs; the multiclass one has three
hundred rows.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from shared.lineage import bundles
from shared.model.bundle import Bundle
from shared.tables import sources
from tests.commands import run
from tests.conftest import ROOT, House, latest_digest
from tests.flows.test_ingest import ran
from tests.flows.test_train import card_text
from tests.kinds import KINDS, REGRESSION, Kind
from tests.serving.processes import serving

pytestmark = [pytest.mark.flow, pytest.mark.long]
SOURCE = """
import pandas as pd


def table():
    return pd.read_parquet("{file}")
"""
MODELS = """
from sklearn.linear_model import Ridge

from problems.regression_claims.limits import MOST


class Cautious(Ridge):
    def predict(self, X):
        return super().predict(X).clip(max=MOST)
"""
FEATURES = """
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

NUMBERS = ["income", "age", "employed"]


def halves(rows):
    return rows / 2


def pipeline():
    numbers = make_pipeline(FunctionTransformer(halves), SimpleImputer(), StandardScaler())
    regions = OneHotEncoder(handle_unknown="ignore")
    return make_column_transformer((numbers, NUMBERS), (regions, ["region"]))
"""
MOST = 90.0
JSON = {"content-type": "application/json"}
CARD = ("Ok: nothing exceeded", "share with an outcome")
FEW = "\n[monitor]\nminimum_outcomes = 50\n"
# What a session, or the `make` that runs the tests, has set.
SET_BY_OTHERS = ("METAFLOW", "MILLRACE", "ARGS", "MAKE", "MFLAGS")


def environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(SET_BY_OTHERS)}
    binaries = Path(sys.executable).parent
    # The set-up is this environment.
    flags = f"READY={ROOT / 'Makefile'} BIN={binaries}"
    return kept | {"MAKEFLAGS": flags, "MILLRACE_REVIEWER": "Ada Tester"}


def make(home: Path, *words: str) -> str:
    done = subprocess.run(
        ["make", "-f", str(ROOT / "Makefile"), *words],
        cwd=home,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def named(kind: Kind) -> str:
    """Return the settings under a name of their own: all runs are kept in one folder."""
    return kind.text.replace('name = "claims"', f'name = "{kind.name}_claims"', 1)


def own_problem(home: Path, place: Path, kind: Kind) -> House:
    """Take a problem folder, whose name is not the problem's, to its approval by `make`."""
    kind.claims(3_000, 0).to_parquet(place / "claims.parquet", index=False)
    text = named(kind).replace("claims.parquet", "source:table")
    text = text.replace('"tree"', '"features.pipeline"')
    text = re.sub(r'(?<=estimator = )"\S+"', '"models.Cautious"', text)
    (place / "problem.toml").write_text(re.sub(r"params = .*\n", "", text))
    (place / "source.py").write_text(SOURCE.format(file=place / "claims.parquet"))
    (place / "models.py").write_text(MODELS)
    (place / "features.py").write_text(FEATURES)
    (place / "limits.py").write_text(f"MOST = {MOST}\n")
    problem = f"PROBLEM={place}"
    make(home, "train", problem)
    digest = re.search(r"bundle ([0-9a-f]{64}) is verified", make(home, "package", problem))
    assert digest
    make(home, "review", problem, f"BUNDLE={digest[1]}", "DECISION=approve", "REASON=it passed")
    return House(home, place / "problem.toml")


def three_hundred_rows(folder: Path, kind: Kind) -> House:
    """Take three hundred rows of two weeks to a bundle's approval."""
    kind.claims(300, 0, days=14).to_parquet(folder / "claims.parquet", index=False)
    text = named(kind).replace('"tree"', '"linear"') + FEW
    text = re.sub(r'(?<=estimator = )"\S+"', '"sklearn.linear_model.LogisticRegression"', text)
    settings = folder / "claims.toml"
    settings.write_text(re.sub(r"params = .*", "params = { C = 0.3 }", text))
    house = House(folder, settings)
    house.run("train", "run")
    house.run("package", "run")
    words = ["--bundle", latest_digest(house, f"{kind.name}_claims"), "--decision", "approve"]
    house.run("review", "run", *words, "--reason", "it passed")
    return house


@dataclass(frozen=True)
class Way:
    """What came of a kind's champion: what it was asked, and what each part said.

    `answers` are the server's, by the rows `asked`; `scored` is ScoreFlow's folder of answers.
    """

    kind: Kind
    bundle: Bundle
    asked: pd.DataFrame
    answers: pd.DataFrame
    outcomes: dict[str, int]
    monitor: Any
    scored: Path
    judged: "subprocess.CompletedProcess[str]"


@pytest.fixture(scope="module", params=KINDS[1:], ids=lambda kind: kind.name)
def approved(
    request: pytest.FixtureRequest, house: House, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Kind, House, pd.DataFrame]:
    """Return a kind, the house of its approved bundle, and rows to ask for."""
    kind: Kind = request.param
    if kind is REGRESSION:
        place = tmp_path_factory.mktemp("credit")
        return kind, own_problem(house.folder, place, kind), kind.asked(rows=233)
    return kind, three_hundred_rows(house.folder, kind), kind.asked(rows=150, after=14)


@pytest.fixture(scope="module")
def way(approved: tuple[Kind, House, pd.DataFrame]):
    """Serve, monitor, score and judge."""
    kind, house, asked = approved
    plain = asked.drop(columns=kind.target)
    file = f"{kind.name}.parquet"
    plain.to_parquet(house.folder / file, index=False)
    labels = asked[["loan", kind.target]]
    log = {"MILLRACE_LOG": f"sqlite:///{house.folder / kind.name}.db"}
    with serving(house.folder, "--problem", str(house.settings), **log) as server:
        rows = plain.to_json(orient="records", date_format="iso")
        answered = server.client.post("/predict", content=rows, headers=JSON)
        assert answered.status_code == 200, answered.text
        arrived = server.client.post("/outcomes", json=labels.to_dict("records"))
        assert arrived.status_code == 200, arrived.text
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(house.folder)
        for variable, value in log.items():
            patch.setenv(variable, value)
        monitor, _ = ran(House(house.folder, house.settings, log), "monitor")
        bundle = bundles.find_bundle(f"{kind.name}_claims", answered.json()[0]["bundle"])
        ran(house, "score", "--table", file)
        scored = house.folder / f"{file}.scored" / bundle.digest[:12]
        words = ["--bundle", str(bundle.path), "--window", str(scored)]
        judged = run(house.folder, "judge", *words)
        answers = pd.DataFrame(answered.json())
        yield Way(kind, bundle, asked, answers, arrived.json(), monitor, scored, judged)


def test_a_bundle_of_each_kind_passed_its_gates_and_was_proved(way: Way) -> None:
    assert way.bundle.task.kind == way.kind.name
    assert way.bundle.evaluation.passed
    assert way.bundle.evaluation.comparisons.keys() == {"baseline"}


def test_a_server_answers_with_the_columns_and_values_of_the_kind(way: Way) -> None:
    others = {name for kind in KINDS for name in kind.answers} - {*way.kind.answers}
    assert {*way.kind.answers, "bundle"} <= {*way.answers.columns}
    assert others & {*way.answers.columns} == set()
    assert set(way.answers["bundle"]) == {way.bundle.digest}
    if way.kind is REGRESSION:
        # Its own code is not known in this process.
        assert way.answers["prediction"].max() <= MOST
        return
    expected = way.bundle.answers(way.bundle.scores(way.asked), way.asked)
    for name in way.kind.answers:
        assert way.answers[name].tolist() == pytest.approx(expected[name].tolist())


def test_its_week_is_judged_with_the_outcomes_that_came(way: Way) -> None:
    assert way.outcomes["added"] == len(way.asked)
    assert way.monitor.data.verdict["verdict"] == "ok", way.monitor.data.verdict["reasons"]
    assert way.monitor.data.window.profile.keys.repeated == 0
    text = card_text(way.monitor, "judge")
    assert {words for words in CARD if words not in text} == set()
    quality = way.monitor.data.findings.quality
    assert (quality.state, quality.received) == ("judged", len(way.asked))
    rows = way.asked.rename(columns={way.kind.target: "outcome"})
    exact = way.kind.scores(rows.assign(**way.answers[[*way.kind.answers]]))
    for name in way.bundle.task.judged:
        if name in exact:
            assert quality.scores[name].value == pytest.approx(exact[name], rel=0.02)


def test_a_whole_table_has_the_answers_that_the_server_gave_and_is_judged(way: Way) -> None:
    scored = sources.read_source(str(way.scored)).set_index("loan").loc[way.asked["loan"]]
    for name in way.kind.answers:
        assert scored[name].tolist() == pytest.approx(way.answers[name].tolist())
    assert way.judged.returncode == 0, way.judged.stdout + way.judged.stderr
