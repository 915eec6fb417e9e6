"""Exact pins of what serving a bundle needs, and no more."""

import ast
import importlib.util
import re
import sys
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from shared import problem_code
from shared.errors import Refusal

# What `millrace serve --bundle` imports.
SERVING = (
    *("click", "fastapi", "fastapi-offline", "httptools", "msgspec", "pandas"),
    *("prometheus-client", "pyarrow", "pydantic", "scikit-learn", "skops", "sqlalchemy"),
    *("treelite", "uuid-utils", "uvicorn", "uvloop"),
)


def lock(types: Iterable[str]) -> str:
    """Return `name==version` lines for serving and for the modules of the model's own types.

    The versions are those installed here, which the model was fitted with.
    """
    pins = _closure({*SERVING, *_distributions(types)})
    return "".join(f"{name}=={version}\n" for name, version in sorted(pins.items()))


def _distributions(types: Iterable[str]) -> set[str]:
    modules = {name.rpartition(".")[0] for name in types}
    own = {module for module in modules if module.startswith(f"{problem_code.PACKAGE}.")}
    wanted = {module.partition(".")[0] for module in modules - own} | _imported_by(own)
    found = set()
    for module in wanted - {"shared", problem_code.PACKAGE, "", *sys.stdlib_module_names}:
        owner = _owner(module)
        if owner is None:
            raise Refusal(
                f"the model's module {module!r} belongs to no installed distribution, so no clean "
                "environment could load it: move it into the problem's folder, or into a package"
            )
        found.add(owner)
    return found


@cache
def _owner(module: str) -> str | None:
    """Return the first distribution that has a module; None of a module that is in none.

    `metadata.packages_distributions` finds those of all modules, which takes half a second.
    """
    in_record = re.compile(rf"^{re.escape(module)}[/.]", re.MULTILINE)
    for distribution in metadata.distributions():
        declared = (distribution.read_text("top_level.txt") or "").split()
        record = "" if declared else distribution.read_text("RECORD") or ""
        if module in declared or in_record.search(record):
            return distribution.name
    return None


def _imported_by(own: set[str]) -> set[str]:
    """Return the packages that modules of a problem's own code import, and those that they use."""
    waiting, seen, packages = set(own), set[str](), set[str]()
    while waiting:
        module = waiting.pop()
        file = None if module in seen else _own_file(module)
        seen.add(module)
        names = _imported_names(module, file) if file else set[str]()
        waiting |= {name for name in names if name.startswith(f"{problem_code.PACKAGE}.")}
        packages |= {name.partition(".")[0] for name in names}
    return packages


def _own_file(module: str) -> Path | None:
    """Return the file of a module of own code; None for a name that is none."""
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return None
    origin = spec.origin if spec else None
    return Path(origin) if origin and origin.endswith(".py") else None


def _imported_names(module: str, file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            relative = "." * node.level + (node.module or "")
            base = importlib.util.resolve_name(relative, module.rpartition(".")[0])
            names |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return names


def _closure(roots: Iterable[str]) -> dict[str, str]:
    pins: dict[str, str] = {}
    waiting = [(root, frozenset[str]()) for root in roots]
    while waiting:
        name, extras = waiting.pop()
        called = re.sub(r"[-_.]+", "-", name).lower()
        if called in pins and not extras:
            continue
        pins[called], needed = _installed(name)
        for wanted in needed:
            marker = wanted.marker
            if marker is None or any(marker.evaluate({"extra": e}) for e in (extras or {""})):
                waiting.append((wanted.name, frozenset(wanted.extras)))
    return pins


@cache
def _installed(name: str) -> tuple[str, tuple[Requirement, ...]]:
    """Return the version of an installed distribution, and what it needs."""
    try:
        found = metadata.distribution(name)
        return found.version, tuple(map(Requirement, found.requires or ()))
    except metadata.PackageNotFoundError:
        raise Refusal(
            f"the model needs the package {name!r}, which is not installed here: install it"
        ) from None
