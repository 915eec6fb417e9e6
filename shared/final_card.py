"""The type of cards that are written once, when their step has ended.

A `blank` card may be renewed while its step goes on: Metaflow starts a second process at the end of
each, of a second and more, to tell whoever looks that nothing will follow. Of these cards nobody
was shown an earlier state.
"""

from metaflow.plugins import CARDS
from metaflow.plugins.cards.card_modules.basic import BlankCard


class FinalCard(BlankCard):
    """A card of components, without a state before the last."""

    type = "final"
    RUNTIME_UPDATABLE = False
    RELOAD_POLICY = BlankCard.RELOAD_POLICY_NEVER


FINAL = FinalCard.type
if FinalCard not in CARDS:
    CARDS.append(FinalCard)
