"""What went into a run of each flow, and what came out of it."""

from pathlib import Path
from typing import Any

import pytest

from shared.events.run_data import RESULTS, DataSet, RunData, data_set, of_results

DIGEST = "b" * 64
BUNDLE = DataSet("shop.bundle", DIGEST)


@pytest.mark.parametrize(
    ("flow", "found", "data"),
    [
        (
            "IngestFlow",
            {"ingested": {"origin": "source:table", "table": "s3://bucket/shop", "version": 4}},
            RunData((DataSet("shop.source"),), (DataSet("shop", "4", "s3://bucket"),)),
        ),
        (
            "TrainFlow",
            {
                "facts": {"source": "s3://bucket/shop", "version": 0, "fingerprint": "f"},
                "evaluation": {"passed": True},
            },
            RunData(
                (DataSet("shop", "0", "s3://bucket"),),
                (DataSet("shop.model", "Flow/7"),),
                {"gates": "passed"},
            ),
        ),
        (
            "TrainFlow",
            {"facts": {"source": "source:table", "fingerprint": "f"}},
            RunData((DataSet("shop.source", "f"),)),
        ),
        (
            "PackageFlow",
            {"training_run": "TrainFlow/3"},
            RunData((DataSet("shop.model", "TrainFlow/3"),)),
        ),
        (
            "ReviewFlow",
            {
                "decision": {
                    "digest": DIGEST,
                    "champion": None,
                    "decision": "rollback",
                    "reviewer": "Ada",
                }
            },
            RunData(
                (BUNDLE,),
                (DataSet("shop.champion"),),
                {"decision": "rollback", "reviewer": "Ada"},
            ),
        ),
        (
            "ReviewFlow",
            {
                "decision": dict.fromkeys(("champion", "decision", "reviewer"), "comment")
                | {"digest": DIGEST}
            },
            RunData((BUNDLE,), (), {"decision": "comment", "reviewer": "comment"}),
        ),
        (
            "ScoreFlow",
            {"answered": {"table": "/t", "version": None, "bundle": DIGEST, "output": "/o"}},
            RunData((DataSet("/t", None, "file"), BUNDLE), (DataSet("/o", None, "file"),)),
        ),
        (
            "MonitorFlow",
            {"verdict": {"source": "", "until": "2026", "bundle": DIGEST, "verdict": "ok"}},
            RunData((DataSet("shop.log", "2026"), BUNDLE), (), {"verdict": "ok"}),
        ),
    ],
)
def test_each_flow_has_its_data(flow: str, found: dict[str, Any], data: RunData) -> None:
    assert of_results(flow, "shop", "Flow/7", found) == data


@pytest.mark.parametrize("flow", RESULTS)
def test_a_run_that_broke_at_once_has_none(flow: str) -> None:
    assert of_results(flow, "shop", "Flow/7", {}) == RunData()


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("source:table", DataSet("own")),
        ("rows/days", DataSet(str(Path("rows/days").absolute()), None, "file")),
        ("s3://bucket/a/b", DataSet("a/b", None, "s3://bucket")),
        ("postgresql://ada:secret@db:5432/log", DataSet("log", None, "postgresql://db:5432")),
        ("sqlite:///log.db", DataSet("own")),
    ],
)
def test_a_data_set_is_called_after_where_it_is(address: str, found: DataSet) -> None:
    assert data_set(address, "own") == found
