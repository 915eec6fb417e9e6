"""Exact pins of what serving a bundle needs, and no more."""

import re
from collections.abc import Iterable
from importlib import metadata

from packaging.requirements import Requirement

from shared.errors import Refusal

# What `millrace serve --bundle` imports.
SERVING = (
    *("click", "fastapi", "fastapi-offline", "httptools", "msgspec", "pandas"),
    *("prometheus-client", "pyarrow", "pydantic", "scikit-learn", "skops", "sqlalchemy"),
    *("uuid-utils", "uvicorn", "uvloop"),
)


def lock(types: Iterable[str]) -> str:
    """Return `name==version` lines for serving and for the modules of the model's own types.

    The versions are those installed here, which the model was fitted with.
    """
    roots = {*SERVING, *_distributions(types)}
    pins = _closure(roots)
    return "".join(f"{name}=={version}\n" for name, version in sorted(pins.items()))


def _distributions(types: Iterable[str]) -> set[str]:
    owners = metadata.packages_distributions()
    found = set()
    for module in {name.partition(".")[0] for name in types} - {"shared", "builtins"}:
        if module not in owners:
            raise Refusal(
                f"the model's module {module!r} belongs to no installed distribution, so no clean "
                "environment could load it: move it into shared/ or into a package of its own"
            )
        found.add(owners[module][0])
    return found


def _closure(roots: Iterable[str]) -> dict[str, str]:
    pins: dict[str, str] = {}
    waiting = [(root, frozenset[str]()) for root in roots]
    while waiting:
        name, extras = waiting.pop()
        called = re.sub(r"[-_.]+", "-", name).lower()
        if called in pins and not extras:
            continue
        found = metadata.distribution(name)
        pins[called] = found.version
        for text in found.requires or ():
            wanted = Requirement(text)
            marker = wanted.marker
            if marker is None or any(marker.evaluate({"extra": e}) for e in (extras or {""})):
                waiting.append((wanted.name, frozenset(wanted.extras)))
    return pins
