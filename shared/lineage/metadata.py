"""The run history that is read here: its name, its age, and whether it can forget runs."""

import time
from pathlib import Path

from metaflow import get_metadata
from metaflow.plugins.datastores.local_storage import LocalStorage

# A run's folder is there before all that a listing reads of it.
WRITTEN_WITHIN_NS = 10 * 10**9


def history_name() -> str:
    """Return the name of the run history that is read here, such as `local@/home/ada/.metaflow`.

    Metaflow's own name of it is that of when it was first asked, though runs may begin a history
    later.
    """
    root = _local_root()
    return f"{LocalStorage.TYPE}@{root}" if root else str(get_metadata())


def listing_age(flow: str) -> int | None:
    """Return a number that grows with each new run of a flow; None where only a listing tells.

    A folder on this machine says by itself whether it has a new run, once that is written whole.
    """
    root = _local_root()
    try:
        changed = (Path(root) / flow).stat().st_mtime_ns if root else None
    except OSError:
        return None
    return changed if changed and time.time_ns() - changed > WRITTEN_WITHIN_NS else None


def forgets() -> bool:
    """Return whether the history forgets a run whose files are removed; a service does not."""
    return history_name().startswith("local@")


def _local_root() -> str | None:
    """Return the folder of this machine that runs are read from; None for none."""
    if get_metadata().partition("@")[0] != LocalStorage.TYPE:
        return None
    found = LocalStorage.datastore_root
    return found or LocalStorage.get_datastore_root_from_config(lambda line: None, False)
