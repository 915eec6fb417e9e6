"""The model file: held against limits and against what is trusted here, then read."""

import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from shared.errors import Refusal, in_a_line
from shared.model.files import trust

# How many times its size it may declare: Millrace packs it without compression.
MOST_TIMES = 20
FILE = "model.skops"
# Its member that names the model's types.
SCHEMA, MOST_SCHEMA_BYTES = "schema.json", 64 * 2**20


def types(path: Path) -> list[str]:
    """Return the types that a model file names beyond those that skops itself trusts.

    Nothing of the file is executed. Raises `Refusal` where it is no such file, or declares more
    than a file of its size may.
    """
    # Here, since it imports all of scikit-learn, and who opens a bundle may read other files of it.
    import skops.io

    if not zipfile.is_zipfile(path):
        raise Refusal(
            "it is no skops file, or not all of one: write it by skops.io.dump (a pickle is not "
            "read, as that executes it)"
        )
    try:
        with zipfile.ZipFile(path) as archive:
            declared = sum(max(0, member.file_size) for member in archive.infolist())
        if declared > MOST_TIMES * path.stat().st_size:
            raise Refusal(f"it declares {declared:,} bytes, too many for its size")
        return sorted(skops.io.get_untrusted_types(file=path))
    except Refusal:
        raise
    except Exception as error:
        # What is wrong with such a file comes as errors of every kind.
        raise Refusal(f"it cannot be read ({in_a_line(error)})") from None


def names_any(folder: Path, types: Iterable[str]) -> bool:
    """Say whether a bundle's model file names one of these types, by their own names alone.

    False also where it cannot be read: whoever loads it says why.
    """
    try:
        with zipfile.ZipFile(folder / FILE) as archive:
            held = archive.getinfo(SCHEMA)
            if not 0 <= held.file_size <= MOST_SCHEMA_BYTES:
                return False
            schema = archive.read(held)
    except (OSError, LookupError, ValueError, zipfile.BadZipFile):
        return False
    return any(f'"{name}"'.encode() in schema for name in types)


def load(path: Path, problem: str, trusted: Iterable[str]) -> Any:
    """Rebuild a model from its parts, if all of them are trusted here.

    Raises `Refusal` where they are not, or the file cannot be read.
    """
    import skops.io

    named = types(path)
    try:
        if foreign := trust.untrusted(named, problem, trusted):
            listed = ", ".join(f'"{name}"' for name in foreign)
            raise Refusal(
                f"it has types that are not trusted here: {foreign}; if you trust them, name each "
                f"by --trust, or in the settings: [package] trust = [{listed}]"
            )
        return skops.io.load(path, trusted=named)
    except (Refusal, ModuleNotFoundError):
        raise
    except Exception as error:
        raise Refusal(f"it cannot be read ({in_a_line(error)})") from None
