"""The pages of docs/ that list every setting and every command, made from what they list."""

import ast
import inspect
import re
import types
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
import click
from pydantic.fields import FieldInfo

from shared import FLOWS
from shared.cli import GROUPS
from shared.kinds import METRICS, Metric, higher_is_better, metric_name
from shared.sections.columns import Column
from shared.sections.operation import Size
from shared.sections.section import Section
from shared.sections.training import Candidate, Range, Search
from shared.settings import Settings
from shared.settings_text import toml_value

ROOT = FLOWS.parent
SETTINGS, COMMANDS = Path("docs", "settings.md"), Path("docs", "commands.md")
MADE = "`make reference` makes this page, and a test holds it to what it lists."
WORDS: dict[Any, str] = {
    str: "text",
    dict: "a table",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    datetime: "a date or time",
    Any: "any value",
    Size: "`{ cpu, memory }`",
}
BOUNDS = (("ge", "at least"), ("gt", "more than"), ("le", "at most"), ("lt", "less than"))


def settings_page() -> str:
    """Return the page with every setting: what it may be, what it is left out, what it means."""
    parts = [
        "# Every setting\n",
        "A problem's settings are a TOML file, `problem.toml` in its folder; "
        f"`flows/problems/flights/problem.toml` shows most of them at work. {MADE}\n",
        *section_lines("The problem", Settings, in_words=False),
    ]
    for name, field in Settings.model_fields.items():
        if section := section_of(field):
            parts += section_lines(_heading(name, section), section)
    parts += section_lines("A range of `parameters` in [search]", Range)
    parts += section_lines("`cpu` and `memory` in [resources]", Size)
    return "\n".join([*parts, *_metrics()])


def commands_page() -> str:
    """Return the page with every command: the words of its own help, and what make and flows do."""
    parts = [
        "# Every command\n",
        f"In a checkout commands are in `.venv/bin/`, and `make` makes that folder first. {MADE}\n",
        "## make\n",
        '`make` with any of these; `PROBLEM=…` names the problem, and `ARGS="…"` is passed on.\n',
        *_table(("target", "what it does"), _targets()),
        "## Flows\n",
        "`python flows/train.py run` and the like; Metaflow's own words go with each (`--help`).\n",
        *_table(("flow", "parameter", "what it says"), _parameters()),
    ]
    for title, commands in GROUPS.items():
        parts += [f"## {title}\n", *_helps(commands, "millrace")]
    return "\n".join(parts)


def section_lines(heading: str, section: type[Section], in_words: bool = True) -> Iterator[str]:
    """Yield the part of the page about a section; raises `KeyError` for a key without a meaning."""
    yield f"## {heading}\n"
    if in_words:
        yield inspect.getdoc(section) or ""
        yield ""
    meanings = _meanings(section)
    rows = []
    for name, field in section.model_fields.items():
        if section_of(field) and section is Settings:
            continue
        rows.append((f"`{name}`", _may_be(field), _default(field), meanings[name]))
    yield from _table(("key", "what it may be", "left out", "what it means"), rows)


def section_of(field: FieldInfo) -> type[Section] | None:
    """Return the section that a key of the settings holds; None of a plain value."""
    parts = [field.annotation, *get_args(field.annotation)]
    found = (part for part in parts if isinstance(part, type) and issubclass(part, Section))
    return next(found, None)


def _heading(name: str, section: type[Section]) -> str:
    headings = {
        Candidate: f"[[{name}]]",
        Column: f"[{name}], for each column",
        Search: f"[{name}], for each candidate by its name",
    }
    return headings.get(section, f"[{name}]")


def _meanings(section: type[Section]) -> dict[str, str]:
    """Return what stands below each key of a section in its code."""
    tree = ast.parse(inspect.getsource(section))
    assert isinstance(tree.body[0], ast.ClassDef)
    found, key = {}, ""
    for node in tree.body[0].body:
        if isinstance(node, ast.AnnAssign):
            key = ast.unparse(node.target)
        elif key and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found[key], key = " ".join(str(node.value.value).split()), ""
    return found


def _may_be(field: FieldInfo) -> str:
    return _words(field.annotation) + _bounds(field.metadata)


def _words(kind: Any) -> str:
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _words(parts[0]) + _bounds(parts[1:])
    if origin is Literal:
        return ", ".join(f"`{toml_value(each)}`" for each in parts)
    if origin in (Union, types.UnionType):
        return " or ".join(_words(each) for each in parts if each is not type(None))
    if origin is tuple:
        return f"a list of {_words(parts[0])}s"
    return WORDS[origin or kind]


def _bounds(metadata: Any) -> str:
    found: list[str] = []
    for each in metadata:
        inner = each.metadata if isinstance(each, FieldInfo) else [each]
        for name, words in BOUNDS:
            found += [
                f"{words} {getattr(one, name):,}"
                for one in inner
                if isinstance(one, annotated_types.BaseMetadata) and hasattr(one, name)
            ]
    return f", {' and '.join(found)}" if found else ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "it is needed"
    default = field.default
    if isinstance(default, Section):
        default = default.model_dump()
    return "" if default in (None, (), {}, "") else f"`{toml_value(default)}`"


def _metrics() -> Iterator[str]:
    yield "## Metrics\n"
    yield "What `select_by`, `compare_by`, `minimum` and `maximum` name.\n"
    kinds: dict[Metric, list[str]] = {}
    for kind, metrics in METRICS.items():
        for metric in metrics:
            kinds.setdefault(metric, []).append(kind)
    rows = [
        (f"`{m}`", metric_name(m), "more" if higher_is_better(m) else "less", ", ".join(held))
        for m, held in kinds.items()
    ]
    yield from _table(("metric", "what people call it", "better is", "of the kinds"), rows)


def _helps(commands: Iterable[click.Command], caller: str) -> Iterator[str]:
    """Yield the help of each command, under the words that call it, and of those below it."""
    for command in commands:
        words = f"{caller} {command.name}"
        context = click.Context(command, info_name=words, max_content_width=100, terminal_width=100)
        yield f"### {words}\n"
        yield f"```\n{command.get_help(context)}\n```\n"
        if isinstance(command, click.Group):
            yield from _helps(command.commands.values(), words)


def _targets() -> list[tuple[str, ...]]:
    makefile = (ROOT / "Makefile").read_text()
    return re.findall(r"^([a-z-]+):.*?## (.*)$", makefile, re.MULTILINE)


def _parameters() -> Iterator[tuple[str, ...]]:
    for file in sorted(FLOWS.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Parameter":
                said = {
                    word.arg: ast.literal_eval(word.value)
                    for word in node.keywords
                    if word.arg == "help"
                }
                yield f"`{file.stem}`", f"`--{ast.literal_eval(node.args[0])}`", said["help"]


def _table(heads: tuple[str, ...], rows: Any) -> Iterator[str]:
    for row in (heads, ["---"] * len(heads), *rows):
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
    yield ""


def write_pages() -> None:
    """Write both pages into docs/."""
    (ROOT / SETTINGS).write_text(settings_page(), encoding="utf-8")
    (ROOT / COMMANDS).write_text(commands_page(), encoding="utf-8")


if __name__ == "__main__":
    write_pages()
