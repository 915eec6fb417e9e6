"""Pictures of a page that are remembered: to draw one takes longer than all else of the page."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from shared import run_memory
from shared.lineage import metadata

# Whoever changes how pictures are drawn counts it up.
VERSION = "picture-4"


@dataclass(frozen=True)
class Picture:
    """A picture as the address of its content, with what it shows in words."""

    title: str
    words: str
    source: str


def picture_once(place: str, made_of: Any, make: Callable[[], Picture | None]) -> Picture | None:
    """Return the picture of a place, such as a problem's quality on a branch; None for none.

    It is drawn anew only when it is made of other plain values than the last one of that place,
    which is the one that is remembered.
    """
    key = f"{metadata.history_name()} {VERSION} {place}"
    values = hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()
    kept = run_memory.recall(key)
    if kept and kept["made_of"] == values:
        return Picture(**kept["picture"])
    found = make()
    if found:
        run_memory.remember(key, {"made_of": values, "picture": asdict(found)})
    return found
