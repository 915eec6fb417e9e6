"""Where a bundle comes from: training run, data, code, and any gate that was overridden."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import shared
from shared.errors import Refusal
from shared.model.evaluation import Evaluation


def lineage_of(training_run: str, trained: Any, override: str | None) -> dict[str, Any]:
    """Return a bundle's lineage as plain values.

    `trained` holds the training run's artifacts. Raises `Refusal` when the run failed its gates and
    nobody says why it is packaged all the same.
    """
    evaluation = Evaluation.model_validate(trained.evaluation)
    failed = evaluation.failures
    if failed and not (override or "").strip():
        raise Refusal(
            f"{training_run} failed its gates ({'; '.join(failed)}); "
            'to package it all the same, say why: --override "…"'
        )
    return {
        "training run": training_run,
        "candidate": evaluation.candidate,
        "data": trained.facts["source"],
        "data version": trained.facts.get("version"),
        "data fingerprint": trained.facts["fingerprint"],
        "data sample": trained.facts.get("sample"),
        "data from": trained.facts["from"],
        "data to": trained.facts["to"],
        "git commit": git_commit(),
        "gates overridden": {"gates": failed, "reason": override} if failed else None,
    }


def git_commit() -> str | None:
    """Return the commit of the running code, marked `+changes` when it differs.

    On a cluster, that which the flow was deployed from. None where there is neither that nor a
    repository.
    """
    here = Path(shared.__file__).parent
    try:
        head = _git("rev-parse", "HEAD", at=here)
        return head + ("+changes" if _git("status", "--porcelain", at=here) else "")
    except (OSError, subprocess.CalledProcessError):
        return _deployed_commit()


def _deployed_commit() -> str | None:
    """Return the commit that Metaflow wrote into a task's environment when it was deployed."""
    version_info = json.loads(os.environ.get("METAFLOW_VERSION", "{}"))
    head = version_info.get("commit_sha")
    return head and head + ("+changes" if version_info.get("has_uncommitted_changes") else "")


def _git(*words: str, at: Path) -> str:
    done = subprocess.run(["git", *words], cwd=at, capture_output=True, text=True, check=True)
    return done.stdout.strip()
