"""What a column's name says of it: its words, and what cannot be a name."""

import re

from shared.kinds import ANSWER_NAMES, Kind
from shared.log_columns import RESERVED_COLUMNS
from shared.settings import NOT_IN_NAMES

WORD = re.compile(r"[A-Z]?[a-zäöüß]+|[A-Z]+(?![a-z])|\d+")
ID_WORDS = frozenset(("id", "key", "uuid", "guid", "nr", "no", "number", "index", "row", "code"))

# Days of birth, by which rows are not asked about.
BIRTH_WORDS = frozenset(
    ("birth", "birthday", "birthdate", "born", "dob", "geburtsdatum", "geburtstag", "geboren")
)


def words(name: str) -> set[str]:
    """Return the words of a name, in small letters."""
    return {word.lower() for word in WORD.findall(name)}


def is_id(name: str) -> bool:
    """Tell whether a name says that its column tells things apart: `customer_id`, `loanNr`."""
    return bool(words(name) & ID_WORDS) or name.lower().endswith(("_id", "id_"))


def is_birth(name: str) -> bool:
    """Tell whether a name says that its column has days of birth."""
    return bool(words(name) & BIRTH_WORDS)


def name_fault(name: str, kind: Kind) -> str:
    """Return why a feature cannot have this name; nothing where it can."""
    if not name:
        return "it has no name: give it one in the table"
    if set(name) & NOT_IN_NAMES:
        return "its name has quotes, backslashes or control characters"
    if name in RESERVED_COLUMNS | ANSWER_NAMES[kind]:
        return "the prediction log has a column of its own of this name: rename it"
    return ""
