"""The bundles that were packaged: the champion, the one that waits, and any that is named."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metaflow import Run

from shared import problems
from shared.errors import Refusal
from shared.lineage import endings, reviews, run_artifacts, run_history
from shared.model.decision import Standing
from shared.problem_commands import review_command
from shared.problems import Problem
from shared.settings import Settings

if TYPE_CHECKING:
    # Imported where a bundle is opened: the step of a fit reads what others have scored alone.
    from shared.model.bundle import Bundle


@dataclass(frozen=True)
class Packaged:
    """A bundle and the PackageFlow run that made it: its pathspec, its verification, its origin."""

    bundle: "Bundle"
    run: str
    training_run: str
    verified: bool


def deployed(problem: Problem, reference: str | None = None) -> "Bundle":
    """Open the bundle that is named (digest, run or folder), or else the problem's champion.

    Raises `Refusal` when there is none, when it is another problem's, or when a file of it is not
    the one that was packaged.
    """
    name, _ = problems.name_and_settings(problem)
    found = find_bundle(problem, reference) if reference else champion(problem)
    if found is None:
        raise Refusal(
            f"no bundle of {name!r} is in production here (in the branch {run_history.branch()}): "
            f"approve one with `{review_command('…', name)}`, or name one with --bundle"
        )
    if (other := found.manifest.name) != name:
        raise Refusal(f"bundle {reference} is of the problem {other!r}, not of {name!r}")
    return found


def champion(problem: Problem) -> "Bundle | None":
    """Open the bundle that the decisions left in production; None when there is none."""
    digest = reviews.standing_decisions(problem).champion
    return packaged(problem, digest).bundle if digest else None


def packaged(problem: Problem, reference: str) -> Packaged:
    """Find a bundle with its run, by digest (or its first 8 or more digits), run, or folder.

    Whoever names a bundle may take it from any branch: it is the same one, whoever made it. Its
    digests are checked anew. Raises `Refusal` when it is unknown or not as it was packaged.
    """
    from shared.model.bundle import MANIFEST, open_bundle

    name, settings = problems.name_and_settings(problem)
    folder = Path(reference)
    wanted = open_bundle(folder).digest if (folder / MANIFEST).is_file() else reference
    for run in run_history.runs("PackageFlow", name, successful=False, anywhere=True):
        if made := _named(run, wanted):
            bundle = _unpacked(run, made["digest"], settings)
            return Packaged(bundle, run.pathspec, made["training_run"], _verified(run))
    if other := problem_of(wanted):
        raise Refusal(
            f"bundle {reference} is of the problem {other!r}, not of {name!r}: "
            f"--problem {other}, or PROBLEM={other} of make"
        )
    raise Refusal(
        f"no bundle {reference!r} of {name!r}: give a digest (8 digits or more), "
        "PackageFlow/RUN, or a bundle's folder"
    )


def problem_of(reference: str) -> str | None:
    """Return the problem of the bundle with a digest (or its first digits), or of a run."""
    runs = run_history.all_runs("PackageFlow")
    found = (run_history.tag_of(run, "project") for run in runs if _named(run, reference))
    return next(found, None)


def find_bundle(problem: Problem, reference: str) -> "Bundle":
    """Open a bundle by digest, `PackageFlow/RUN` or folder; a folder need not be in the history."""
    from shared.model.bundle import open_bundle

    folder = Path(reference)
    if not folder.is_dir():
        return packaged(problem, reference).bundle
    return open_bundle(folder, _trust(problems.name_and_settings(problem)[1]))


def undecided(problem: Problem) -> "Bundle | None":
    """Open the newest verified bundle while it waits for a decision; None if there was one."""
    name, settings = problems.name_and_settings(problem)
    newest = _newest_packaged(name)
    if newest is None:
        return None
    run, digest = newest
    found = reviews.standing_decisions(problem)
    waits = digest in found.waiting or not _decided(digest, found)
    return _unpacked(run, digest, settings) if waits else None


def undecided_digest(problem: str, found: Standing) -> str | None:
    """Return the digest of the newest verified bundle while nobody has decided about it."""
    newest = _newest_packaged(problem)
    return newest[1] if newest and not _decided(newest[1], found) else None


def _newest_packaged(problem: str) -> tuple[Run, str] | None:
    newest = next(run_history.runs("PackageFlow", problem), None)
    made = run_artifacts.kept_of(newest, "build", "digest") if newest else None
    return (newest, made["digest"]) if newest and made else None


def _named(run: Run, reference: str) -> dict[str, Any] | None:
    """Return what was kept of a run's bundle, if a digest or the run's own name leads to it."""
    made = run_artifacts.kept_of(run, "build", "digest", "training_run")
    by_digest = len(reference) >= 8 and made and made["digest"].startswith(reference)
    return made if by_digest or reference in (run.pathspec, run.id) else None


def _verified(run: Run) -> bool:
    checked = run_artifacts.kept_of(run, "verify", "verification")
    return bool(checked and checked["verification"].get("passed")) and endings.succeeded(run)


def _decided(digest: str, found: Standing) -> bool:
    return any(decision.digest == digest for decision in found.counted)


def _unpacked(run: Run, digest: str, settings: Settings | None) -> "Bundle":
    from shared.model.files import bundle_cache

    return bundle_cache.cached_bundle(digest, lambda: _archive(run), _trust(settings))


def _archive(run: Run) -> bytes:
    with run_artifacts.refusing_what_is_lost(f"the bundle of {run.pathspec}"):
        build: Any = run["build"].task
        return bytes(memoryview(build["bundle"].data))


def _trust(settings: Settings | None) -> tuple[str, ...] | None:
    return settings.package.trust if settings else None
