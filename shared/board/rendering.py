"""How a page is made of its template, and how templates write moments and numbers."""

import re
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

import shared
from shared import cards, command_words, problem_commands
from shared.board.access.sessions import Visit
from shared.kinds import metric_name, metric_text
from shared.monitoring.wording.units import number_in

# What a part of a page has that is asked for again and again.
FOLLOWS = "hx-trigger"


class Pages:
    """Renders the templates, each with what all of them show."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=PackageLoader("shared.board"), autoescape=True, undefined=StrictUndefined
        )
        self._templates.filters |= {"ago": ago, "moment": cards.moment, "cell": cards.cell}
        self._templates.filters |= {"after": after, "quoted": quoted, "commands": commands}
        self._templates.globals |= {
            "millrace": command_words.millrace,
            "millrace_of": problem_commands.millrace_command,
            "flow": command_words.flow,
            "make": problem_commands.make_command,
        }
        self._templates.filters |= {"metric": metric_name, "digits": in_digits}
        self._templates.filters |= {"measured": lambda number, unit: number_in(unit, number)}

    def render(
        self, request: Request, template: str, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """Return a page made from a template."""
        visit: Visit = request.state.visit
        common = {
            "person": visit.person,
            "token": visit.token,
            "logged_in": visit.logged_in,
            "path": request.url.path,
            "query": request.url.query,
            "version": shared.__version__,
            "history": Path.cwd().name,
        }
        text = self._templates.get_template(template).render(common | values)
        headers = {"Cache-Control": "no-store"}
        if "HX-Request" in request.headers and FOLLOWS not in text:
            # What was followed has ended: the page is shown anew, and whole.
            headers["HX-Refresh"] = "true"
        return HTMLResponse(text, status, headers=headers)


def after(text: str, subject: str) -> str:
    """Return what a text says of a subject that was just named: without its name once more."""
    return text.removeprefix(f"{subject} ")


def commands(text: str) -> Markup:
    """Return a sentence with the commands in it, between backticks as on cards, as code."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def quoted(value: Any) -> str:
    """Return a value as a shell takes it for one word."""
    return shlex.quote(str(value))


def ago(moment: str | datetime | None) -> str:
    """Return how long ago a moment was, in its largest unit; an ISO time or a datetime (UTC)."""
    if moment is None:
        return "—"
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    seconds = (datetime.now(UTC) - (at if at.tzinfo else at.replace(tzinfo=UTC))).total_seconds()
    if seconds >= 730 * 86_400:
        return f"{seconds / 31_557_600:.0f} years ago"
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit} ago"
    return "just now"


def in_digits(number: float) -> str:
    """Return a number as metrics are written, with no sign of its own for none."""
    return metric_text(round(number, 4) + 0, 4)
