"""Bundles that are kept open to be asked."""

from dataclasses import replace

from shared.board.pages.todays_answers import MOST_OPEN, OpenedBundles
from shared.model.bundle import Bundle


def test_a_bundle_is_opened_once(bundle: Bundle) -> None:
    opened = OpenedBundles()
    assert opened.open(bundle) is opened.open(bundle)
    assert opened.open(bundle).explainer is opened.open(bundle).explainer


def test_only_the_bundles_that_were_opened_last_are_kept(bundle: Bundle) -> None:
    opened = OpenedBundles()
    first = opened.open(bundle)
    for number in range(MOST_OPEN):
        opened.open(replace(bundle, digest=f"{number:064}"))
    assert opened.open(bundle) is not first
