"""`POST /recommend`: slates are chosen by the policy, logged before they leave, and add up."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from fastapi.testclient import TestClient

from shared.log.database import LogUnavailable
from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.model.target_policy import bundle_policy
from shared.policies.exploration import propensities
from shared.schema.column_reading import NOT_OF_TYPE
from shared.sections.answers import Explore
from shared.serving.deployment import Deployment, ServingOptions
from shared.serving.observability.telemetry import Telemetry
from shared.serving.security.guard import Guard
from shared.training import served_rows
from tests.conftest import bundle_of
from tests.serving.conftest import END, JSON, START, errors_of
from tests.tasks.impressions import ITEMS, catalogue, impressions, shelf

ASKED = {"user": "u7", "age": 27}


@pytest.fixture(scope="module")
def bundle(shelf_bundle: Bundle) -> Bundle:
    return shelf_bundle


@pytest.fixture(scope="module")
def deployment(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MILLRACE_LOG", f"sqlite:///{tmp_path_factory.mktemp('log') / 'log.db'}")
        served = Deployment(bundle, ServingOptions(), Telemetry())
        yield served
        served.now.close()


@pytest.fixture(scope="module")
def client(deployment: Deployment) -> Iterator[TestClient]:
    # Within one loop, as a server's requests are.
    with TestClient(deployment.telemetry.measured(deployment)) as client:
        yield client


def log_of(deployment: Deployment) -> PredictionLog:
    return deployment.now.log_writer.log


def rows_of(deployment: Deployment, slates: Collection[str] = ()) -> pd.DataFrame:
    """Return the logged rows of some slates, or all that are there."""
    rows = log_of(deployment).predictions.window(START, END)
    rows = rows[rows["slate"].isin([*slates])] if slates else rows
    return rows.sort_values(["slate", "position"], ignore_index=True)


def test_a_slate_is_in_the_log_as_it_was_answered(
    client: TestClient, deployment: Deployment
) -> None:
    given = client.post("/recommend", json=ASKED | {"slate": "visit 1"})
    assert given.status_code == 200, given.text
    slate, rows = given.json(), rows_of(deployment, ["visit 1"])
    assert {name: slate[name] for name in ("slate", "policy", "candidates", "bundle")} == {
        "slate": "visit 1",
        "policy": "epsilon 0.2",
        "candidates": ITEMS,
        "bundle": deployment.now.bundle.digest,
    }
    assert [one["position"] for one in slate["items"]] == [1, 2, 3]
    assert len({one["item"] for one in slate["items"]}) == 3
    logged = rows.rename(columns={"probability": "score"})[[*slate["items"][0]]]
    assert logged.to_dict("records") == slate["items"]
    assert rows["key"].tolist() == ["visit 1:1", "visit 1:2", "visit 1:3"]
    assert set(rows["user"]) == {"u7"}
    assert set(rows["policy"]) == {"epsilon 0.2"}
    prices = catalogue().set_index("item")["price"]
    assert rows["price"].tolist() == prices[rows["item"]].tolist()


def test_propensities_can_be_computed_again_from_the_log_and_the_bundle(
    client: TestClient, deployment: Deployment
) -> None:
    bundle = deployment.now.bundle
    names = [f"again {user}" for user in range(30)]
    for user, name in enumerate(names):
        asked = {"user": f"u{user}", "age": 20 + user, "slate": name}
        assert client.post("/recommend", json=asked).is_success
    rows, items = rows_of(deployment, names), bundle.items()
    assert len(rows) == 90
    assert rows["propensity"].nunique() > 2
    for _, slate in rows.groupby("slate"):
        first = slate.iloc[0]
        candidates = items.assign(user=first["user"], age=first["age"])
        places = [items["item"].tolist().index(item) for item in slate["item"]]
        scores = bundle.scores(candidates)
        again = propensities(scores, np.array(places), bundle.settings.explore)
        assert slate["propensity"].tolist() == again.tolist()
        assert slate["probability"].tolist() == scores[places].tolist()


def test_a_log_says_which_candidates_a_caller_gave(
    client: TestClient, deployment: Deployment
) -> None:
    new = [{"item": "new", "price": "3.5"}, {"item": "i03", "price": 9}]
    asked = {"all": {}, "named": {"candidates": ["i07", "i03"]}, "told": {"candidates": new}}
    for slate, more in asked.items():
        asks = ASKED | {"slate": f"of {slate}", "k": 2} | more
        assert "candidate_set" not in client.post("/recommend", json=asks).json()
    rows = rows_of(deployment, ["of all", "of named", "of told"])
    held = [None, None, '["i07","i03"]', None, '{"item":["new","i03"],"price":[3.5,9.0]}', None]
    assert rows["candidate_set"].tolist() == held
    named = rows[rows["slate"] != "of all"].assign(outcome=0.0)
    log, left_out = bundle_policy(deployment.now.bundle).log(named)
    assert (log.target.tolist(), left_out) == (named["propensity"].tolist(), 0)


def test_candidates_are_named_or_described_and_as_many_shown_as_asked(client: TestClient) -> None:
    named = client.post("/recommend", json=ASKED | {"candidates": ["i03", "i07"], "k": 2}).json()
    assert {one["item"] for one in named["items"]} == {"i03", "i07"}
    assert named["candidates"] == 2
    new = {"item": "new", "price": 3.5}
    described = client.post("/recommend", json=ASKED | {"candidates": [new], "k": 1}).json()
    assert [one["item"] for one in described["items"]] == ["new"]
    assert described["items"][0]["propensity"] == 1
    # Fewer than are usually shown.
    assert len(client.post("/recommend", json=ASKED | {"candidates": ["i03"]}).json()["items"]) == 1


@pytest.mark.parametrize(
    ("more", "field", "problem"),
    [
        ({"candidates": ["i03", "i99"]}, "item", "none of the bundle's items"),
        ({"candidates": ["i03", "i03"]}, "item", "there twice"),
        ({"candidates": "i03"}, "candidates", "not a list of items"),
        (
            {"candidates": []},
            "candidates",
            "none is there: give at least one, or leave it out for all that there are",
        ),
        ({"candidates": [{"item": "new"}]}, "price", "missing"),
        ({"candidates": [{"item": "a", "price": "dear"}]}, "price", "not a number"),
        (
            {"candidates": ["i03", {"item": "a", "price": 2}]},
            "candidates",
            "some are objects, some are not: give all with their features, or all by name",
        ),
        ({"candidates": ["i03"] * 10_001}, "candidates", "more than 10,000"),
        ({"k": 0}, "k", "of 12 candidates a slate shows 1 to 12"),
        ({"k": 13}, "k", "of 12 candidates a slate shows 1 to 12"),
        ({"k": "3"}, "k", "not a whole number"),
        ({"k": True}, "k", "not a whole number"),
        ({"slate": ""}, "slate", "not a printable text of 1 to 100 characters"),
        ({"slate": 5}, "slate", "not a printable text of 1 to 100 characters"),
        ({"age": "old"}, "age", "not a whole number"),
        (
            {"price": 3},
            "price",
            "not a name of a row, which are slate, k, candidates, shown, user, age",
        ),
        ({"shown": "2024-13-01"}, "shown", NOT_OF_TYPE["time"]),
    ],
)
def test_what_is_wrong_is_one_clear_line(
    client: TestClient, deployment: Deployment, more: dict[str, Any], field: str, problem: str
) -> None:
    before = len(rows_of(deployment))
    (error,) = errors_of(client, ASKED | more, "/recommend")
    assert (error["field"], error["problem"]) == (field, problem)
    assert len(rows_of(deployment)) == before


@pytest.mark.parametrize("body", ["", "[]", "3", '{"user": ', "{}", '{"user": "a"}', "null"])
def test_a_body_that_is_no_request_is_refused(client: TestClient, body: str) -> None:
    given = client.post("/recommend", content=body, headers=JSON)
    assert given.status_code == 422
    assert given.json()["detail"]


def test_a_list_of_requests_is_no_request(client: TestClient) -> None:
    (error,) = errors_of(client, [ASKED], "/recommend")
    assert (error["field"], error["problem"]) == (
        "body",
        "the body is no object, which asks for one slate",
    )


def test_only_json_is_taken_and_only_by_post(client: TestClient) -> None:
    assert client.post("/recommend", content="{}").status_code == 422
    assert client.get("/recommend").status_code == 405
    assert client.head("/recommend").status_code == 405
    options = client.options("/recommend")
    assert (options.status_code, options.headers["allow"]) == (204, "OPTIONS, POST")


def test_nothing_is_answered_that_cannot_be_kept(
    client: TestClient, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(rows: Any) -> None:
        raise LogUnavailable("gone")

    monkeypatch.setattr(deployment.now.log_writer.log.predictions, "append_columns", away)
    given = client.post("/recommend", json=ASKED)
    assert given.status_code == 503
    assert given.headers["retry-after"] == "5"


def test_clicks_arrive_by_key_and_a_model_learns_from_what_was_served(
    client: TestClient, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [one["key"] for one in client.post("/recommend", json=ASKED).json()["items"]]
    labels = [{"impression": key, "clicked": at == 1} for at, key in enumerate(keys)]
    assert client.post("/outcomes", json=labels).json()["added"] == 3
    bundle = deployment.now.bundle
    address = log_of(deployment).address
    monkeypatch.setenv("MILLRACE_LOG", address)
    found = served_rows.labelled_rows(impressions(), bundle.contract, bundle.settings)
    assert found["clicked"].tolist() == [False, True, False]
    assert found["visit"].nunique() == 1
    assert found["place"].tolist() == [1, 2, 3]
    assert found["propensity"].between(0, 1).all()


def test_single_rows_are_answered_without_a_slate(
    client: TestClient, deployment: Deployment
) -> None:
    row = {"impression": "A1", "shown": "2024-05-01T10:00:00Z", "item": "i03", "price": 2.5}
    given = client.post("/predict", json=ASKED | row).json()
    assert given["slate"] is given["position"] is given["propensity"] is given["policy"] is None
    rows = rows_of(deployment)
    (logged,) = rows[rows["key"] == "A1"].to_dict("records")
    assert logged["probability"] == given["probability"]
    assert logged["slate"] is None


def test_the_route_is_described_with_the_columns_of_the_context(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    asked = document["components"]["schemas"]["SlateRequest"]
    assert [*asked["properties"]] == ["shown", "user", "age", "slate", "k", "candidates"]
    assert asked["required"] == ["user", "age"]
    assert [*document["components"]["schemas"]["Candidate"]["properties"]] == ["item", "price"]
    assert document["paths"]["/recommend"]["post"]["responses"].keys() >= {"200", "422", "503"}


def test_a_canary_chooses_its_share_of_the_slates(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILLRACE_LOG", f"sqlite:///{tmp_path / 'log.db'}")
    settings = shelf(tmp_path).model_copy(update={"seed": 5, "explore": Explore(by="softmax")})
    other = bundle_of(impressions(200, seed=1), settings, "boosting", tmp_path / "other")
    options = ServingOptions(challenger=lambda: other, canary=0.5)
    served = Deployment(bundle, options, Telemetry())
    with TestClient(served.telemetry.measured(served)) as client:
        slates = [
            client.post("/recommend", json=ASKED | {"slate": f"s{at}"}).json() for at in range(40)
        ]
    rows = rows_of(served)
    served.now.close()
    by = {slate["slate"]: slate["bundle"] for slate in slates}
    assert 8 < sum(digest == other.digest for digest in by.values()) < 32
    assert rows["bundle"].tolist() == [by[slate] for slate in rows["slate"]]
    assert set(rows.loc[rows["bundle"] == other.digest, "role"]) == {"canary"}


def test_a_bundle_without_items_is_told_its_candidates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILLRACE_LOG", f"sqlite:///{tmp_path / 'log.db'}")
    settings = shelf(tmp_path)
    ranking = settings.ranking.model_copy(update={"items": None})
    without = settings.model_copy(update={"ranking": ranking})
    bundle = bundle_of(impressions(200), without, "boosting", tmp_path / "bundle")
    assert bundle.items() is None
    served = Deployment(bundle, ServingOptions(guard=Guard()), Telemetry())
    with TestClient(served.telemetry.measured(served)) as client:
        told = [{"item": f"n{at}", "price": at / 2} for at in range(4)]
        given = client.post("/recommend", json=ASKED | {"candidates": told})
        assert given.status_code == 200, given.text
        assert len(given.json()["items"]) == 3
        (error,) = errors_of(client, ASKED, "/recommend")
        assert error["problem"] == "the bundle has no items: give them here"
        (error,) = errors_of(client, ASKED | {"candidates": ["n1"]}, "/recommend")
        assert error["problem"] == "the bundle has no items: give their features, too"
        document = client.get("/openapi.json").json()
        assert document["components"]["schemas"]["SlateRequest"]["required"] == ["candidates"]
    served.now.close()


def test_rows_are_answered_at_every_other_door(client: TestClient, bundle: Bundle) -> None:
    row = ASKED | {"impression": "A2", "shown": "2024-05-01T10:00:00Z", "item": "i03", "price": 2.5}
    answer = client.post("/predict", json=row).json()
    explained = client.post("/explain", json=row).json()
    assert explained["probability"] == answer["probability"]
    assert explained["slate"] is None
    datatypes = {"price": "FP64", "age": "INT64"}
    inputs = [
        {"name": name, "shape": [1], "datatype": datatypes.get(name, "BYTES"), "data": [value]}
        for name, value in row.items()
    ]
    outputs = client.post("/v2/models/shelf/infer", json={"inputs": inputs}).json()["outputs"]
    found = {output["name"]: output["data"] for output in outputs}
    assert found["probability"] == [answer["probability"]]
    assert found["policy"] == found["position"] == [None]
    table = pa.table({name: [value] for name, value in row.items()})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    kind = {"content-type": "application/vnd.apache.arrow.stream"}
    given = client.post("/predict", content=bytes(sink.getvalue()), headers=kind)
    answers = pa.ipc.open_stream(given.content).read_all().to_pylist()
    assert answers[0]["probability"] == answer["probability"]
