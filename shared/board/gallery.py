"""The latest runs' cards as plain pages, with an index, to open in a browser without a server."""

import html
import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared import cards
from shared.errors import Refusal
from shared.lineage import run_history, trainings
from shared.runs import stations
from shared.runs.one_run import run_cards


@dataclass(frozen=True)
class Entry:
    """A run in the gallery: its state as a mood and a word, its pages by title, why it failed."""

    flow: str
    run: str
    at: str
    by: str
    mood: str
    word: str
    pages: dict[str, str]
    failure: str = ""


def write(problem: str, folder: Path, runs: int = 5) -> Path:
    """Write the cards of each flow's latest runs into a folder; returns the index's path.

    What is in the folder already stays. Raises `Refusal` where only other problems have runs.
    """
    entries_of = {flow: gather(flow, problem, folder, runs) for flow in stations.FLOWS}
    if not any(entries_of.values()) and (hint := trainings.meant_another(problem)):
        raise Refusal(hint)
    folder.mkdir(parents=True, exist_ok=True)
    shown = {
        flow: entries
        for flow, entries in entries_of.items()
        if entries or flow not in stations.OPTIONAL
    }
    index = folder / "index.html"
    index.write_text(page(problem, shown), encoding="utf-8")
    return index.resolve()


def gather(flow: str, problem: str, folder: Path, runs: int) -> list[Entry]:
    """Write the cards of a flow's latest runs; returns an entry for each, the newest first."""
    latest = itertools.islice(run_history.runs(flow, problem, successful=False), runs)
    return [_entry(flow, run, folder) for run in latest]


def page(problem: str, entries_of: dict[str, list[Entry]]) -> str:
    """Draw the index: a part for each station of the loop, a row for each run."""
    parts = "".join(
        f"<section><h2>{number} · {flow.removesuffix('Flow')}</h2>{_rows(entries)}</section>"
        for number, (flow, entries) in enumerate(entries_of.items(), start=1)
    )
    return cards.html_page(f"{problem}: the latest runs", parts, STYLE)


def _entry(flow: str, run: Any, folder: Path) -> Entry:
    found = stations.standing(run)
    users = [tag.removeprefix("user:") for tag in run.tags if tag.startswith("user:")]
    decided = found.facts.get("decision", {})
    return Entry(
        flow=flow,
        run=run.id,
        at=f"{run.created_at:%d %b %Y, %H:%M}",
        by=decided.get("reviewer") or "".join(users),
        mood=found.mood,
        word=found.word,
        pages=run_cards.write(run.pathspec, run_cards.of_run(run), folder),
        failure=found.failure,
    )


def _rows(entries: list[Entry]) -> str:
    if not entries:
        return "<p>No run yet.</p>"
    return f"<table>{''.join(map(_row, entries))}</table>"


def _row(entry: Entry) -> str:
    links = " ".join(
        f'<a href="{html.escape(name)}">{html.escape(title)}</a>'
        for title, name in entry.pages.items()
    )
    why = f'<div class="failure">{html.escape(entry.failure)}</div>' if entry.failure else ""
    return (
        f'<tr><td class="word {entry.mood}">{html.escape(entry.word)}</td>'
        f'<td class="cards">{links or "no card"}{why}</td><td>{entry.at}</td>'
        f"<td>{html.escape(entry.by)}</td>"
        f'<td class="run quiet">{html.escape(entry.flow)}/{html.escape(entry.run)}</td></tr>'
    )


STYLE = """
td.word { min-width: 90px; font-weight: 600 }
div.failure { color: var(--bad); overflow-wrap: anywhere }
td.run { font-size: 13px }
@media (min-width: 641px) {
  td { white-space: nowrap }
  td.cards { width: 100%; white-space: normal }
}
@media (max-width: 640px) {
  tr { display: flex; flex-wrap: wrap; gap: 0 8px }
  td.cards { order: 1; width: 100% }
}
"""
