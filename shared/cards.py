"""The words that every card is written in: plain results become Metaflow card components."""

import functools
import html
import io
import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from cycler import cycler
from metaflow.cards import Image, Markdown, MetaflowCardComponent, Table
from metaflow.datastore import FlowDataStore
from metaflow.metaflow_config import CARD_SUFFIX
from metaflow.plugins import DATASTORES
from metaflow.plugins.cards.card_client import CardContainer
from metaflow.plugins.cards.card_datastore import CardDatastore
from metaflow.plugins.cards.card_resolver import resolve_paths_from_task, resumed_info
from metaflow.plugins.cards.exception import CardNotPresentException

if TYPE_CHECKING:
    # Imported where something is drawn: most steps draw nothing.
    from matplotlib.figure import Figure

GOOD, WARN, BAD, QUIET = "#2a7f62", "#c98a00", "#b3362b", "#5b6770"
INK, ACCENT, SECOND = "#22303c", "#1f6f9f", "#d9822b"
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
    "legend.frameon": False,
    "savefig.bbox": "tight",
    "svg.hashsalt": "millrace",
}
# Of pages beside the cards: the same colours, and rows of a table apart by a line.
PAGE_STYLE = f"""
body {{ margin: 0; background: #f6f7f8; color: {INK}; font: 15px/1.5 system-ui, sans-serif }}
main {{ max-width: 1080px; margin: 0 auto; padding: 32px 24px }}
h1 {{ font-size: 26px; font-weight: 600 }}
h2 {{ margin: 0 0 8px; font-size: 17px; font-weight: 600 }}
section {{ margin: 16px 0; padding: 16px 20px; background: #fff; border: 1px solid #dfe3e6;
  border-radius: 6px }}
table {{ width: 100%; border-collapse: collapse }}
td {{ padding: 7px 18px 7px 0; border-top: 1px solid #eceff1; vertical-align: top }}
a {{ margin-right: 10px; color: {ACCENT} }}
"""
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
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams.update(STYLE)
    made = Figure(figsize=(width, height), layout="constrained")
    return made, made.subplots(1, columns)


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
        return f"{value:,.4g}"
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
    if first.month != last.month:
        return f"{first:%-d %B} to {last:%-d %B}"
    return f"{first:%-d} to {last:%-d %B}" if first.day != last.day else f"{last:%-d %B}"


def cards_of(task: Any) -> dict[str, Callable[[], str]]:
    """Return the cards that a task left: by id, what reads its page (HTML), which fetches nothing.

    A page asks for a font from the network by itself; read offline, it should not wait for one. A
    resumed task has the cards of the one that it stands for.
    """
    pathspec = resumed_info(task) or task.pathspec
    kind = task.metadata_dict["ds-type"]
    storage = next(storage for storage in DATASTORES if kind == storage.TYPE)
    for root in _card_roots(task.metadata_dict):
        store = FlowDataStore(pathspec.split("/")[0], None, storage_impl=storage, ds_root=root)
        try:
            cards = CardContainer(*resolve_paths_from_task(store, pathspec=pathspec))
        except CardNotPresentException:
            continue
        return {card.id or card.type: functools.partial(_page, card) for card in cards}
    return {}


def _page(card: Any) -> str:
    return _FETCHED_STYLE.sub("", card.get())


def _card_roots(metadata: Mapping[str, str]) -> list[str]:
    """Return where cards may lie: where Metaflow writes them, and where its client reads them.

    The two differ when a setting moves the datastore (METAFLOW_DATASTORE_SYSROOT_LOCAL) or the
    cards alone (METAFLOW_CARD_LOCALROOT, METAFLOW_CARD_S3ROOT).
    """
    written = CardDatastore.get_storage_root(metadata["ds-type"])
    root = metadata.get("ds-root")
    # Where METAFLOW_CARD_LOCALROOT is set, Metaflow 2.19 writes cards among the runs instead
    # (findings/metaflow_card_localroot.sh).
    roots = (written, root and f"{root}/{CARD_SUFFIX}", root)
    return list(dict.fromkeys(filter(None, roots)))


_FETCHED_STYLE = re.compile(r"""@import\s*["']https?://[^"']*["'];""")
