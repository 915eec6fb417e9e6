"""A problem's own code, importable as the package `problems.NAME` wherever its folder lies."""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

from shared import FLOWS

PACKAGE = "problems"


def add_folder(name: str, folder: Path) -> None:
    """Let a problem's own code be imported from its folder, in this process."""
    find()
    _FINDER.folders[name] = folder


def find() -> None:
    """Let `problems.NAME` be found: of the problems that were read, and of this checkout."""
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)


def importable() -> dict[str, Path]:
    """Return the folders whose own code can be imported, by their problems' names."""
    return dict(_FINDER.folders)


def code_folder(name: str) -> Path | None:
    """Return the folder with a problem's own code, wherever it can be imported from."""
    spec = _FINDER.find_spec(f"{PACKAGE}.{name}")
    if spec is None:
        parent = PathFinder.find_spec(PACKAGE)
        places = parent.submodule_search_locations if parent else None
        spec = PathFinder.find_spec(f"{PACKAGE}.{name}", places) if places else None
    found = list(spec.submodule_search_locations or ()) if spec else []
    return Path(found[0]) if found else None


class _Finder(MetaPathFinder):
    """Finds `problems.NAME` in the folder of that problem, wherever it lies."""

    def __init__(self) -> None:
        self.folders: dict[str, Path] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        parent, _, name = fullname.rpartition(".")
        if fullname == PACKAGE:
            return PathFinder.find_spec(PACKAGE) or _namespace(PACKAGE, [])
        folder = self.folders.get(name, FLOWS / PACKAGE / name) if parent == PACKAGE else None
        if folder is None or not folder.is_dir():
            return None
        own, places = folder / "__init__.py", [str(folder)]
        if own.is_file():
            return spec_from_file_location(fullname, own, submodule_search_locations=places)
        return _namespace(fullname, places)


def _namespace(name: str, places: list[str]) -> ModuleSpec:
    spec = ModuleSpec(name, None, is_package=True)
    spec.submodule_search_locations = places
    return spec


_FINDER = _Finder()
