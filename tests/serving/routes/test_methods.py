"""HEAD is answered as GET without a body, and OPTIONS with the methods of a path."""

from fastapi.testclient import TestClient

from tests.serving.conftest import LOAN, Guarded

V2 = "/v2/models/loans"


def test_head_is_get_without_its_body(client: TestClient) -> None:
    for path in ("/bundle", "/health/live", "/health/ready", "/docs", "/openapi.json", V2):
        got, head = client.get(path), client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == got.headers["content-length"]
        assert head.headers["content-type"] == got.headers["content-type"]
    assert client.head("/nothing").status_code == 404


def test_options_lists_what_a_path_takes_and_so_does_the_refusal_of_another_method(
    client: TestClient,
) -> None:
    taken = {
        "/predict": "OPTIONS, POST",
        "/outcomes": "OPTIONS, POST",
        f"{V2}/infer": "OPTIONS, POST",
        "/bundle": "GET, HEAD, OPTIONS",
        f"{V2}/ready": "GET, HEAD, OPTIONS",
    }
    for path, allowed in taken.items():
        options, other = client.options(path), client.delete(path)
        assert (options.status_code, options.headers["allow"]) == (204, allowed)
        assert (other.status_code, other.headers["allow"]) == (405, allowed)
    assert client.options("/nothing").status_code == 404
    assert client.head("/predict").headers["allow"] == "OPTIONS, POST"


def test_over_a_socket_a_connection_goes_on_behind_head_and_options(guarded: Guarded) -> None:
    for _ in range(2):
        head = guarded.ask("HEAD", "/bundle", "predict")
        assert (head.status_code, head.content) == (200, b"")
        assert int(head.headers["content-length"]) > 100
        assert guarded.ask("OPTIONS", "/bundle", "predict").status_code == 204
        assert guarded.ask("POST", "/predict", "predict", json=LOAN).status_code == 200
    assert guarded.ask("HEAD", "/bundle").status_code == 401
    assert guarded.ask("HEAD", "/health/live").status_code == 200
