"""The shop's demo: a model of clicks closes in on what it shows, which is seen, and mended."""

import importlib
import os
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from shared import command_words, problems
from shared.board import ADDRESS, PORT
from shared.demo import commands, events
from shared.errors import Refusal
from shared.model.verdict import Verdict
from shared.serving.replay import ServerClient
from shared.settings import Settings
from shared.settings_text import settings_text

SLATES, CLIENTS, OUTCOMES_AT_ONCE = 2_000, 8, 1_000
EXPLORED_THEN = 0.2
REMEDIED = "remedied.toml"
LOOP = "feedback loop"


@dataclass(frozen=True)
class Round:
    """A week that a model served: when it began, and what monitoring made of it."""

    start: pd.Timestamp
    digest: str
    verdict: Verdict

    @property
    def words(self) -> str:
        """How concentrated the week was, how much was clicked, and the verdict on a loop."""
        seen = self.verdict.feedback
        if not seen:
            raise Refusal(f"the week of {self.start:%-d %B} has no slates with outcomes in the log")
        loop = [reason.what for reason in self.verdict.reasons if reason.stage == LOOP]
        return (
            f"{seen.half} of {seen.items} items had half of the places (Gini {seen.gini:.2f}), "
            f"{seen.clicks / seen.rows:.1%} were clicked; {loop[0] if loop else 'no loop is seen'}"
        )


def go_round(settings: Settings) -> dict[str, str]:
    """Serve three weeks with three models, and return what happened, by a word for each."""
    from shared.board import gallery

    shop = importlib.import_module("problems.shop.source")
    start = shop.FIRST + shop.HISTORY_WEEKS * shop.WEEK
    rounds = [_round(settings, shop, start, "three weeks in which some items were promoted")]
    served = ("--served", "true")
    purpose = "also on what its own choices had clicked"
    rounds.append(_round(settings, shop, start + shop.WEEK, purpose, *served))
    os.environ[problems.VARIABLE] = str(_remedied(settings, Path.cwd()))
    click.echo("\nsettings: rows are weighed by inverse propensity, and more is explored")
    purpose = "on the same and the next week, weighed"
    rounds.append(_round(settings, shop, start + 2 * shop.WEEK, purpose, *served))
    first, closed, mended = rounds
    return {
        "simulated": "the clicks of all that follows: nobody made any of them",
        "trained": f"on three weeks of promoted items; bundle {first.digest[:12]} counts clicks",
        "served": f"{events.span(first.start)}: {first.words}",
        "retrained": f"on what it had served as well: bundle {closed.digest[:12]}",
        "closed in": f"{events.span(closed.start)}: {closed.words}",
        "advised": next(
            (r.next_step for r in closed.verdict.reasons if r.stage == LOOP), "nothing to do"
        ),
        "mended": f"weighed, and {EXPLORED_THEN:.0%} explored: bundle {mended.digest[:12]}",
        "seen": f"{events.span(mended.start)}: {mended.words}",
        "cards": f"open {gallery.write(settings.name, Path('cards')).as_uri()}",
        "board": f"http://{ADDRESS}:{PORT}/monitor/{settings.name} shows it over time, while "
        f"`{command_words.millrace('board --problem shop')}` runs in this folder",
    }


def _round(settings: Settings, shop: Any, start: pd.Timestamp, learnt: str, *words: str) -> Round:
    """Train, package and approve a model, serve a week with it, and monitor the week."""
    commands.run_flow("train", learnt, *words)
    commands.run_flow("package", "its bundle, verified in a clean environment")
    digest = commands.latest("PackageFlow", settings).data.digest
    commands.approve_first(digest)
    with commands.server() as url:
        clicked = _serve(shop, url, start)
    click.echo(f"  week of {start:%e %B}: {SLATES:,} slates of 3 items, {clicked:,} clicks")
    return Round(start, digest, commands.monitor(settings, start))


def _serve(shop: Any, url: str, start: pd.Timestamp) -> int:
    """Have slates shown in a week's time, and send what was clicked; returns how many were."""
    random = np.random.default_rng(int(start.timestamp()))
    users = random.integers(len(shop.users()), size=SLATES)
    seconds = np.sort(random.integers(0, int(shop.WEEK.total_seconds()), SLATES))
    features = shop.users().iloc[users].to_dict("records")
    times = (start + pd.to_timedelta(seconds, unit="s")).map(pd.Timestamp.isoformat)
    asked = [
        {**user, "shown": shown, "slate": f"{start:%B %d}-{number}"}
        for number, (user, shown) in enumerate(zip(features, times, strict=True))
    ]
    with closing(ServerClient(url)) as server, ThreadPool(CLIENTS) as pool:
        slates = pool.map(lambda slate: server.post("/recommend", slate)["items"], asked)
        rows = [(user, item) for user, slate in zip(users, slates, strict=True) for item in slate]
        item, position = (
            np.array(numbers)
            for numbers in zip(*((int(i["item"][1:]), i["position"]) for _, i in rows), strict=True)
        )
        clicked = shop.clicks(np.array([user for user, _ in rows]), item, position, random)
        outcomes = [
            {"impression_id": shown["key"], "clicked": bool(was)}
            for (_, shown), was in zip(rows, clicked, strict=True)
        ]
        for at in range(0, len(outcomes), OUTCOMES_AT_ONCE):
            server.post("/outcomes", outcomes[at : at + OUTCOMES_AT_ONCE])
    return int(clicked.sum())


def _remedied(settings: Settings, folder: Path) -> Path:
    """Write settings with what the verdict advises, and return the file."""
    train = settings.train.model_copy(update={"weights": "inverse_propensity"})
    explore = settings.explore.model_copy(update={"share": EXPLORED_THEN})
    changed = settings.model_copy(update={"train": train, "explore": explore})
    file = folder / REMEDIED
    file.write_text(settings_text(changed.model_dump(mode="json")))
    return file
