"""The types of cards that are written once, when their step has ended.

A `blank` or `html` card may be renewed while its step goes on: Metaflow starts a second process at
the end of each, of a second and more, to tell whoever looks that nothing will follow. Of these
cards nobody was shown an earlier state.
"""

from typing import Any

from metaflow.plugins import CARDS
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
