"""Settings read and checked: of a file's text, or of a plain dict; each wrong key in words."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from shared.errors import Refusal
from shared.sections.answers import Action, Interval, Slates
from shared.sections.columns import DELIMITER, Column
from shared.sections.training import Candidate, Range, Search
from shared.settings import Settings
from shared.settings_text import settings_string
from shared.words import nearest_name, nearest_names

A_DATE = "2013-05-01"
# What patterns of names say, for who does not read them.
NAME_RULES = {
    DELIMITER: "give a single character of ASCII, and no quote",
    r"^[a-z][a-z0-9_]{0,29}$": "give at most 30 small letters, digits and underscores, a letter "
    "first",
    r"^[a-z0-9][a-z0-9_-]*$": "give small letters, digits, hyphens and underscores, a letter or "
    "digit first",
    r"^[A-Za-z_][\w.]*\.[A-Za-z_]\w*$": "give the module and the name, such as "
    "'sklearn.linear_model.Ridge'",
}

# What pydantic says in words of its own.
PLAIN_WORDS = {
    "bool_type": "write true or false, without quotes",
    "string_type": "give a text, in quotes",
    "too_short": "give one at least",
}


def parse_settings(text: str) -> dict[str, Any]:
    """Read the text of a settings file (TOML) into the plain dict of a valid `Settings`.

    Raises `Refusal` naming each wrong key, what it received and the nearest valid one.
    """
    try:
        return typed_settings(tomllib.loads(text)).model_dump(mode="json")
    except tomllib.TOMLDecodeError as error:
        raise Refusal(f"settings: not TOML: {error}") from None


def typed_settings(values: Mapping[str, Any]) -> Settings:
    """Make typed settings of a plain dict (or of Metaflow's config value)."""
    plain = values.to_dict() if hasattr(values, "to_dict") else dict(values)
    try:
        return Settings.model_validate(plain)
    except ValidationError as error:
        raise Refusal("settings: " + "; ".join(_complaints(error, plain))) from None


def with_given(settings: Settings, file: str | None) -> Settings:
    """Return settings whose only candidate is a fitted model, if one is given."""
    if not file:
        return settings
    name = re.sub(r"[^a-z0-9_-]+", "-", Path(file).stem.lower()).strip("-_") or "given"
    candidate = Candidate(name=name, model=file)
    return settings.model_copy(update={"candidates": (candidate,), "search": {}})


def _complaints(error: ValidationError, plain: Mapping[str, Any]) -> list[str]:
    lines = []
    for item in error.errors():
        where = _place(item["loc"], plain)
        if item["type"] == "extra_forbidden":
            lines.append(
                f"unknown key {where!r}{nearest_name(str(item['loc'][-1]), _keys(item['loc']))}"
            )
        elif item["type"] == "missing":
            lines.append(f"key {where!r} is missing")
        elif item["type"] == "tuple_type":
            lines.append(
                f"{where} = {_written(item['input'])}: give {_list_words(where, item['input'])}"
            )
        elif item["type"] == "value_error" and not _is_short(item["input"]):
            lines.append(f"{where}: {_said(item['msg'])}")
        elif item["loc"]:
            lines.append(f"{where} = {_written(item['input'])}: {_said_of(item)}")
        else:
            lines.append(_said(item["msg"]))
    return lines


def _place(loc: tuple[int | str, ...], plain: Mapping[str, Any]) -> str:
    """Return a key as people find it in the settings: a candidate's by the candidate's name."""
    parts = [str(part) for part in loc]
    if loc[:1] == ("candidates",) and len(loc) > 1 and isinstance(number := loc[1], int):
        given = plain["candidates"][number]
        name = given.get("name") if isinstance(given, Mapping) else None
        of = settings_string(name) if isinstance(name, str) else f"number {number + 1}"
        return ": ".join([f"candidates {of}", ".".join(parts[2:])]).removesuffix(": ")
    return ".".join(parts)


def _written(value: Any) -> str:
    """Return a value as TOML has it, but for texts in single quotes."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_written(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else repr(value)


def _is_short(value: Any) -> bool:
    """Tell whether a value helps beside a sentence about it, as a list of sections does not."""
    return not (isinstance(value, list | tuple) and any(isinstance(v, Mapping) for v in value))


def _said_of(item: ErrorDetails) -> str:
    """Return what is wrong with a value, and how to write a right one."""
    said, given = _said(item["msg"]), item["input"]
    if item["type"].startswith(("date", "datetime")):
        return f"give a date, such as {A_DATE}, without quotes"
    if item["type"] in PLAIN_WORDS:
        return PLAIN_WORDS[item["type"]]
    if item["type"] == "literal_error":
        known = re.findall(r"'([^']*)'", str(item.get("ctx", {}).get("expected", "")))
        return said + nearest_names([str(given)], known)
    if item["type"] == "string_pattern_mismatch":
        return NAME_RULES.get(item.get("ctx", {}).get("pattern", ""), said)
    return said


def _said(message: str) -> str:
    return message.removeprefix("Value error, ")


def _list_words(where: str, given: Any) -> str:
    """Return in words which list would stand where something else was given."""
    if where == "candidates":
        return "each candidate a section [[candidates]]"
    example = f", such as [{settings_string(given)}]" if isinstance(given, str) else ""
    return f"a list of names{example}"


def _keys(loc: tuple[int | str, ...]) -> set[str]:
    """Return the keys that are valid where an unknown one was found."""
    model: type[BaseModel] = Settings
    nested: dict[str, type[BaseModel]] = {
        "candidates": Candidate,
        "action": Action,
        "contract": Column,
        "interval": Interval,
        "parameters": Range,
        "ranking": Slates,
        "search": Search,
    }
    for part in map(str, loc[:-1]):
        if part in model.model_fields:
            kind = nested.get(part, model.model_fields[part].annotation)
            model = kind if isinstance(kind, type) and issubclass(kind, BaseModel) else model
    return set(model.model_fields)
