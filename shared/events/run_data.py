"""What went into a run and what came out of it, as catalogues of data call it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from shared.lineage import run_artifacts

# The artifacts that tell it, by their step.
RESULTS: dict[str, dict[str, tuple[str, ...]]] = {
    "IngestFlow": {"reconcile": ("ingested",)},
    "TrainFlow": {"load": ("facts",), "evaluate": ("evaluation",)},
    "PackageFlow": {"choose": ("training_run",), "build": ("digest",)},
    "ReviewFlow": {"record": ("decision",)},
    "ScoreFlow": {"reconcile": ("answered",)},
    "MonitorFlow": {"judge": ("verdict",)},
}


@dataclass(frozen=True)
class DataSet:
    """A table, a model, a bundle or the champion, at a version.

    `namespace` is where it is kept, such as `s3://bucket`; empty for what runs keep.
    """

    name: str
    version: str | None = None
    namespace: str = ""


@dataclass(frozen=True)
class RunData:
    """A run's inputs and outputs, as far as it went, and what it came to in single words."""

    inputs: tuple[DataSet, ...] = ()
    outputs: tuple[DataSet, ...] = ()
    words: dict[str, str] | None = None


def of_run(run: Any, problem: str) -> RunData:
    """Return what went into a run of Metaflow's client, and what came out of it."""
    flow, found = run.pathspec.partition("/")[0], dict[str, Any]()
    for step, names in RESULTS[flow].items():
        found |= run_artifacts.kept_of(run, step, *names) or {}
    return of_results(flow, problem, run.pathspec, found)


def of_results(flow: str, problem: str, pathspec: str, found: dict[str, Any]) -> RunData:
    """Return it by the artifacts that were found; a run that did not get there has none."""
    return _BY_FLOW[flow](problem, pathspec, found) if found else RunData()


def data_set(address: str, own_name: str, version: str | None = None) -> DataSet:
    """Return the data set at an address: on S3, in a database, in a folder; else of its own name.

    An address of a database is without the user and the password.
    """
    parts = urlsplit(address)
    if "://" in address and parts.hostname:
        port = f":{parts.port}" if parts.port else ""
        name = parts.path.strip("/") or own_name
        return DataSet(name, version, f"{parts.scheme}://{parts.hostname}{port}")
    if "://" not in address and "/" in address:
        return DataSet(str(Path(address).absolute()), version, "file")
    return DataSet(own_name, version)


def _ingested(problem: str, _: str, found: dict[str, Any]) -> RunData:
    done = found["ingested"]
    table = data_set(done["table"], f"{problem}.table", str(done["version"]))
    return RunData((data_set(done["origin"], f"{problem}.source"),), (table,))


def _trained(problem: str, pathspec: str, found: dict[str, Any]) -> RunData:
    facts, evaluation = found["facts"], found.get("evaluation")
    version = facts.get("version")
    named = str(facts["fingerprint"] if version is None else version)
    made = (DataSet(f"{problem}.model", pathspec),) if evaluation else ()
    words = {"gates": "passed" if evaluation["passed"] else "failed"} if evaluation else None
    return RunData((data_set(facts["source"], f"{problem}.source", named),), made, words)


def _packaged(problem: str, _: str, found: dict[str, Any]) -> RunData:
    made = (_bundle(problem, found["digest"]),) if "digest" in found else ()
    return RunData((DataSet(f"{problem}.model", found["training_run"]),), made)


def _decided(problem: str, _: str, found: dict[str, Any]) -> RunData:
    decision = found["decision"]
    is_comment = decision["decision"] == "comment"
    made = () if is_comment else (DataSet(f"{problem}.champion", decision["champion"]),)
    words = {"decision": decision["decision"], "reviewer": decision["reviewer"]}
    return RunData((_bundle(problem, decision["digest"]),), made, words)


def _scored(problem: str, _: str, found: dict[str, Any]) -> RunData:
    done = found["answered"]
    version = None if done["version"] is None else str(done["version"])
    table = data_set(done["table"], f"{problem}.table", version)
    answers = data_set(done["output"], f"{problem}.answers")
    return RunData((table, _bundle(problem, done["bundle"])), (answers,))


def _judged(problem: str, _: str, found: dict[str, Any]) -> RunData:
    verdict = found["verdict"]
    window = data_set(verdict["source"], f"{problem}.log", verdict["until"])
    bundle = _bundle(problem, verdict["bundle"])
    return RunData((window, bundle), words={"verdict": verdict["verdict"]})


def _bundle(problem: str, digest: str) -> DataSet:
    return DataSet(f"{problem}.bundle", digest)


_BY_FLOW: dict[str, Callable[[str, str, dict[str, Any]], RunData]] = {
    "IngestFlow": _ingested,
    "TrainFlow": _trained,
    "PackageFlow": _packaged,
    "ReviewFlow": _decided,
    "ScoreFlow": _scored,
    "MonitorFlow": _judged,
}
