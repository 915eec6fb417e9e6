"""Settings as the text of a settings file (TOML), which reads as the same settings again."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

WIDTH = 100
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def settings_text(values: Mapping[str, Any]) -> str:
    """Return plain settings as TOML; what is None, which TOML lacks, and empty is left out."""
    held = {name: value for name, value in values.items() if value not in (None, {})}
    parts = {name: value for name, value in held.items() if _is_part(value)}
    lines = [_line(name, value) for name, value in held.items() if name not in parts]
    for name, value in parts.items():
        tables = [value] if isinstance(value, Mapping) else value
        heading = f"[{name}]" if isinstance(value, Mapping) else f"[[{name}]]"
        for table in tables:
            lines += ["", heading, *_lines(table)]
    return "\n".join(lines) + "\n"


def toml_value(value: Any) -> str:
    """Return a plain value as TOML writes it, within a line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return settings_string(value)
    if isinstance(value, Mapping):
        pairs = toml_pairs(value)
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml_value, value))}]"
    return repr(value)


def toml_pairs(values: Mapping[str, Any]) -> str:
    """Return named values within a line, as an inline table holds them, without those of None."""
    held = {name: value for name, value in values.items() if value is not None}
    return ", ".join(f"{settings_key(name)} = {toml_value(held[name])}" for name in held)


def settings_key(name: str) -> str:
    """Return a column's name as a key of the settings' text: in quotes where TOML wants them."""
    return name if BARE_KEY.fullmatch(name) else settings_string(name)


def settings_string(text: str) -> str:
    """Return a text in quotes, as the settings' text has it: by JSON's escapes and one more."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _is_part(value: Any) -> bool:
    is_list = isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)
    return isinstance(value, Mapping) or is_list


def _lines(table: Mapping[str, Any]) -> Iterator[str]:
    yield from (_line(name, value) for name, value in table.items() if value is not None)


def _line(name: str, value: Any) -> str:
    line = f"{settings_key(name)} = {toml_value(value)}"
    if len(line) <= WIDTH or not isinstance(value, list):
        return line
    inner = "".join(f"  {toml_value(each)},\n" for each in value)
    return f"{settings_key(name)} = [\n{inner}]"
