"""The bundles that were unpacked in this folder, each in a folder named by its digest."""

import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from shared.errors import Refusal
from shared.model import bundle as bundles
from shared.model.bundle import Bundle
from shared.model.files import archive

CACHE = Path(".millrace") / "bundles"


def cached_bundle(
    digest: str, packed: Callable[[], bytes], trust: tuple[str, ...] | None = None
) -> Bundle:
    """Open a bundle in this folder's cache, unpacking its archive there where it is not as it was.

    Several processes may do so at once; `trust` is as in `open_bundle`. Raises `Refusal` when the
    archive is not as it was packaged.
    """
    place = CACHE / digest
    damage = ""
    if place.is_dir():
        try:
            return _opened(place, digest, trust)
        except Refusal as refusal:
            damage = str(refusal)
    CACHE.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=CACHE, prefix="unpacking-"))
    (aside / "bundle").mkdir(mode=0o700)
    try:
        archive.unpack(packed(), aside / "bundle")
        _opened(aside / "bundle", digest, trust)
        if damage:
            print(f"{damage}; it is made anew from its run", file=sys.stderr, flush=True)
            with suppress(FileNotFoundError):
                place.rename(aside / "damaged")
        (aside / "bundle").rename(place)
    except OSError:
        # Another process was faster.
        if not place.is_dir():
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return _opened(place, digest, trust)


def _opened(place: Path, digest: str, trust: tuple[str, ...] | None) -> Bundle:
    opened = bundles.open_bundle(place, trust)
    if opened.digest != digest:
        raise Refusal(f"bundle {place}: {bundles.MANIFEST} is not the one that was packaged")
    return opened
