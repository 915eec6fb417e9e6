"""The leaderboard while candidates are still fitting, on each of their cards."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from shared import lineage
from shared.settings import Settings
from shared.training import candidates, cards

# Each refresh costs a process of some seconds; fits that are shorter need none.
EVERY_SECONDS = 10.0


def standings(step_pathspec: str, settings: Settings) -> list[dict[str, Any]]:
    """Return what is known now of every candidate, ranked."""
    known = {r["candidate"]: r for r in lineage.finished_results(step_pathspec, "result")}
    unfinished = {"scores": None, "seconds": None, "error": None}
    results = [known.get(c.name, {"candidate": c.name, **unfinished}) for c in settings.candidates]
    return candidates.ranked(results, settings)


@contextmanager
def leaderboard(card: Any, step_pathspec: str, settings: Settings) -> Iterator[None]:
    """Keep a task's card showing the standings while its candidate is being fitted."""
    stop = threading.Event()
    shown: list[Any] = []

    def draw(results: list[dict[str, Any]]) -> None:
        states = [(r["candidate"], r["seconds"]) for r in results]
        if states != shown:
            shown[:] = states
            card.clear()
            card.extend(cards.leaderboard(results, settings.select_by, done=False))
            card.refresh()

    watcher = threading.Thread(target=_repeat, args=(stop, step_pathspec, settings, draw))
    watcher.start()
    try:
        yield
    finally:
        stop.set()
        watcher.join()


def _repeat(
    stop: threading.Event,
    step_pathspec: str,
    settings: Settings,
    draw: Callable[[list[dict[str, Any]]], None],
) -> None:
    while not stop.wait(EVERY_SECONDS):
        draw(standings(step_pathspec, settings))
