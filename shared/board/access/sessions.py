"""Sessions: a signed cookie says who logged in, another which browser it is, as each form does."""

import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import Response

from shared.board.access.people import Access, Person
from shared.errors import Refusal
from shared.serving.security.keys import ApiKey

SESSION_COOKIE, VISIT_COOKIE = "millrace_session", "millrace_visit"
NUMBER = re.compile(r"[\w-]{22}")
SECRET_VARIABLE = "MILLRACE_BOARD_SECRET"
SESSION_SECONDS = 12 * 3_600
MOST_FORM_BYTES = 64 * 1024
FORM_TYPE = "application/x-www-form-urlencoded"
TOKEN = "token"
Form = dict[str, str]


class Forbidden(Refusal):
    """What somebody may not do, with the status of the answer."""

    def __init__(self, words: str, status: int = 403) -> None:
        super().__init__(words)
        self.status = status


@dataclass(frozen=True)
class Visit:
    """A browser's visit: its random number, who it is (None for nobody), and its forms' token."""

    number: str
    person: Person | None
    token: str
    is_new: bool = False
    logged_in: bool = False


class Sessions:
    """Reads and writes the cookies; their secret is random, or MILLRACE_BOARD_SECRET."""

    def __init__(self, access: Access, secret: str | None = None) -> None:
        self.access = access
        self._secret = secret or os.environ.get(SECRET_VARIABLE) or secrets.token_urlsafe(32)
        self._serializer = URLSafeTimedSerializer(
            self._secret, salt=SESSION_COOKIE, signer_kwargs={"digest_method": hashlib.sha256}
        )

    def visit(self, request: Request) -> Visit:
        """Return whose visit a request belongs to; a new one where there is no cookie of one."""
        kept = request.cookies.get(VISIT_COOKIE, "")
        number = kept if NUMBER.fullmatch(kept) else secrets.token_urlsafe(16)
        by_key = self._holder(request.cookies.get(SESSION_COOKIE, ""))
        person = self.access.by_word_of_proxy(request) or by_key
        if not (self.access.keys or self.access.proxy):
            person = self.access.local
        token = self._token(number, person.name if person else "")
        return Visit(number, person, token, number != kept, bool(by_key) and person == by_key)

    def begin(self, request: Request, response: Response, key: ApiKey) -> None:
        """Give whoever holds a key the cookie that says so."""
        held = self._serializer.dumps({"name": key.name, "key": _fingerprint(key)})
        self._set(request, response, SESSION_COOKIE, held)

    def end(self, response: Response) -> None:
        """Take the cookie of who logged in away."""
        response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="strict")

    def remember(self, request: Request, response: Response, visit: Visit) -> None:
        """Give a new visit its cookie."""
        if visit.is_new and visit.number:
            self._set(request, response, VISIT_COOKIE, visit.number)

    def require_own_form(self, request: Request, visit: Visit, form: Form) -> None:
        """Raise `Forbidden` for a form that was not sent from a page of this visit."""
        site = request.headers.get("sec-fetch-site", "same-origin")
        origin = request.headers.get("origin")
        own = request.headers.get("host", "").lower()
        if site != "same-origin" or (origin is not None and urlsplit(origin).netloc != own):
            raise Forbidden("This form was sent from another site. Nothing was done.")
        if not hmac.compare_digest(form.get(TOKEN, "").encode(), visit.token.encode()):
            raise Forbidden(
                "This form is not of your present session, which may have ended. Nothing was "
                "done: open the page anew, and send it again."
            )

    def _holder(self, cookie: str) -> Person | None:
        """Return who logged in, while their key is among the people's."""
        try:
            kept = self._serializer.loads(cookie, max_age=SESSION_SECONDS)
        except BadData:
            return None
        for key in self.access.keys.known if self.access.keys else ():
            if key.name == kept["name"] and _fingerprint(key) == kept["key"]:
                return Person(key.name, key.role)
        return None

    def _set(self, request: Request, response: Response, name: str, value: str) -> None:
        by_proxy = self.access.is_proxy(request)
        forwarded = request.headers.get("x-forwarded-proto") if by_proxy else None
        response.set_cookie(
            name,
            value,
            max_age=SESSION_SECONDS,
            httponly=True,
            samesite="strict",
            secure=(forwarded or request.url.scheme) == "https",
        )

    def _token(self, number: str, name: str) -> str:
        signed = f"form {number} {name}".encode()
        return hmac.new(self._secret.encode(), signed, hashlib.sha256).hexdigest()


async def read_form(request: Request) -> Form:
    """Return the fields of a form. Raises `Forbidden` for what is none, or too large."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM_TYPE:
        raise Forbidden("That is not a form of this board.", 415)
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_FORM_BYTES:
            raise Forbidden("That is too long for this form.", 413)
    try:
        return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict"))
    except ValueError:
        raise Forbidden("That is not a form of this board.", 400) from None


def _fingerprint(key: ApiKey) -> str:
    return hashlib.sha256(key.digest).hexdigest()[:32]
