"""Texts that were written in one encoding and read in another, or in one that lacks their signs."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

NOT_ASCII = re.compile(r"[^\x00-\x7f]")
# Written in the first, and read in the other.
CONFUSED = (
    ("utf-8", "latin-1"),
    ("utf-8", "cp1252"),
    ("latin-1", "utf-8"),
    ("cp1252", "cp850"),
    ("cp850", "cp1252"),
)


def garbled_names(names: Sequence[str], known: Iterable[str]) -> dict[str, str]:
    """Return which known name each was that has lost signs to an encoding; none if one was not."""
    old_of = {wrong: old for old in known if NOT_ASCII.search(old) for wrong in _garbled(old)}
    return {old_of[name]: name for name in names} if {*names} <= {*old_of} else {}


def without_accents(text: str) -> str:
    """Return a text with its letters alone, of which an accent is no part."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _garbled(text: str) -> set[str]:
    read = {text.encode(a, "replace").decode(b, "replace") for a, b in CONFUSED}
    lost = {NOT_ASCII.sub(sign, text) for sign in ("?", "\ufffd", "")}
    return (read | lost) - {text, ""}
