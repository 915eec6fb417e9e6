"""The cards of a run, in the order of its steps."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared import cards

# What Evidently drew: large pages, for those who want to look below the verdict.
REPORTS = ("data_summary", "data_drift", "quality")


@dataclass(frozen=True)
class RunCard:
    """A card: its step, a title that no other of the run has, and what reads its page (HTML)."""

    step: str
    title: str
    read: Callable[[], str]

    @property
    def is_report(self) -> bool:
        """Whether it is one of Evidently's reports."""
        return self.title in REPORTS


def of_run(run: Any) -> list[RunCard]:
    """Return the cards that a run has so far.

    Tasks of a foreach each draw the same card: they are left out once a later step drew it whole.
    """
    found: dict[str, tuple[str, RunCard]] = {}
    for step in reversed(list(run)):
        tasks = sorted(step, key=lambda task: task.index or 0)
        for number, task in enumerate(tasks, start=1):
            for card, read in sorted(cards.cards_of(task).items()):
                title = f"{card} {number}" if len(tasks) > 1 else card
                found[title] = (card, RunCard(step.id, title, read))
    return [made for title, (card, made) in found.items() if title == card or card not in found]


def write(run: Any, folder: Path) -> dict[str, str]:
    """Write a run's cards into a folder as pages; returns the pages' names by title.

    A page is named `{flow}-{run}-{step}-{card}.html`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = {}
    for found in of_run(run):
        place = f"{run.pathspec}/{found.step}/{found.title}"
        name = re.sub(r"[^\w.-]+", "-", place) + ".html"
        (folder / name).write_text(found.read(), encoding="utf-8")
        written[found.title.replace("_", " ")] = name
    return written
