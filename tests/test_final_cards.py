"""Cards that are written once: Metaflow knows their types, and nothing follows them."""

from types import SimpleNamespace

import pytest
from metaflow.plugins.cards.card_modules.card import MetaflowCard
from metaflow.plugins.cards.component_serializer import get_card_class

from shared.final_cards import FINAL, PAGE, FinalCard, PageCard


@pytest.mark.parametrize(("name", "card"), [(FINAL, FinalCard), (PAGE, PageCard)])
def test_metaflow_knows_it_and_writes_it_once(name: str, card: type[MetaflowCard]) -> None:
    assert get_card_class(name) is card
    assert not card.RUNTIME_UPDATABLE


def test_components_are_of_the_one_and_an_artifact_is_the_other() -> None:
    assert FinalCard.ALLOW_USER_COMPONENTS
    page = FinalCard(components=[], graph={}).render(SimpleNamespace(pathspec="TrainFlow/1/load/2"))
    assert page.count("overflow-wrap: anywhere }</style></head>") == 1
    task = {"drift": SimpleNamespace(data="<html>drift</html>")}
    assert PageCard(options={"attribute": "drift"}, graph={}).render(task) == "<html>drift</html>"
