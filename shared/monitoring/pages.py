"""The pages around Evidently's reports: whole documents that fetch nothing."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from shared import cards

SUMMARY, DRIFT, QUALITY = "Data summary", "Data drift", "Quality of answers"
# A page that may load nothing from anywhere opens as well without a network.
_OFFLINE = (
    '<meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'unsafe-inline' 'unsafe-eval' data: blob:\">"
)
_STYLE = (
    f"margin:0;padding:24px 40px;background:#fff;color:{cards.INK};"
    "font:15px/1.5 system-ui,sans-serif"
)


@dataclass(frozen=True)
class Reports:
    """Three pages (HTML): Evidently's report, or the state that leaves nothing to report."""

    data_summary: str
    data_drift: str
    quality: str


def plain(title: str, lines: Sequence[str]) -> str:
    """Return a page of a title and some lines: a state that needs no report."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">{_OFFLINE}'
        f"<title>{html.escape(title)}</title></head><body>{_heading(title, lines)}</body></html>"
    )


def around(report: str, title: str, lines: Sequence[str]) -> str:
    """Return a report's page with a title and some lines above it."""
    head = report.replace("<head>", f"<head>{_OFFLINE}<title>{html.escape(title)}</title>", 1)
    return head.replace("<body>", f"<body>{_heading(title, lines)}", 1)


def _heading(title: str, lines: Sequence[str]) -> str:
    paragraphs = "".join(f'<p style="margin:6px 0">{html.escape(line)}</p>' for line in lines)
    title = f'<h1 style="margin:0 0 8px;font-size:24px">{html.escape(title)}</h1>'
    return f'<header style="{_STYLE}">{title}{paragraphs}</header>'
