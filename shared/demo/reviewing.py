"""The demo's reviewer at the board: reads a bundle's page, fills its form in, and waits."""

import re
import sys
import time

import click
import httpx

from shared import processes
from shared.errors import Refusal

TOKEN = re.compile(r'name="token" value="([^"]+)"')
PATIENCE_SECONDS = 120


def approve(problem: str, digest: str, reason: str) -> None:
    """Approve a bundle at a board of its own, as a person's browser would.

    Raises `Refusal` where the board refuses, with its words.
    """
    click.echo(f"\nboard: {digest[:12]} is approved where its evidence is shown")
    command = [sys.executable, "-m", "shared.cli", "board", "--port", "0"]
    with processes.serving(command, own_group=True) as board:
        click.echo(f"  {board.line}/decide/{problem}/{digest[:12]}")
        asked = httpx.Client(base_url=board.url, headers={"Origin": board.url}, timeout=60)
        with asked as browser:
            address = f"/decide/{problem}/{digest}"
            token = TOKEN.search(browser.get(address).text)
            if not token:
                raise Refusal(f"{board.url}{address} has no form to decide with")
            form = {"token": token[1], "decision": "approve", "reason": reason}
            answer = browser.post(address, data=form)
            if answer.status_code != 303:
                raise Refusal(f"the board refused the decision ({answer.status_code})")
            _follow(browser, answer.headers["location"])


def _follow(browser: httpx.Client, attempt: str) -> None:
    """Wait for the end of an attempt to decide. Raises `Refusal` where nothing was decided."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        page = browser.get(attempt).text
        if "It counts from now on" in page:
            return
        if "Nothing was decided" in page:
            break
        time.sleep(0.5)
    raise Refusal("the board recorded no decision: its page says why")
