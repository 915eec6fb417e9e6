"""The words that every card is written in: plain results become Metaflow card components."""

import html
import io
import math
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cycler import cycler
from metaflow.cards import Image, Markdown, MetaflowCardComponent, Table
from metaflow.metaflow_config import CARD_SUFFIX
from metaflow.plugins.cards.card_datastore import CardDatastore, CardPathSuffix
from metaflow.plugins.cards.card_resolver import resumed_info
from metaflow.plugins.datastores.local_storage import LocalStorage

from shared import datastores
from shared.datastores import StoredFile
from shared.errors import Refusal
from shared.words import in_form

if TYPE_CHECKING:
    # Imported where something is drawn: most steps draw nothing.
    from matplotlib.figure import Figure

GOOD, WARN, BAD, QUIET = "#2a7f62", "#c98a00", "#b3362b", "#5b6770"
INK, ACCENT, SECOND = "#22303c", "#1f6f9f", "#d9822b"
# The line of a picture where nothing is but chance, or no difference.
CHANCE_LINE: Any = {"color": QUIET, "lw": 0.8, "ls": ":"}
MARKS = {"good": "✔", "warn": "▲", "bad": "✖", "quiet": "○"}
STYLE: Any = {
    "figure.dpi": 110,
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.prop_cycle": cycler(color=[ACCENT, SECOND, GOOD, BAD, QUIET]),
    # Where a line runs below the names, they are read all the same.
    "legend.frameon": True,
    "legend.facecolor": "white",
    "legend.edgecolor": "none",
    "svg.hashsalt": "millrace",
}
# Of pages beside the cards: the board's colours, by day and by night, and rows of a table apart by
# a line. On a phone a row's cells stand one below the other, each after the name of its column,
# where it has one.
PAGE_STYLE = """
:root {
  color-scheme: light dark;
  --ink: #22303c; --quiet: #566169; --paper: #f6f7f8; --panel: #ffffff; --line: #dfe3e6;
  --accent: #1a628d; --good: #226b52; --warn: #835a00; --bad: #a92f25;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e4e9ed; --quiet: #a4b0b9; --paper: #14191d; --panel: #1d242a; --line: #36414a;
    --accent: #7cc0ea; --good: #74cfa9; --warn: #e7b64a; --bad: #f0897f;
  }
}
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif }
main { max-width: 1080px; margin: 0 auto; padding: 32px 24px }
h1 { font-size: 26px; font-weight: 600; overflow-wrap: anywhere }
h2 { margin: 0 0 8px; font-size: 17px; font-weight: 600 }
section { margin: 16px 0; padding: 16px 20px; background: var(--panel);
  border: 1px solid var(--line); border-radius: 6px }
table { width: 100%; border-collapse: collapse }
td { padding: 7px 18px 7px 0; border-top: 1px solid var(--line); vertical-align: top }
a { margin-right: 10px; color: var(--accent) }
.good { color: var(--good) } .warn { color: var(--warn) }
.bad { color: var(--bad) } .quiet { color: var(--quiet) }
@media (max-width: 640px) {
  main { padding: 12px }
  section { padding: 12px }
  thead { display: none }
  tr, td { display: block }
  tr { padding: 7px 0; border-top: 1px solid var(--line) }
  td { padding: 0 8px 0 0; border: 0; white-space: normal; overflow-wrap: anywhere }
  td:empty { display: none }
  td[data-head]::before { content: attr(data-head) ": "; color: var(--quiet) }
}
"""
# Of a card that is a page of its own: it is drawn on white, so at night its lightness is turned
# round and its hues stay, as in the board.
NIGHT_STYLE = """
@media (prefers-color-scheme: dark) {
  html { background: #fff; filter: invert(.9) hue-rotate(180deg) }
}
"""
# Of cards, as Metaflow writes them: words begin where they are looked for. On a narrow screen a
# picture that is wider is moved within its frame, and a row's cells stand one below the other, each
# after the name of its column.
CARD_STYLE = """
html .mf-card :is(td, th) { text-align: left; vertical-align: top }
@media (max-width: 900px) {
  html .mf-card main { padding: 0.75rem; min-width: 0 }
  html .mf-card a { overflow-wrap: anywhere }
  html .mf-card thead { display: none }
  html .mf-card :is(table, tbody):has(td[data-head]) { display: block }
  html .mf-card tr:has(> td[data-head]) { display: block; padding: 0.5rem 0 }
  html .mf-card td[data-head] { display: block; padding: 0; border: 0; overflow-wrap: anywhere }
  html .mf-card td[data-head]::before { content: attr(data-head) ": "; color: #5b6770 }
  html .mf-card .imageContainer { overflow-x: auto }
  html .mf-card .imageContainer img { max-width: none; width: max(100%, 40rem); max-height: none }
}
"""
# Gives each cell of a card, which is drawn in the browser, the name of its column.
CARD_SCRIPT = """
new MutationObserver(() => {
  for (const table of document.querySelectorAll(".mf-card table:has(thead)")) {
    const heads = [...table.tHead.querySelectorAll("th")].map((head) => head.textContent.trim());
    for (const row of (heads.length && table.tBodies[0]?.rows) || [])
      [...row.cells].forEach((cell, column) => { cell.dataset.head = heads[column]; });
  }
}).observe(document, { childList: true, subtree: true });
"""
CARD_HEAD = f"<style>{CARD_STYLE}</style><script>{CARD_SCRIPT}</script>"
# More rows of a table, or bars of a picture, nobody reads.
MOST_ROWS = 30
# A line of text, and a matplotlib figure.
note, picture = Markdown, Image.from_matplotlib


