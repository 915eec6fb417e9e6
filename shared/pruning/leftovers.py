"""Bundles that were unpacked in this folder, and can be unpacked again."""

import json
from datetime import UTC, datetime
from pathlib import Path

from shared.model.bundle import MANIFEST
from shared.model.files.bundle_cache import CACHE


def unpacked_bundles(problem: str, standing: set[str], limit: datetime) -> dict[Path, int]:
    """Return the bytes, by folder, of a problem's unpacked bundles that are not needed."""
    found = {}
    for folder in sorted(CACHE.iterdir()) if CACHE.is_dir() else ():
        unpacked = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
        if folder.name not in standing and unpacked < limit and _problem_of(folder) == problem:
            found[folder] = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
    return found


def _problem_of(folder: Path) -> str | None:
    """Return whose bundle a folder is; None where that cannot be read."""
    try:
        return str(json.loads((folder / MANIFEST).read_text())["name"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
