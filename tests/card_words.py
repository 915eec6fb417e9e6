"""What people read on a card."""

from collections.abc import Iterable
from typing import Any


def card_words(components: Iterable[Any]) -> list[str]:
    """Return a line for each text, and for each row of a table, its cells apart by ` | `."""
    lines: list[str] = []
    for shown in (component.render() for component in components):
        if shown["type"] == "markdown":
            lines.append(shown["source"].strip())
        elif shown["type"] == "table":
            rows = [shown["columns"], *shown["data"]] if shown["columns"] else shown["data"]
            lines += [" | ".join(map(_cell, row)) for row in rows]
    return lines


def _cell(cell: Any) -> str:
    return cell["source"].strip() if isinstance(cell, dict) else str(cell)
