"""What would be removed of a problem: runs, blobs, cards, log rows, stages, unpacked bundles."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from shared import problems
from shared.errors import Refusal
from shared.ingestion import staging
from shared.lineage import run_history
from shared.log import contents, old_rows
from shared.model.bundle import MANIFEST
from shared.model.files.bundle_cache import CACHE
from shared.pruning import flow_files, staying
from shared.pruning.flow_files import FlowFiles
from shared.pruning.stores import Store
from shared.runs import stations

# A blob that was written since may be of a run that has not yet said that it refers to it.
YOUNG = timedelta(hours=1)


@dataclass(frozen=True)
class Amount:
    """So much of a kind, of a flow or of another place; `bytes` is None where nothing tells."""

    where: str
    kind: str
    count: int
    bytes: int | None


@dataclass(frozen=True)
class FlowPlan:
    """What goes of a flow in a store: the numbers of runs, and the digests of blobs."""

    store: Store
    files: FlowFiles
    runs: tuple[str, ...]
    blobs: tuple[str, ...]

    def amounts(self) -> Iterator[Amount]:
        """Yield what the flow would free, by kind."""
        files, flow = self.files, self.files.flow
        for kind, held, names in (
            ("runs", files.runs, self.runs),
            ("artifacts", files.blobs, self.blobs),
            ("cards", files.cards, self.runs),
        ):
            sizes = [[stored.bytes for stored in held[name]] for name in names if name in held]
            if sizes:
                yield Amount(flow, kind, len(sizes), sum(map(sum, sizes)))


@dataclass(frozen=True)
class Plan:
    """What would be removed, and what stays although it is older.

    `limit` is the moment (UTC) before which all is old, `window` the start of the windows whose
    rows stay; `stays` counts runs by the reason why they stay. `stages` are bytes by run in the
    stages of `table`, `bundles` bytes by folder.
    """

    problem: str
    limit: datetime
    flows: tuple[FlowPlan, ...]
    log_rows: dict[str, int]
    log_bytes: int | None
    window: datetime | None
    table: str | None
    stages: dict[str, int]
    bundles: dict[Path, int]
    stays: dict[str, int] = field(default_factory=dict)

    def amounts(self) -> list[Amount]:
        """Return how much of each kind would be removed."""
        amounts = [amount for flow in self.flows for amount in flow.amounts()]
        amounts += [Amount("log", n, rows, None) for n, rows in self.log_rows.items() if rows]
        for kind, sizes in (("ingest stages", self.stages), ("unpacked bundles", self.bundles)):
            if sizes:
                amounts.append(Amount("this folder", kind, len(sizes), sum(sizes.values())))
        return amounts


def plan(problem: str, keep: timedelta, stores: list[Store], now: datetime | None = None) -> Plan:
    """Return what of a problem's runs in this branch, and of its log, is older than `keep`."""
    now = now or datetime.now(UTC)
    limit, settings = now - keep, problems.settings_here(problem)
    stay, stays = staying.find(problem, limit), dict[str, int]()
    flows = []
    for flow in stations.FLOWS:
        old = _old_runs(problem, flow, limit)
        for store in stores if old else ():
            files = flow_files.read(store, flow)
            gone = []
            for run in old:
                why = stay.runs.get(run.pathspec) or _lively(run, files, limit, now)
                if why is None:
                    gone.append(run.id)
                elif store is stores[0]:
                    stays[why] = stays.get(why, 0) + 1
            here = tuple(run for run in gone if run in files.runs or run in files.cards)
            if here:
                blobs = unneeded_blobs(store, files, here, now)
                flows.append(FlowPlan(store, files, here, blobs))
    rows, size = _log(problem, limit, stay.incident_since)
    table = settings.ingest.table if settings else None
    stages = staging.staged_before(table, limit) if table else {}
    bundles = unpacked_bundles(problem, stay.digests, limit)
    return Plan(
        *(problem, limit, tuple(flows), rows, size, stay.incident_since),
        *(table, stages, bundles, stays),
    )


def unneeded_blobs(
    store: Store, files: FlowFiles, runs: tuple[str, ...], now: datetime
) -> tuple[str, ...]:
    """Return the blobs that these runs of a flow refer to, and no other; no young ones.

    Other problems' runs count too, as all runs of a flow share their blobs. What no run names
    stays: a run may have begun that refers to it.
    """
    others = files.runs.keys() - set(runs)
    alone = flow_files.references(store, files, runs) & files.blobs.keys()
    alone -= flow_files.references(store, files, others) if alone else set()

    def is_old(digest: str) -> bool:
        return all(stored.written < now - YOUNG for stored in files.blobs[digest])

    return tuple(sorted(filter(is_old, alone)))


def _old_runs(problem: str, flow: str, limit: datetime) -> list[Any]:
    runs = run_history.runs(flow, problem, successful=False)
    return [run for run in runs if run.created_at.astimezone(UTC) < limit]


def _lively(run: Any, files: FlowFiles, limit: datetime, now: datetime) -> str | None:
    """Return why a run that began long ago is not old: it wrote since, or goes on."""
    written = files.written(run.id)
    if written and written >= limit:
        return "written since"
    return "running" if staying.is_running(run, written, now) else None


def _log(
    problem: str, limit: datetime, window: datetime | None
) -> tuple[dict[str, int], int | None]:
    """Return how many old rows the log has by table; none without a log."""
    try:
        return old_rows.count(problem, limit, window), contents.summary(problem).bytes
    except Refusal:
        return {}, None


def unpacked_bundles(problem: str, standing: set[str], limit: datetime) -> dict[Path, int]:
    """Return the bytes, by folder, of a problem's unpacked bundles that are not needed."""
    found = {}
    for folder in sorted(CACHE.iterdir()) if CACHE.is_dir() else ():
        unpacked = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
        if folder.name not in standing and unpacked < limit and _problem_of(folder) == problem:
            found[folder] = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
    return found


def _problem_of(folder: Path) -> str | None:
    """Return whose bundle a folder is; None where that cannot be read."""
    try:
        return str(json.loads((folder / MANIFEST).read_text())["name"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
