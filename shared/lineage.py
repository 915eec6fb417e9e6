"""What came of what: look-ups in Metaflow's run history, which is the registry of models."""

import functools
import itertools
import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metaflow import Flow, Run, Step, current, get_metadata, namespace
from metaflow.exception import MetaflowException, MetaflowNotFound
from metaflow.plugins.datastores.local_storage import LocalStorage
from metaflow.util import get_username

from shared import BRANCH, artifacts, problems, run_memory
from shared.errors import Refusal
from shared.model.decision import Decision, Standing, standing
from shared.model.verdict import Verdict, read_verdict
from shared.settings import Settings

if TYPE_CHECKING:
    # Imported where a bundle is opened: the step of a fit reads what others have scored alone.
    from shared.model.bundle import Bundle

# A run's folder is there before all that a listing reads of it.
WRITTEN_WITHIN_NS = 10 * 10**9

artifacts.register()
# Runs hold models of a problem's own types; whoever names it can read them, in a notebook, too.
with suppress(Refusal):
    problems.make_named_importable()


@dataclass(frozen=True)
class Packaged:
    """A bundle and the PackageFlow run that made it: its pathspec, its verification, its origin."""

    bundle: "Bundle"
    run: str
    training_run: str
    verified: bool


# Whoever tags a run so keeps it; a run whose artifacts were removed is tagged so where the history
# itself cannot forget it.
KEEP, PRUNED = "keep", "pruned"
# A problem: its settings, or its name, by which its settings are looked for here.
Problem = str | Settings


def branch() -> str:
    """Return the project branch whose runs count here, such as `prod` or `user.ada`.

    In a flow it is the flow's own; else what MILLRACE_BRANCH says, or else the user's own.
    """
    return current.get("branch_name") or os.environ.get(BRANCH, "").strip() or own_branch()


def own_branch() -> str:
    """Return the branch of what the user runs here, such as `user.ada`."""
    return f"user.{os.environ.get('METAFLOW_OWNER') or get_username()}"


def runs(
    flow: str, problem: str, *, successful: bool = True, anywhere: bool = False
) -> Iterator[Run]:
    """Yield a problem's runs of a flow, the newest first; nothing when there is none.

    Those of this branch alone, so that nobody's experiment counts in production; or `anywhere`.
    """
    namespace(None)
    tags = [f"project:{problem}", *([] if anywhere else [f"project_branch:{branch()}"])]
    try:
        found = Flow(flow).runs(*tags)
    except MetaflowNotFound:
        return
    for run in found:
        if PRUNED not in run.tags and (not successful or succeeded(run)):
            yield run


def all_runs(flow: str) -> list[Run]:
    """Return all runs of a flow, of every problem and branch, the newest first."""
    namespace(None)
    try:
        return [run for run in Flow(flow).runs() if PRUNED not in run.tags]
    except MetaflowNotFound:
        return []


def meant_another(problem: str, trainings: Iterable[Run]) -> str:
    """Return a hint where only other problems were trained here; nothing where this one was."""
    trained = sorted({tag_of(run, "project") for run in trainings} - {""})
    if not trained or problem in trained:
        return ""
    return f"no run of {problem} is here, but of {', '.join(trained)}: --problem names one"


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


def run_named(pathspec: str) -> Run | None:
    """Return a run by its pathspec; None for an unknown one."""
    namespace(None)
    try:
        return Run(pathspec)
    except MetaflowException:
        return None


def history_name() -> str:
    """Return the name of the run history that is read here, such as `local@/home/ada/.metaflow`.

    Metaflow's own name of it is that of when it was first asked, though runs may begin a history
    later.
    """
    root = _local_root()
    return f"{LocalStorage.TYPE}@{root}" if root else str(get_metadata())


def _local_root() -> str | None:
    """Return the folder of this machine that runs are read from; None for none."""
    if get_metadata().partition("@")[0] != LocalStorage.TYPE:
        return None
    found = LocalStorage.datastore_root
    return found or LocalStorage.get_datastore_root_from_config(lambda line: None, False)


