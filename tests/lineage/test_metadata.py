"""The run history that is read here, when it begins and as it grows."""

import os
import time
from pathlib import Path

import pytest
from metaflow.plugins.datastores.local_storage import LocalStorage

from shared.lineage import metadata


def test_a_history_that_begins_later_is_named_by_its_folder_and_seen_to_grow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As in a process that has read no run yet.
    monkeypatch.setattr(LocalStorage, "datastore_root", None)
    monkeypatch.chdir(tmp_path)
    assert metadata.listing_age("TrainFlow") is None
    flow = tmp_path / ".metaflow" / "TrainFlow"
    (flow / "1").mkdir(parents=True)
    assert metadata.history_name() == f"local@{tmp_path.resolve() / '.metaflow'}"
    # Its newest run may not be written whole yet.
    assert metadata.listing_age("TrainFlow") is None
    ages = []
    for long_ago in (60, 30):
        at = time.time() - long_ago
        os.utime(flow, (at, at))
        ages.append(metadata.listing_age("TrainFlow"))
    assert ages[0] is not None
    assert ages[1] is not None
    assert ages[0] < ages[1]
    assert metadata.listing_age("MonitorFlow") is None
