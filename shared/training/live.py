"""The leaderboard while candidates are still fitting, on each of their cards."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from shared.lineage import run_artifacts
from shared.settings import Settings
from shared.training import cards
from shared.training.fitting import candidates, trials

# Each refresh costs a process of some seconds; fits that are shorter need none.
EVERY_SECONDS = 30.0


def standings(step_pathspec: str, settings: Settings) -> list[dict[str, Any]]:
    """Return what is known now of every candidate and trial, ranked."""
    finished = run_artifacts.finished_results(step_pathspec, "results")
    known = {result["candidate"]: result for results in finished for result in results}
    unfinished = {"scores": None, "seconds": None, "error": None}
    results = [
        known.get(name, {"candidate": name, **unfinished}) for name in trials.names(settings)
    ]
    return candidates.ranked(results, settings)


@contextmanager
def leaderboard(card: Any, step_pathspec: str, settings: Settings) -> Iterator[None]:
    """Keep a task's card showing the standings while its candidate is being fitted."""
    stop = threading.Event()
    watcher = threading.Thread(target=_refresh, args=(card, step_pathspec, settings, stop))
    watcher.start()
    try:
        yield
    finally:
        stop.set()
        watcher.join()


def _refresh(card: Any, step_pathspec: str, settings: Settings, stop: threading.Event) -> None:
    shown = None
    while not stop.wait(EVERY_SECONDS):
        results = standings(step_pathspec, settings)
        states = [(r["candidate"], r["seconds"]) for r in results]
        if states != shown:
            shown = states
            card.clear()
            card.extend(cards.leaderboard(results, settings, done=False))
            card.refresh()