def started_by() -> str | None:
    """Return the pathspec of the run that set the current one off; None where none did."""
    trigger = current.get("trigger")
    return trigger.run.pathspec if trigger and trigger.run else None


def finished_results(step_pathspec: str, artifact: str) -> list[Any]:
    """Return an artifact of each task of a step that has finished so far."""
    namespace(None)
    try:
        tasks = list(Step(step_pathspec))
        return [task[artifact].data for task in tasks if task.finished and artifact in task]
    except (MetaflowNotFound, KeyError):
        return []


def training_run(problem: str, reference: str | None = None) -> Run:
    """Return a finished training run: the one named, or the latest that passed its gates.

    Raises `Refusal` when there is none, or when it did not finish.
    """
    if reference is None:
        for run in runs("TrainFlow", problem):
            judged = kept_of(run, "evaluate", "evaluation")
            if judged and judged["evaluation"]["passed"]:
                return run
        raise Refusal(f"no training run of {problem!r} has passed its gates: run flows/train.py")
    flow, _, number = reference.rpartition("/")
    namespace(None)
    try:
        run = Run(f"{flow or 'TrainFlow'}/{number}")
    except MetaflowException as error:
        raise Refusal(f"no training run {reference!r}: {error}") from None
    if f"project:{problem}" not in run.tags:
        raise Refusal(f"{run.pathspec} is not a run of the problem {problem!r}")
    if not run.pathspec.startswith("TrainFlow/") or not succeeded(run):
        raise Refusal(f"{run.pathspec} is not a training run that finished")
    return run


def packaged(problem: Problem, reference: str) -> Packaged:
    """Find a bundle with its run, by digest (or its first 8 or more digits), run, or folder.

    Whoever names a bundle may take it from any branch: it is the same one, whoever made it. Its
    digests are checked anew. Raises `Refusal` when it is unknown or not as it was packaged.
    """
    from shared.model.bundle import MANIFEST, open_bundle

    name, settings = _name_and_settings(problem)
    folder = Path(reference)
    wanted = open_bundle(folder).digest if (folder / MANIFEST).is_file() else reference
    for run in runs("PackageFlow", name, successful=False, anywhere=True):
        made = kept_of(run, "build", "digest", "training_run")
        if not made:
            continue
        by_digest = len(wanted) >= 8 and made["digest"].startswith(wanted)
        if by_digest or wanted in (run.pathspec, run.id):
            checked = kept_of(run, "verify", "verification")
            verified = bool(checked and checked["verification"].get("passed")) and succeeded(run)
            bundle = _unpacked(run, made["digest"], settings)
            return Packaged(bundle, run.pathspec, made["training_run"], verified)
    raise Refusal(
        f"no bundle {reference!r} of {name!r}: give a digest (8 digits or more), "
        "PackageFlow/RUN, or a bundle's folder"
    )


def find_bundle(problem: Problem, reference: str) -> "Bundle":
    """Open a bundle by digest, `PackageFlow/RUN` or folder; a folder need not be in the history."""
    from shared.model.bundle import open_bundle

    folder = Path(reference)
    if not folder.is_dir():
        return packaged(problem, reference).bundle
    return open_bundle(folder, _trust(_name_and_settings(problem)[1]))


def decisions(problem: str) -> list[Decision]:
    """Return a problem's decisions, the oldest first, each with its run."""
    return _decisions(runs("ReviewFlow", problem))


def _decisions(reviews: Iterable[Run]) -> list[Decision]:
    kept = ((run.pathspec, kept_of(run, "record", "decision")) for run in reviews)
    return read_decisions((pathspec, found["decision"]) for pathspec, found in kept if found)


