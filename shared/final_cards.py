"""The types of cards that are written once, when their step has ended, and by the task itself.

A `blank` or `html` card may be renewed while its step goes on: Metaflow writes it a second time at
the end of each, to tell whoever looks that nothing will follow. Of these cards nobody was shown an
earlier state.

Metaflow starts a process for each writing, which imports the flow anew: half a second and more. The
task has imported all of it, and has nothing left to do.
"""

import traceback
from copy import copy
from functools import partial
from typing import Any

from metaflow._vendor import click
from metaflow.plugins import CARDS
from metaflow.plugins.cards import card_cli
from metaflow.plugins.cards.card_creator import ASYNC_TIMEOUT, CardCreator
from metaflow.plugins.cards.card_modules.basic import BlankCard
from metaflow.plugins.cards.card_modules.card import MetaflowCard

# A fingerprint or an address has no place to break by itself. Of wider tables words stay whole.
NARROW = "<style>td:nth-child(2):last-child { overflow-wrap: anywhere }</style>"


class FinalCard(BlankCard):
    """A card of components, without a state before the last."""

    type = "final"
    RUNTIME_UPDATABLE = False
    RELOAD_POLICY = BlankCard.RELOAD_POLICY_NEVER

    def render(self, task: Any, components: Any = None, runtime: bool = False) -> str:
        """Return the page, on which named values stay within a narrow window."""
        page = super().render(task, [] if components is None else components, runtime)
        return str(page).replace("</head>", f"{NARROW}</head>", 1)


class PageCard(MetaflowCard):
    """A whole HTML page, which is the step's artifact that `options` name as `attribute`."""

    type = "page"  # type: ignore[assignment]  # None is the base class's.

    def __init__(self, options: dict[str, str], **_: Any) -> None:
        self._attribute = options["attribute"]

    def render(self, task: Any) -> str:
        """Return the page."""
        return str(task[self._attribute].data)


FINAL, PAGE = FinalCard.type, PageCard.type
CARDS.extend(made for made in (FinalCard, PageCard) if made not in CARDS)


def _write(creator: Any, *words: Any, final: bool = False, **named: Any) -> None:
    """Write a card as Metaflow does, but for the last time in this process."""
    task = click.get_current_context(silent=True)
    if final and task:
        creator._run_command = partial(_run_here, creator, task.obj)
    _WRITE(creator, *words, final=final, **named)


def _run_here(
    creator: Any, flow: Any, command: list[str], uuid: str, *_: Any, **__: Any
) -> tuple[bytes, bool]:
    """Run a command that writes a card of a flow; returns what it said, and whether it failed."""
    creator._wait_for_async_processes_to_finish(uuid, ASYNC_TIMEOUT)
    # The command puts the folder of cards into the place of that of the artifacts.
    flow = copy(flow)
    flow.flow_datastore = copy(flow.flow_datastore)
    flow.flow_datastore._storage_impl = copy(flow.flow_datastore._storage_impl)
    # The namespace of a run need not hold its own tasks: of one with `--branch` it is empty.
    card_cli.namespace(None)
    # Behind Python, the flow's file, its options, and "card".
    words = command[3 + len(creator._top_level_options) :]
    try:
        card_cli.card.main(words, standalone_mode=False, obj=flow)
    except Exception:
        return traceback.format_exc().encode(), True
    return b"", False


# Of a Metaflow that writes cards in another way it stays that way.
_WRITE: Any = getattr(CardCreator, "_run_cards_subprocess", None)
if _WRITE is not None:
    CardCreator._run_cards_subprocess = _write  # type: ignore[assignment, method-assign]
