"""Keys, limits and headers, of a real server and on real sockets."""

import hashlib
import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.serving.security import failures, keys, limits
from tests.prometheus import wait_until
from tests.serving.processes import LOAN, Running, listening, refused, serving

OUTCOME = {"loan": "A1", "defaulted": False}
V2 = "/v2/models/loans/infer"


@dataclass(frozen=True)
class Guarded:
    """A server that asks for keys: three of the environment by role, one in a file."""

    running: Running
    secrets: dict[str, str]
    file: Path

    def ask(self, method: str, path: str, who: str | None = None, **more: object) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.secrets[who]}"} if who else {}
        return self.running.client.request(method, path, headers=headers, **more)


@pytest.fixture(scope="module")
def guarded(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("guarded")
    made = {role: keys.new_key(f"the-{role}", role) for role in keys.ROLES}
    file = folder / "keys"
    secret, entry = keys.new_key("rotated", "predict")
    file.write_text(f"# of this week\n{entry}\n")
    secrets = {role: secret for role, (secret, _) in made.items()} | {"rotated": secret}
    told = ",".join(entry for _, entry in made.values())
    words = ("--bundle", str(bundle.path), "--max-body", "1", "--access-log", "json")
    variables = {"MILLRACE_API_KEYS": told, "MILLRACE_API_KEYS_FILE": str(file)}
    with serving(folder, *words, **variables) as running:
        yield Guarded(running, secrets, file)


@pytest.mark.parametrize(
    ("method", "path", "may"),
    [
        ("POST", "/predict", {"predict", "rotated", "admin"}),
        ("POST", "/outcomes", {"outcomes", "admin"}),
        ("GET", "/bundle", {"predict", "outcomes", "rotated", "admin"}),
        ("GET", "/metrics", {"predict", "outcomes", "rotated", "admin"}),
        ("GET", "/openapi.json", {"predict", "outcomes", "rotated", "admin"}),
        ("DELETE", "/bundle", {"admin"}),
    ],
)
def test_each_role_may_do_its_own(guarded: Guarded, method: str, path: str, may: set[str]) -> None:
    body = {"/predict": LOAN, "/outcomes": OUTCOME}.get(path)
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


def test_a_key_in_the_file_is_replaced_without_a_new_start(guarded: Guarded) -> None:
    secret, entry = keys.new_key("rotated", "predict")
    assert guarded.ask("POST", "/predict", "rotated", json=LOAN).status_code == 200
    former = guarded.file.read_text()
    guarded.file.write_text(entry)
    headers = {"X-API-Key": secret}
    client = guarded.running.client
    wait_until(lambda: client.post("/predict", json=LOAN, headers=headers).status_code == 200)
    assert guarded.ask("POST", "/predict", "rotated", json=LOAN).status_code == 401
    guarded.file.write_text("nonsense")
    time.sleep(1.2)
    assert client.post("/predict", json=LOAN, headers=headers).status_code == 200
    guarded.file.write_text(former)
    wait_until(lambda: guarded.ask("POST", "/predict", "rotated", json=LOAN).status_code == 200)


def test_every_answer_tells_a_browser_to_keep_nothing_and_run_nothing(guarded: Guarded) -> None:
    for path, who in (("/health/live", None), ("/bundle", "admin"), ("/predict", None)):
        headers = guarded.ask("GET", path, who).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "server" not in headers


def test_a_body_beyond_the_limit_is_refused_announced_or_not(guarded: Guarded) -> None:
    body = json.dumps([LOAN] * 10_000).encode()
    assert len(body) > 1024 * 1024
    answer = guarded.ask("POST", "/predict", "predict", content=body)
    assert answer.status_code == 413
    assert answer.json()["detail"].startswith("a body may have 1,048,576 bytes")
    pieces = (body[at : at + 65_536] for at in range(0, len(body), 65_536))
    assert guarded.ask("POST", "/predict", "predict", content=pieces).status_code == 413


def test_the_document_names_the_ways_to_send_a_key_and_what_may_be_answered(
    guarded: Guarded,
) -> None:
    document = guarded.ask("GET", "/openapi.json", "admin").json()
    assert set(document["components"]["securitySchemes"]) == {"bearer", "header"}
    predict = document["paths"]["/predict"]["post"]
    assert set(predict["responses"]) >= {"200", "401", "403", "408", "413", "422", "500", "503"}
    assert "security" not in document["paths"]["/health/live"]["get"]


@pytest.mark.skipif(not shutil.which("chromium"), reason="needs chromium")
def test_the_docs_show_the_routes_with_nothing_from_another_site(
    bundle: Bundle, tmp_path: Path
) -> None:
    nowhere = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", nowhere]
    with serving(tmp_path, "--bundle", str(bundle.path)) as running:
        for page in ("docs", "redoc"):
            page_url = f"{running.url.rstrip('/')}/{page}"
            done = subprocess.run(
                [*command, "--virtual-time-budget=20000", page_url],
                capture_output=True,
                text=True,
                check=True,
                timeout=60,
            )
            text = re.sub(r"<script.*?</script>|<style.*?</style>|<[^>]+>", " ", done.stdout)
            assert "loans, by Millrace" in text
            assert "/outcomes" in text


def test_the_docs_are_off_by_one_switch(bundle: Bundle, tmp_path: Path) -> None:
    with serving(tmp_path, "--bundle", str(bundle.path), "--no-docs") as running:
        for path in ("docs", "redoc", "openapi.json", "docs/files/swagger-ui.css"):
            assert running.client.get(path).status_code == 404


def test_other_machines_are_not_served_without_keys(bundle: Bundle, tmp_path: Path) -> None:
    words = ("serve", "--bundle", str(bundle.path), "--port", "0", "--host")
    for host in ("0.0.0.0", "::"):
        assert "so keys are needed" in refused(tmp_path, *words, host)


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ("bank:predict", "entry 1 of MILLRACE_API_KEYS has 2 parts"),
        (f"bank:boss:{'a' * 64}", "its role is none of predict, outcomes, admin"),
        ("bank:predict:topsecret", "not the 64 hex digits"),
        (f"a b:predict:{'a' * 64}", "a name is"),
        (f"a:predict:{'a' * 64},b:admin:{'A' * 64}", "named a and b are the same"),
        (f"a:predict:{'a' * 64},\n,b:outcomes:topsecret", "entry 2 of MILLRACE_API_KEYS"),
    ],
)
def test_mistaken_entries_are_refused_by_their_number_and_none_is_shown(
    entries: str, told: str
) -> None:
    with pytest.raises(Refusal, match=told) as refusal:
        keys.Keys(keys.parse_keys(entries, "MILLRACE_API_KEYS"))
    assert "topsecret" not in str(refusal.value)


