"""Where a bundle comes from, and which gates were overridden."""

import json
from types import SimpleNamespace

import pytest

from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.packaging import provenance

FACTS = {
    "source": "loans.parquet",
    "fingerprint": "f" * 64,
    "from": "2024-01-01",
    "to": "2024-03-30",
}


def trained(bundle: Bundle, passed: bool) -> SimpleNamespace:
    (gate,) = bundle.evaluation.gates
    gates = (gate.model_copy(update={"passed": passed}),)
    judged = bundle.evaluation.model_copy(update={"gates": gates, "passed": passed})
    return SimpleNamespace(evaluation=judged.plain(), facts=FACTS)


def test_the_lineage_has_the_run_the_data_and_the_commit(bundle: Bundle) -> None:
    lineage = provenance.lineage_of("TrainFlow/7", trained(bundle, True), None)
    assert lineage.pop("git commit") == provenance.git_commit()
    assert lineage == {
        "training run": "TrainFlow/7",
        "candidate": "boosting",
        "data": "loans.parquet",
        "data version": None,
        "data fingerprint": "f" * 64,
        "data sample": None,
        "data from": "2024-01-01",
        "data to": "2024-03-30",
        "gates overridden": None,
    }


def test_a_failed_gate_is_overridden_for_a_reason_only(bundle: Bundle) -> None:
    failed = trained(bundle, False)
    gate = "gain in log loss over the baseline (lower end of the 95% interval) above 0"
    with pytest.raises(Refusal, match=r"TrainFlow/7 failed its gates \(gain in log loss over"):
        provenance.lineage_of("TrainFlow/7", failed, " ")
    lineage = provenance.lineage_of("TrainFlow/7", failed, "the pilot needs it")
    assert lineage["gates overridden"] == {"gates": [gate], "reason": "the pilot needs it"}


def test_on_a_cluster_the_commit_is_that_of_the_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    deployed = {"commit_sha": "abc", "has_uncommitted_changes": True}
    monkeypatch.setenv("METAFLOW_VERSION", json.dumps(deployed))
    monkeypatch.setenv("PATH", "")
    assert provenance.git_commit() == "abc+changes"
    monkeypatch.delenv("METAFLOW_VERSION")
    assert provenance.git_commit() is None
