"""Where a table lies, written so that it is found in another checkout, too."""

import os
from pathlib import Path

from shared.tables import storage


def near_place(address: str) -> str | None:
    """Return a table's place from the working folder: within it, or beside it; None elsewhere."""
    here = Path.cwd()
    if address.startswith(storage.S3) or not Path(address).is_relative_to(here.parent):
        return None
    return Path(os.path.relpath(address, here)).as_posix()