def test_a_server_with_a_mistaken_entry_does_not_start(bundle: Bundle, tmp_path: Path) -> None:
    words = ("serve", "--bundle", str(bundle.path), "--port", "0")
    assert "entry 1 of MILLRACE_API_KEYS" in refused(tmp_path, *words, MILLRACE_API_KEYS="a:b")
    said = refused(tmp_path, *words, MILLRACE_API_KEYS_FILE="nowhere")
    assert "nowhere cannot be read: No such file" in said


def test_a_new_key_goes_with_its_entry() -> None:
    secret, entry = keys.new_key("bank", "predict")
    found = keys.Keys(keys.parse_keys(entry, "here")).matching(secret.encode())
    assert found
    assert (found.name, found.role) == ("bank", "predict")
    assert entry.endswith(hashlib.sha256(secret.encode()).hexdigest())
    with pytest.raises(Refusal, match="a name is"):
        keys.new_key("a b", "predict")


async def _size(scope: Scope, receive: Receive, send: Send) -> None:
    body = await Request(scope, receive).body()
    await JSONResponse({"size": len(body)})(scope, receive, send)


async def _broken(scope: Scope, receive: Receive, send: Send) -> None:
    raise RuntimeError("the password is topsecret\nrequest x failed")


def test_a_body_that_does_not_come_is_given_up() -> None:
    app = limits.limited(_size, most=1_000, seconds=0.3)
    with listening(app) as url:
        assert httpx.post(url, content=b"x" * 1_000).json() == {"size": 1_000}
        assert httpx.post(url, content=b"x" * 1_001).status_code == 413
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
            sock.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n123")
            answered = b"".join(iter(lambda: sock.recv(4_096), b""))
    assert answered.startswith(b"HTTP/1.1 408 ")
    assert b"did not come within 0.3 s" in answered


def test_a_failure_tells_the_caller_an_id_and_the_owner_a_line(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with listening(failures.handled(_broken)) as url:
        answer = httpx.get(url)
    assert answer.status_code == 500
    (line,) = capfd.readouterr().err.splitlines()
    told = answer.json()
    assert "topsecret" not in answer.text
    assert line.startswith(f"request {told['request_id']} failed: GET /: RuntimeError: the pass")
    assert "test_security.py" in line
