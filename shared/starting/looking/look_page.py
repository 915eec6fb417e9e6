"""The page of what `millrace new` saw of a table: a row for each column, with a picture."""

import html
from pathlib import Path

from shared import cards
from shared.starting.guessing.guess import Guess
from shared.starting.guessing.guess_words import guess_words
from shared.starting.looking.column_look import Bars, ColumnLook, column_looks
from shared.words import number_of

FOLDER = Path(".millrace") / "looks"
HEADS = ("Column", "", "Type", "Guess", "Missing", "Distinct", "Values", "Beware")
WIDTH, HEIGHT = 180, 40


def write_page(name: str, found: Guess) -> Path:
    """Write the page of a new problem; returns its path."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{name}.html"
    path.write_text(look_page(name, found), encoding="utf-8")
    return path.resolve()


def look_page(name: str, found: Guess) -> str:
    """Draw what was seen of a table and guessed of it."""
    looks = column_looks(found)
    of_columns = {warning for look in looks for warning in look.warnings}
    general = [warning for warning in found.warnings if warning not in of_columns]
    beware = "".join(f"<p class='bad'>{html.escape(warning)}</p>" for warning in general)
    guesses = "".join(_row((key, words)) for key, words in guess_words(found).items())
    heads = "".join(f"<th>{head}</th>" for head in HEADS)
    rows = "".join(_column_row(look) for look in looks)
    seen = number_of(found.look.sample.num_rows, "row")
    title = f"{name}: {found.target.name} of {Path(found.look.address).name}"
    body = (
        f"<section><h2>What was guessed</h2>{beware}<table>{guesses}</table></section>"
        f"<section><h2>Its columns, in {seen} that were looked at</h2>"
        f"<table><thead><tr>{heads}</tr></thead>{rows}</table></section>"
    )
    return cards.html_page(title, body, STYLE)


def bars_svg(bars: Bars) -> str:
    """Draw how many rows have which values, as SVG; a bar that is pointed at says what it is."""
    most = max((rows for _, rows in bars), default=0)
    width = WIDTH / max(1, len(bars))
    rectangles = "".join(
        f'<rect x="{at * width:.1f}" y="{HEIGHT - height:.1f}" width="{max(1, width - 1):.1f}" '
        f'height="{height:.1f}"><title>{html.escape(text)}: {rows:,}</title></rect>'
        for at, (text, rows) in enumerate(bars)
        for height in [HEIGHT * rows / most]
    )
    return (
        f'<svg width="{WIDTH}" height="{HEIGHT}" role="img">{rectangles}</svg>'
        if rectangles
        else ""
    )


def _column_row(look: ColumnLook) -> str:
    distinct = "—" if look.distinct is None else f"{look.distinct:,}"
    missing = f"{look.missing:.1%}" if look.missing else "none"
    words = (look.kind, look.role, missing, distinct, look.values)
    cells = "".join(
        f'<td data-head="{head}">{html.escape(text)}</td>'
        for head, text in zip(HEADS[2:], words, strict=False)
    )
    beware = html.escape("; ".join(look.warnings))
    mood = ' class="quiet"' if look.role == "left out" else ""
    return (
        f"<tr{mood}><td><b>{html.escape(look.name)}</b></td><td>{bars_svg(look.bars)}</td>"
        f"{cells}<td class='bad'>{beware}</td></tr>"
    )


def _row(cells: tuple[str, ...]) -> str:
    return f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in cells)}</tr>"


STYLE = """
main { max-width: 1400px }
th { padding: 0 18px 7px 0; text-align: left; font-weight: 600 }
rect { fill: var(--accent) }
tr.quiet rect { fill: var(--quiet) }
"""
