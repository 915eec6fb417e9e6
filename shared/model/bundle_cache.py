"""The bundles that were unpacked in this folder, each in a folder named by its digest."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from shared.errors import Refusal
from shared.model import archive
from shared.model import bundle as bundles
from shared.model.bundle import Bundle

CACHE = Path(".millrace") / "bundles"


def cached_bundle(digest: str, packed: Callable[[], bytes]) -> Bundle:
    """Open a bundle in this folder's cache, unpacking its archive there when it is not yet.

    Several processes may do so at once. Raises `Refusal` when it is not as it was packaged.
    """
    place = CACHE / digest
    if not place.is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(dir=CACHE, prefix="unpacking-"))
        try:
            archive.unpack(packed(), aside)
            aside.rename(place)
        except OSError:
            if not place.is_dir():
                raise
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    opened = bundles.open_bundle(place)
    if opened.digest != digest:
        raise Refusal(f"bundle {place}: {bundles.MANIFEST} is not the one that was packaged")
    return opened
