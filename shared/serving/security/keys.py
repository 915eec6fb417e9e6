"""API keys: a name, a role, and the sha256 of a secret that only its owner has.

A secret is 256 random bits, so that its plain sha256 tells nothing of it.
"""

import hashlib
import hmac
import os
import re
import secrets
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from shared import command_words
from shared.errors import Refusal

VARIABLE = "MILLRACE_API_KEYS"
FILE_VARIABLE = "MILLRACE_API_KEYS_FILE"
# How often a file of keys is looked at; a change counts from then on.
LOOK_SECONDS = 1.0
# So that scanners for secrets know one when they see it.
PREFIX = "millrace_"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
DIGEST = re.compile(r"[0-9a-fA-F]{64}")
KeyRole = Literal["predict", "outcomes", "admin"]
ROLES: tuple[KeyRole, ...] = get_args(KeyRole)


@dataclass(frozen=True)
class Holders:
    """Who holds keys: their roles, how their names look, and in words; which command makes a key.

    `place` is what names the file of the entries.
    """

    roles: tuple[str, ...]
    name: re.Pattern[str]
    rule: str
    command: str
    place: str

    @property
    def making(self) -> str:
        """The command as it runs here."""
        return command_words.millrace(self.command)


CALLERS = Holders(
    ROLES,
    NAME,
    "a name is 1 to 64 letters, digits, and . _ @ - after the first",
    "key",
    FILE_VARIABLE,
)


@dataclass(frozen=True)
class ApiKey:
    """What is known of a key; `digest` is the sha256 of its secret."""

    name: str
    role: str
    digest: bytes


class Keys:
    """The keys that count just now; those in a file are read anew when it has changed.

    Raises `Refusal` when there is a mistake in them. One that is made while they are in use is
    reported on stderr, and the former keys go on.
    """

    def __init__(
        self, fixed: Sequence[ApiKey], file: Path | None = None, holders: Holders = CALLERS
    ) -> None:
        self._fixed = tuple(fixed)
        self._file = file
        self._holders = holders
        self._next = time.monotonic() + LOOK_SECONDS
        self._seen = _state(file) if file else None
        self._known = _distinct(self._fixed + (_of_file(file, holders) if file else ()))

    @property
    def known(self) -> tuple[ApiKey, ...]:
        """The keys that count."""
        if self._file and time.monotonic() >= self._next:
            self._look(self._file)
        return self._known

    def matching(self, secret: bytes) -> ApiKey | None:
        """Return the key of a secret, in a time that tells nothing of those it is not."""
        digest = hashlib.sha256(secret).digest()
        found = None
        for key in self.known:
            if hmac.compare_digest(key.digest, digest):
                found = key
        return found

    def _look(self, file: Path) -> None:
        self._next = time.monotonic() + LOOK_SECONDS
        state = _state(file)
        if state == self._seen:
            return
        self._seen = state
        try:
            self._known = _distinct(self._fixed + _of_file(file, self._holders))
            print(f"{len(self._known)} API keys since {file} has changed", flush=True)
        except Refusal as refusal:
            print(f"the API keys stay as they were: {refusal}", file=sys.stderr, flush=True)


def from_environment() -> Keys | None:
    """Return the keys that the environment tells of; None where it says nothing of any.

    Raises `Refusal` for a list that is there and empty: it would be no list to one, and a list of
    nobody to another.
    """
    text, file = os.environ.get(VARIABLE), os.environ.get(FILE_VARIABLE)
    if text is None and file is None:
        return None
    named = parse_keys(text, VARIABLE) if text is not None else ()
    if text is not None and not named:
        raise Refusal(_empty(VARIABLE))
    if file == "":
        raise Refusal(_empty(FILE_VARIABLE))
    return Keys(named, Path(file) if file else None)


def parse_keys(text: str, source: str, holders: Holders = CALLERS) -> tuple[ApiKey, ...]:
    """Return the keys of entries `name:role:sha256` between commas or line ends.

    Lines that begin with # are left out. Raises `Refusal` with an entry's number, and nothing of
    what is in it.
    """
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    entries = [entry.strip() for line in lines for entry in line.split(",") if entry.strip()]
    numbered = enumerate(entries, 1)
    return tuple(_key(entry, f"entry {n} of {source}", holders) for n, entry in numbered)


def new_key(name: str, role: str, holders: Holders = CALLERS) -> tuple[str, str]:
    """Return a new secret, and the entry for it."""
    secret = PREFIX + secrets.token_urlsafe(32)
    entry = f"{name}:{role}:{hashlib.sha256(secret.encode()).hexdigest()}"
    _key(entry, "the key's entry", holders)
    return secret, entry


def _empty(variable: str) -> str:
    return f"{variable} is set and empty: give it what `{CALLERS.making}` prints, or unset it"


def _key(entry: str, where: str, holders: Holders) -> ApiKey:
    parts = entry.split(":")
    if len(parts) != 3:
        raise Refusal(
            f"{where} has {len(parts)} parts between colons instead of name:role:sha256; "
            f"`{holders.making}` makes one"
        )
    name, role, digest = parts
    if not holders.name.fullmatch(name):
        raise Refusal(f"{where}: {holders.rule}")
    if role not in holders.roles:
        raise Refusal(f"{where}: its role is none of {', '.join(holders.roles)}")
    if not DIGEST.fullmatch(digest):
        raise Refusal(
            f"{where}: its last part is not the 64 hex digits of a sha256 (a key itself does not "
            f"belong there); `{holders.making}` makes one"
        )
    return ApiKey(name, role, bytes.fromhex(digest))


def _distinct(keys: tuple[ApiKey, ...]) -> tuple[ApiKey, ...]:
    seen: dict[bytes, ApiKey] = {}
    for key in keys:
        if seen.setdefault(key.digest, key) != key:
            raise Refusal(
                f"the API keys named {seen[key.digest].name} and {key.name} are the same one: "
                "give each its own"
            )
    return tuple(seen.values())


def _of_file(file: Path, holders: Holders) -> tuple[ApiKey, ...]:
    try:
        text = file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise Refusal(f"{holders.place}: {file} cannot be read: {why}") from None
    found = parse_keys(text, str(file), holders)
    if not found:
        raise Refusal(f"{holders.place}: {file} has no entry; `{holders.making}` makes one")
    return found


def _state(file: Path) -> tuple[int, ...] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