def headline(mood: str, text: str, explanation: str = "") -> list[MetaflowCardComponent]:
    """Open a card: a title with its mood (`good`, `warn`, `bad`, `quiet`) and what it means."""
    title = Markdown(f"# {MARKS[mood]} {text}")
    return [title, Markdown(explanation)] if explanation else [title]


def section(title: str, text: str = "") -> list[MetaflowCardComponent]:
    """Open a part of a card."""
    return [Markdown(f"## {title}" + (f"\n\n{text}" if text else ""))]


def table(rows: Sequence[Mapping[str, Any]]) -> MetaflowCardComponent:
    """Draw rows with the same keys as a table; its headers are the first row's keys."""
    if not rows:
        return Markdown("*None.*")
    return Table([[cell(v) for v in row.values()] for row in rows], headers=list(rows[0]))


def first_rows(rows: Sequence[Mapping[str, Any]]) -> list[MetaflowCardComponent]:
    """Draw the first rows as a table, `MOST_ROWS` at most, and say how many more there are."""
    more = len(rows) - MOST_ROWS
    return [table(rows[:MOST_ROWS]), *([Markdown(f"And {more:,} more.")] if more > 0 else [])]


def facts(values: Mapping[str, Any]) -> MetaflowCardComponent:
    """Draw named values one under the other."""
    return Table([[Markdown(f"**{name}**"), cell(value)] for name, value in values.items()])


def figure(width: float = 10, height: float = 3.2, columns: int = 1) -> tuple["Figure", Any]:
    """Return a figure in the house style and its axes: one, or an array of `columns`.

    Made without pyplot, so that nothing is kept open in a task.
    """
    _import_figures()
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams.update(STYLE)
    made = Figure(figsize=(width, height), layout="constrained")
    return made, made.subplots(1, columns)


def _import_figures() -> None:
    """Import what draws figures without writing the documentation of their properties.

    To list these takes longer than the rest of the import.
    """
    if "matplotlib.figure" not in sys.modules:
        from matplotlib import artist

        documentation = artist.kwdoc
        artist.kwdoc = lambda artist: ""
        try:
            import matplotlib.backends.backend_agg
            import matplotlib.figure  # noqa: F401
        finally:
            artist.kwdoc = documentation


def svg(figure: "Figure") -> bytes:
    """Return a figure as SVG, the same for the same figure."""
    written = io.BytesIO()
    figure.savefig(written, format="svg", metadata={"Date": None})
    return written.getvalue()


def time_axis(axes: Any, places: int = 6) -> None:
    """Write times below axes at a few places, each as shortly as can be."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(maxticks=places)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    first, last = axes.dataLim.intervalx
    if first == last:
        # Matplotlib gives a single moment four years, which it finds no places in.
        axes.set_xlim(first - 4, last + 4)


def legend_beside(figure: "Figure") -> None:
    """Name a figure's lines beside its axes, where none of them runs through the names."""
    named = [axis.get_legend_handles_labels() for axis in figure.axes]
    lines = {label: line for found in named for line, label in zip(*found, strict=True)}
    if lines:
        # Handles are long enough for dashes to be seen on both sides of a mark.
        figure.legend(
            [*lines.values()], [*lines], loc="outside right upper", fontsize=7, handlelength=4
        )


