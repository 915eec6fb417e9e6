"""A copy of a bundle with other contents, and a manifest over them that fits."""

import json
import shutil
from pathlib import Path
from typing import Any

from shared.model.bundle import MANIFEST, Bundle, sha256


def changed_bundle(bundle: Bundle, folder: Path, files: dict[str, bytes], **manifest: Any) -> Path:
    """Write a bundle with these files in place of its own, or beside them; returns its folder."""
    shutil.copytree(bundle.path, folder)
    said = json.loads((folder / MANIFEST).read_text())
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
        said["files"][name] = sha256(content)
    (folder / MANIFEST).write_text(json.dumps(said | manifest))
    return folder
