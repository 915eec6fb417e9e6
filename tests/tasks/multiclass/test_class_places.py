"""Places of rows: each section has one for each row, and bins keep the order of what is in them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shared.tasks.multiclass.class_places import BINS, ROWS_AT_ONCE, Layout, odds_bins, odds_middles

CHANCES = st.lists(st.floats(0, 1), min_size=2)


@given(CHANCES)
def test_bins_keep_the_order_of_probabilities(chances: list[float]) -> None:
    bins = odds_bins(np.sort(chances), BINS)
    assert (np.diff(bins) >= 0).all()
    assert 0 <= bins.min() <= bins.max() < BINS


def test_the_middle_of_each_bin_is_in_it() -> None:
    assert odds_bins(odds_middles(BINS), BINS).tolist() == list(range(BINS))


def test_each_section_has_one_place_for_each_row_and_none_of_another() -> None:
    layout = Layout(3)
    chances = np.array([[0.7, 0.1, 0.2], [0.2, 0.1, 0.3], [0.1, 0.8, 0.5]])
    # A known class, one that training never had, and no outcome.
    places = layout.places(np.array([0, 3, 4]), np.array([0, 2, 2]), chances)
    # Of each class there is a row of places within its section.
    section = np.array([0, 1, 1, 1, 2, 3, 4])
    starts, ends = np.array(layout.starts)[section], np.array(layout.starts)[section + 1]
    counted = places >= 0
    assert ((places >= starts[:, None]) & (places < ends[:, None]) | ~counted).all()
    # Only of a known class is it known what the row lost.
    assert counted[:-2].all()
    assert counted[-2:].tolist() == [[True, False, False]] * 2
    decided = layout.sections(np.bincount(places[counted], minlength=layout.starts[-1])).decisions
    assert np.argwhere(decided).tolist() == [[0, 0], [3, 2], [4, 2]]


def test_places_are_the_same_however_many_rows_there_are() -> None:
    rng, rows = np.random.default_rng(0), 2 * ROWS_AT_ONCE + 5
    chances, truth = rng.dirichlet([3, 2, 1], rows).T, rng.integers(0, 5, rows)
    whole = Layout(3).places(truth, np.argmax(chances, axis=0), chances)
    some = slice(ROWS_AT_ONCE - 7, None, 999)
    alone = Layout(3).places(truth[some], np.argmax(chances[:, some], axis=0), chances[:, some])
    assert (whole[:, some] == alone).all()
