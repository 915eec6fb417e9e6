"""The cards of a run, in the order of its steps."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared import cards
from shared.cards import CardFile

# What Evidently drew: large pages, for those who want to look below the verdict.
REPORTS = ("data_summary", "data_drift", "quality")


@dataclass(frozen=True)
class RunCard:
    """A card: its step, a title that no other of the run has, and where it lies."""

    step: str
    title: str
    card: CardFile

    @property
    def is_report(self) -> bool:
        """Whether it is one of Evidently's reports."""
        return self.title in REPORTS

    def page(self) -> str:
        """Return its page (HTML)."""
        return self.card.page()

    @property
    def version(self) -> str:
        """What tells its page from what it was before, and will be: a step that runs draws anew."""
        return hashlib.sha256(self.page().encode()).hexdigest()[:12]


def of_run(run: Any) -> list[RunCard]:
    """Return the cards that a run has so far.

    Tasks of a foreach each draw the same card: they are left out once a later step drew it whole.
    """
    found: dict[str, RunCard] = {}
    steps = {step.id: _tasks(step) for step in reversed(list(run))}
    listed = iter(cards.cards_of([task for tasks in steps.values() for task in tasks]))
    for step, tasks in steps.items():
        for number, _ in enumerate(tasks, start=1):
            for name, card in sorted(next(listed).items()):
                title = f"{name} {number}" if len(tasks) > 1 else name
                found[title] = RunCard(step, title, card)
    return [c for title, c in found.items() if title == c.card.name or c.card.name not in found]


def _tasks(step: Any) -> list[Any]:
    return sorted(step, key=lambda task: task.index or 0)


def write(pathspec: str, of_run: Iterable[RunCard], folder: Path) -> dict[str, str]:
    """Write a run's cards into a folder as pages; returns the pages' names by title.

    A page is named `{flow}-{run}-{step}-{card}.html`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = {}
    for found in of_run:
        place = f"{pathspec}/{found.step}/{found.title}"
        name = re.sub(r"[^\w.-]+", "-", place) + ".html"
        page = found.page().replace("</head>", f"<style>{cards.NIGHT_STYLE}</style></head>", 1)
        (folder / name).write_text(page, encoding="utf-8")
        written[found.title.replace("_", " ")] = name
    return written