def read_decisions(kept: Iterable[tuple[str, dict[str, Any]]]) -> list[Decision]:
    """Return the decisions that runs have kept, by the runs' pathspecs, the oldest first.

    What a run has as a decision that is none is left out, and reported: it stops nobody.
    """
    recorded = []
    for pathspec, decision in kept:
        try:
            recorded.append(Decision(**(decision | {"run": pathspec})))
        except (TypeError, ValueError) as error:
            _report(f"{pathspec} holds no decision: {str(error).splitlines()[0]}")
    return sorted(recorded, key=lambda made: (datetime.fromisoformat(made.at), made.run or ""))


def standing_decisions(problem: Problem) -> Standing:
    """Return what a problem's decisions leave standing, by the rule of its settings."""
    name, settings = _name_and_settings(problem)
    return standing(decisions(name), settings.review if settings else None)


def standing_anywhere(problem: Problem) -> set[str]:
    """Return the digests that stand or wait for approvals in any branch.

    By the rule of the settings here, or by those that the decisions brought: elsewhere there may be
    other settings.
    """
    name, settings = _name_and_settings(problem)
    reviews: dict[str, list[Run]] = {}
    for run in runs("ReviewFlow", name, anywhere=True):
        reviews.setdefault(tag_of(run, "project_branch"), []).append(run)
    digests = set[str]()
    for found in map(_decisions, reviews.values()):
        for rule in (settings.review if settings else None, None):
            left = standing(found, rule)
            digests |= {*left.digests, *left.waiting}
    return digests


def tag_of(run: Run, name: str) -> str:
    """Return what a tag of a run says, such as its `project` or `project_branch`; or nothing."""
    return next((t.partition(":")[2] for t in run.tags if t.startswith(f"{name}:")), "")


def resumed_from(run: Run) -> str | None:
    """Return the pathspec of the run that a run was resumed from; None where it was not."""
    task = next((task for step in run for task in step), None)
    origin = task.metadata_dict.get("origin-run-id") if task else None
    # Metaflow writes None as a word.
    return (
        f"{run.pathspec.partition('/')[0]}/{origin}" if origin not in (None, "", "None") else None
    )


def forgets() -> bool:
    """Return whether the history forgets a run whose files are removed; a service does not."""
    return history_name().startswith("local@")


def mark_pruned(pathspec: str) -> None:
    """Tag a run as one that has no artifacts any more: from then on it is not listed here."""
    if run := run_named(pathspec):
        run.add_tag(PRUNED)


def champion(problem: Problem) -> "Bundle | None":
    """Open the bundle that the decisions left in production; None when there is none."""
    digest = standing_decisions(problem).champion
    return packaged(problem, digest).bundle if digest else None


def undecided(problem: Problem) -> "Bundle | None":
    """Open the newest verified bundle while it waits for a decision; None if there was one."""
    name, settings = _name_and_settings(problem)
    newest = _newest_packaged(name)
    if newest is None:
        return None
    run, digest = newest
    found = standing_decisions(problem)
    waits = digest in found.waiting or not _decided(digest, found)
    return _unpacked(run, digest, settings) if waits else None


def undecided_digest(problem: str, found: Standing) -> str | None:
    """Return the digest of the newest verified bundle while nobody has decided about it."""
    newest = _newest_packaged(problem)
    return newest[1] if newest and not _decided(newest[1], found) else None


def _newest_packaged(problem: str) -> tuple[Run, str] | None:
    newest = next(runs("PackageFlow", problem), None)
    made = kept_of(newest, "build", "digest") if newest else None
    return (newest, made["digest"]) if newest and made else None


def _decided(digest: str, found: Standing) -> bool:
    return any(decision.digest == digest for decision in found.counted)


def succeeded(run: Run) -> bool:
    """Return whether a run has ended well, which is remembered."""
    key = f"{history_name()} {run.pathspec}"
    if run_memory.recall(key):
        return True
    if found := ended_well(run):
        run_memory.remember(key, {"successful": True})
    return found


