"""Models that were fitted elsewhere, as files: which one a path names, and how it goes with a run.

Where tasks run on a cluster they have nothing of the machine that starts them but its code package.
"""

from hashlib import sha256
from pathlib import Path

from shared import FLOWS
from shared.errors import Refusal

# What MLflow writes into the folder of a model.
MLFLOW = "MLmodel"


def skops_file(named: str) -> Path:
    """Return the skops file that a path names: itself, or that of an MLflow model's folder.

    In a task on a cluster it is the one that came with the code. Raises `Refusal` where there is
    none.
    """
    came = FLOWS.parent / place_in_package(named)
    return came if came.is_file() else skops_file_here(Path(named))


def skops_file_here(place: Path) -> Path:
    """Return the skops file of a path of this machine. Raises `Refusal` where there is none."""
    if place.is_file():
        return place
    if not place.is_dir():
        raise Refusal("there is no such file or folder")
    if not (place / MLFLOW).is_file():
        raise Refusal(f"it is a folder without {MLFLOW}: give a skops file, or an MLflow model")
    found = sorted(place.glob("*.skops"))
    if len(found) != 1:
        raise Refusal(
            f"this MLflow model holds {len(found)} skops files, and a pickle is not read, as that "
            'executes it: save it with serialization_format="skops"'
        )
    return found[0]


def place_in_package(named: str) -> Path:
    """Return where a code package has the file that a path names, beside `shared/`."""
    return Path(FLOWS.name, "given", f"{sha256(named.encode()).hexdigest()[:16]}.skops")
