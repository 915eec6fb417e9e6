"""Who may ask what: a key is asked for before anything else of a request is looked at."""

import base64
import binascii
from typing import Literal

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.serving.security.keys import ApiKey, KeyRole, Keys

OPEN = ("/health/", "/v2/health/")
READ = ("/bundle", "/docs", "/redoc", "/openapi.json", "/metrics")
PAGES = ("/docs", "/redoc", "/openapi.json")
BEARER = 'Bearer realm="millrace"'
# A browser asks its user for a name, which may be any, and the key.
BASIC = 'Basic realm="millrace, with the key as password"'
HOW = "send it as the header 'Authorization: Bearer KEY' or 'X-API-Key: KEY'"
Need = KeyRole | Literal["any"] | None


def require_key(app: ASGIApp, keys: Keys) -> ASGIApp:
    """Return the application for those who have a key to what they ask.

    The key's name is in `scope["state"]["api_key_name"]` from then on.
    """

    async def asking(scope: Scope, receive: Receive, send: Send) -> None:
        needed = (
            required_role(scope["path"], scope["method"]) if scope["type"] == "http" else "admin"
        )
        secret = _secret(scope)
        key = keys.matching(secret) if secret else None
        if key:
            # Whoever sends a key is told more, also where none is needed.
            scope.setdefault("state", {})["api_key_name"] = key.name
        if needed is None or (key and (needed == "any" or key.role in (needed, "admin"))):
            await app(scope, receive, send)
        elif scope["type"] == "http":
            answer = _forbidden(scope, key) if key else _unknown(scope, given=bool(secret))
            await answer(scope, receive, send)

    return asking


def is_allowed(scope: Scope, keys: Keys) -> bool:
    """Say whether a request has a key with the role that it needs, and note the key's name."""
    secret = _secret(scope)
    key = keys.matching(secret) if secret else None
    if key is None or key.role not in (required_role(scope["path"], scope["method"]), "admin"):
        return False
    scope.setdefault("state", {})["api_key_name"] = key.name
    return True


def required_role(path: str, method: str) -> Need:
    """Return the role that a request needs, "any" for any key, or None for none at all.

    What is not named here is an administrator's alone.
    """
    reading = method in ("GET", "HEAD", "OPTIONS")
    if path.startswith(OPEN):
        return None
    if path in ("/predict", "/explain", "/recommend"):
        return "predict"
    if path == "/outcomes":
        return "outcomes"
    if path == "/v2" or path.startswith("/v2/"):
        return "any" if reading else "predict"
    return "any" if reading and (path in READ or path.startswith("/docs/")) else "admin"


def _secret(scope: Scope) -> bytes | None:
    """Return the secret that came with a request; X-API-Key before what a proxy may have set."""
    own = sent = None
    for name, value in scope["headers"]:
        if name == b"x-api-key":
            own = value
        elif name == b"authorization":
            sent = value
    if own or not sent:
        return own
    kind, _, secret = sent.partition(b" ")
    kind = kind.lower()
    if kind == b"bearer":
        return bytes(secret.strip())
    # A browser sends this along with whatever another site's page has it ask: good for pages alone.
    return _password(secret) if kind == b"basic" and _is_page(scope) else None


def _password(coded: bytes) -> bytes | None:
    try:
        return base64.b64decode(coded, validate=True).partition(b":")[2]
    except binascii.Error:
        return None


def _is_page(scope: Scope) -> bool:
    path: str = scope["path"]
    return path in PAGES or path.startswith("/docs/")


def _unknown(scope: Scope, given: bool) -> JSONResponse:
    detail = "no such key is known" if given else f"a key is needed: {HOW}"
    ways = [f'{BEARER}, error="invalid_token"' if given else BEARER]
    if _is_page(scope):
        ways.append(BASIC)
    answer = JSONResponse({"detail": detail}, status_code=401)
    for way in ways:
        answer.headers.append("WWW-Authenticate", way)
    return answer


def _forbidden(scope: Scope, key: ApiKey) -> JSONResponse:
    detail = f"the key {key.name} has the role {key.role}, which may not {scope['method']} this"
    return JSONResponse({"detail": detail}, status_code=403)
