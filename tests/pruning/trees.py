"""A small datastore by hand: a file each, as Metaflow names them."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

NOW = datetime(2024, 6, 1, tzinfo=UTC)
OLD = NOW - timedelta(days=100)
SHARED, ALONE, YOUNG, CODE, UNNAMED = (letter * 40 for letter in "abcde")


def paths() -> dict[str, bytes]:
    """Return what a flow with two runs has: by path, the content."""
    found = {}
    for run, digests in (("1", [SHARED, ALONE, YOUNG]), ("2", [SHARED])):
        objects = {f"artifact_{digest[0]}": digest for digest in digests}
        found[f"TrainFlow/{run}/_meta/_self.json"] = b"{}"
        found[f"TrainFlow/{run}/fit/7/0.data.json"] = json.dumps({"objects": objects}).encode()
        card = f"mf.cards/TrainFlow/runs/{run}/steps/fit/tasks/7/cards/blank-1.html"
        found[card] = b"<html>"
    code = {"field_name": "code-package", "value": json.dumps({"sha": CODE, "location": "x"})}
    found["TrainFlow/1/fit/7/_meta/sysmeta_code-package_1.json"] = json.dumps(code).encode()
    for digest in (SHARED, ALONE, YOUNG, CODE, UNNAMED):
        found[f"TrainFlow/data/{digest[:2]}/{digest}"] = b"12345"
        found[f"TrainFlow/data/{digest[:2]}/{digest}_meta"] = b"{}"
    return found | {"TrainFlow/_meta/_self.json": b"{}", "TrainFlow/latest_run": b"2"}


def grow(root: Path) -> Path:
    """Write the files into a folder, a hundred days old but for the young blob."""
    for path, content in paths().items():
        write(root, path, content, NOW if YOUNG in path else OLD)
    return root


def write(root: Path, path: str, content: bytes, at: datetime) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    os.utime(file, (at.timestamp(), at.timestamp()))


def names(root: Path) -> set[str]:
    """Return the paths of all files within a folder."""
    return {file.relative_to(root).as_posix() for file in root.rglob("*") if file.is_file()}
