"""Names are the field's own: none of a dialect that was, and none that stands for two things."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import ROOT

# Words of a former dialect, as they would stand in a name.
NOT_OURS = {
    *("usual", "tie", "ties", "breach", "breaches", "rival", "rivals", "promise", "promised"),
    *("promises", "yardstick", "draw", "draws", "drawn", "told", "tell", "tells", "foresight"),
    *("repair", "repairs", "mistake", "mistakes", "keeper"),
}
# As a person would not say them on a card.
NOT_SAID = ("surely", "let expect", "was promised", "is usual", "are usual", "rival", "yardstick")
VAGUE_FUNCTIONS = {"of", "told", "tell", "add", "do", "get", "make"}
FILES = sorted([*ROOT.glob("shared/**/*.py"), *ROOT.glob("flows/**/*.py")])
PATHS = [str(file.relative_to(ROOT)) for file in FILES]
TREES = {path: ast.parse((ROOT / path).read_text()) for path in PATHS}


def words(name: str) -> set[str]:
    """Return the words of a name in snake or camel case."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the line and name of each function, type, parameter, field and constant."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id


def test_no_name_is_of_the_former_dialect() -> None:
    odd = [
        f"{path}:{line} {name}"
        for path, tree in TREES.items()
        for line, name in names(tree)
        if words(name) & NOT_OURS
    ]
    modules = [path for path in TREES if words(Path(path).stem) & NOT_OURS]
    assert not [*modules, *odd]


def test_a_function_is_named_after_what_it_does() -> None:
    vague = [
        f"{path}:{node.lineno} {node.name}"
        for path, tree in TREES.items()
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.lstrip("_") in VAGUE_FUNCTIONS
    ]
    assert not vague


def test_no_sentence_is_in_the_former_dialect() -> None:
    odd = [
        f"{path}:{line} {word!r}: {text[:60]}"
        for path in PATHS
        for line, text in sentences(ast.parse((ROOT / path).read_text()))
        for word in NOT_SAID
        if re.search(rf"\b{word}\b", text)
    ]
    assert not odd


def sentences(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the texts of a module that people may read: all but the docstrings."""
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in documentation:
            yield node.lineno, node.value