def ended_well(run: Any) -> bool:
    """Return whether a run's last step has succeeded, which is asked anew.

    Of a resumed run Metaflow's client does not know which one that is
    (findings/metaflow_resumed_run_never_ends.sh).
    """
    if run.successful or resumed_from(run) is None:
        return bool(run.successful)
    tasks = [task for step in run for task in step]
    graphs = (task["_graph_info"].data for task in tasks if "_graph_info" in task)
    last = next(graphs, dict[str, Any]()).get("end_step", "end")
    return any(task.successful for task in tasks if task.parent.id == last)


def failure(run: Any) -> str:
    """Return why a run failed: the last line of its failed task's exception; else nothing."""
    error = next((task.exception for step in run for task in step if task.exception), None)
    # Metaflow keeps an exception's message apart from the traceback.
    message = str(getattr(error, "exception", None) or error or "")
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return lines[-1] if lines else ("it failed" if error else "")


def kept_of(run: Run, step: str, *names: str) -> dict[str, Any] | None:
    """Return artifacts of a run's step, which has one task; None where they are not there.

    Those of a task that succeeded are remembered, where they are plain values.
    """
    key = f"{history_name()} {run.pathspec}/{step} {' '.join(names)}"
    if remembered := run_memory.recall(key):
        return remembered
    try:
        task: Any = run[step].task
        kept = {name: task[name].data for name in names}
        if task.successful:
            run_memory.remember(key, kept)
    except (KeyError, MetaflowNotFound, AttributeError, TypeError):
        return None
    return kept


def verdicts(problem: str, most: int = 40) -> list[Verdict]:
    """Return what a problem's latest monitoring runs made of their windows, the newest first."""
    latest = itertools.islice(runs("MonitorFlow", problem, successful=False), most)
    judged = (kept_of(run, "judge", "verdict") for run in latest)
    return [read_verdict(made["verdict"]) for made in judged if made]


def waiting_alerts(problem: str) -> list[Any]:
    """Return the alerts that the latest monitoring run which sent any could not deliver."""
    for run in runs("MonitorFlow", problem, successful=False):
        if made := kept_of(run, "act", "alerts"):
            return [alert for alert in made["alerts"] if alert.error]
    return []


def deployed(problem: Problem, reference: str | None = None) -> "Bundle":
    """Open the bundle that is named (digest, run or folder), or else the problem's champion.

    Raises `Refusal` when there is none, when it is another problem's, or when a file of it is not
    the one that was packaged.
    """
    name, _ = _name_and_settings(problem)
    found = find_bundle(problem, reference) if reference else champion(problem)
    if found is None:
        raise Refusal(
            f"no bundle of {name!r} is in production here (in the branch {branch()}): approve "
            "one with flows/review.py, or name one with --bundle"
        )
    if (other := found.manifest.name) != name:
        raise Refusal(f"bundle {reference} is of the problem {other!r}, not of {name!r}")
    return found


def _name_and_settings(problem: Problem) -> tuple[str, Settings | None]:
    if isinstance(problem, Settings):
        return problem.name, problem
    return problem, problems.settings_here(problem)


@functools.cache
def _report(line: str) -> None:
    """Say something once: a server looks every few seconds."""
    print(line, file=sys.stderr, flush=True)


def _unpacked(run: Run, digest: str, settings: Settings | None) -> "Bundle":
    from shared.model import bundle_cache

    return bundle_cache.cached_bundle(digest, lambda: _archive(run), _trust(settings))


def _archive(run: Run) -> bytes:
    try:
        build: Any = run["build"].task
        return bytes(memoryview(build["bundle"].data))
    except Exception as error:
        # What a datastore lost or changed comes as errors of every kind.
        why = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        raise Refusal(f"the bundle of {run.pathspec} cannot be read: {why}") from None


def _trust(settings: Settings | None) -> tuple[str, ...] | None:
    return settings.package.trust if settings else None
