"""Who may ask what, of a real server."""

import pytest

from tests.serving.conftest import Guarded
from tests.serving.processes import LOAN

OUTCOME = {"loan": "A1", "defaulted": False}


V2 = "/v2/models/loans/infer"


@pytest.mark.parametrize(
    ("method", "path", "may"),
    [
        ("POST", "/predict", {"predict", "rotated", "admin"}),
        ("POST", "/explain", {"predict", "rotated", "admin"}),
        ("POST", "/outcomes", {"outcomes", "admin"}),
        ("GET", "/bundle", {"predict", "outcomes", "rotated", "admin"}),
        ("GET", "/metrics", {"predict", "outcomes", "rotated", "admin"}),
        ("GET", "/openapi.json", {"predict", "outcomes", "rotated", "admin"}),
        ("DELETE", "/bundle", {"admin"}),
    ],
)
def test_each_role_may_do_its_own(guarded: Guarded, method: str, path: str, may: set[str]) -> None:
    body = {"/predict": LOAN, "/explain": LOAN, "/outcomes": OUTCOME}.get(path)
    answers = {who: guarded.ask(method, path, who, json=body) for who in guarded.secrets}
    assert {who for who, answer in answers.items() if answer.status_code != 403} == may
    nobody = guarded.ask(method, path, json=body)
    assert nobody.status_code == 401
    assert nobody.headers["www-authenticate"].startswith('Bearer realm="millrace"')
    assert "Authorization: Bearer KEY" in nobody.json()["detail"]


def test_health_is_for_everyone_and_any_other_path_for_nobody_without_a_key(
    guarded: Guarded,
) -> None:
    for path in ("/health/live", "/health/ready"):
        assert guarded.ask("GET", path).status_code == 200
    for path in ("/", "/nothing", "/docs", "/health", V2):
        assert guarded.ask("GET", path).status_code == 401


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer x", "Basic eDp5", "Bearer \u00e9", "x"])
def test_what_is_no_key_is_told_so(guarded: Guarded, sent: str) -> None:
    headers = {"Authorization": sent.encode()}
    answer = guarded.running.client.post("/predict", json=LOAN, headers=headers)
    assert answer.status_code == 401


def test_a_key_may_come_in_a_header_of_its_own(guarded: Guarded) -> None:
    headers = {"X-API-Key": guarded.secrets["predict"]}
    answer = guarded.running.client.post("/predict", json=LOAN, headers=headers)
    assert answer.status_code == 200