def html_page(title: str, body: str, style: str = "") -> str:
    """Return a page (HTML) in the cards' look, which fetches nothing; `body` is HTML already."""
    title = html.escape(title)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{PAGE_STYLE}{style}</style>"
        f"<main><h1>{title}</h1>{body}</main></html>\n"
    )


def cell(value: Any) -> Any:
    """Return what a table shows for a value: four digits of a float, a dash for nothing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return in_form(value, ",.4g")
    if isinstance(value, int):
        return f"{value:,}"
    return value if isinstance(value, MetaflowCardComponent) else str(value)


def moment(stored: str) -> str:
    """Return a moment that was stored as text, in UTC, as people write it: to the minute."""
    return "—" if stored == "NaT" else f"{stored[:16].replace('T', ' ')} UTC"


def days(start: str | None, until: str | None) -> str:
    """Return a span's first and last day, given its ends as ISO times; nothing where one is not."""
    if not start or not until:
        return ""
    first = datetime.fromisoformat(start)
    # A span that ends at midnight has nothing of that day.
    last = max(first, datetime.fromisoformat(until) - timedelta(microseconds=1))
    if first.year != last.year:
        return f"{first:%-d %B %Y} to {last:%-d %B %Y}"
    ends = f"{last:%-d %B}{year_of_another(last)}"
    if first.month != last.month:
        return f"{first:%-d %B} to {ends}"
    return f"{first:%-d} to {ends}" if first.day != last.day else ends


def year_of_another(moment: datetime, lead: str = " ") -> str:
    """Return a moment's year after `lead`, or nothing where it is of this year."""
    return "" if moment.year == datetime.now(UTC).year else f"{lead}{moment:%Y}"


@dataclass(frozen=True)
class CardFile:
    """A card that a task left: its name, which is its id or else its type, and where it lies."""

    name: str
    file: StoredFile

    def page(self) -> str:
        """Return its page (HTML), which fetches nothing; raises `Refusal` where it is gone.

        A page asks for a font from the network by itself; read offline, it should not wait for one.
        It is written for wide screens: ours is what makes it fit narrow ones.
        """
        (content,) = datastores.read([self.file])
        if content is None:
            raise Refusal(f"the card {self.name} is not there any more")
        page = _FETCHED_STYLE.sub("", content.decode())
        return page.replace("</head>", f"{CARD_HEAD}</head>", 1)


def cards_of(tasks: Sequence[Any]) -> list[dict[str, CardFile]]:
    """Return the cards that each of a run's tasks left, by their names.

    A resumed task has the cards of the one that it stands for.
    """
    found = [dict[str, CardFile]() for _ in tasks]
    roots = [_card_roots(task.metadata_dict) for task in tasks]
    for kind, root in dict.fromkeys(place for of_task in roots for place in of_task):
        left = [at for at, cards in enumerate(found) if not cards and (kind, root) in roots[at]]
        files = datastores.listed(kind, root, [_card_folder(tasks[at]) for at in left])
        for at, of_task in zip(left, files, strict=True):
            named = ((CardDatastore.info_from_path(file.path), file) for file in of_task)
            found[at] = {c.id or c.type: CardFile(c.id or c.type, file) for c, file in named}
    return found


def _card_folder(task: Any) -> str:
    flow, run, step, number = (resumed_info(task) or task.pathspec).split("/")
    return f"{flow}/runs/{run}/steps/{step}/tasks/{number}/{CardPathSuffix.CARD}"


def _card_roots(metadata: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return where cards may lie, each as a datastore's type with a root.

    Where Metaflow writes them, and where its client reads them: the two differ when a setting moves
    the datastore (METAFLOW_DATASTORE_SYSROOT_LOCAL) or the cards alone (METAFLOW_CARD_LOCALROOT,
    METAFLOW_CARD_S3ROOT).
    """
    kind, root = metadata.get("ds-type"), metadata.get("ds-root")
    if kind is None:
        # A task that has just begun has not said it yet.
        return []
    roots = [CardDatastore.get_storage_root(kind), root and f"{root}/{CARD_SUFFIX}"]
    if kind == LocalStorage.TYPE:
        # Where METAFLOW_CARD_LOCALROOT is set, Metaflow 2.19 writes cards among the runs instead
        # (findings/metaflow_card_localroot.sh).
        roots.append(root)
    return [(kind, place) for place in dict.fromkeys(filter(None, roots))]


_FETCHED_STYLE = re.compile(r"""@import\s*["']https?://[^"']*["'];""")
