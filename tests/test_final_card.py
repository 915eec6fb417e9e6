"""A card that is written once: it is rendered as a blank one, and nothing follows it."""

from metaflow.plugins.cards.component_serializer import get_card_class

from shared.final_card import FINAL, FinalCard


def test_metaflow_knows_it_and_writes_it_once() -> None:
    assert get_card_class(FINAL) is FinalCard
    assert FinalCard.ALLOW_USER_COMPONENTS
    assert not FinalCard.RUNTIME_UPDATABLE
