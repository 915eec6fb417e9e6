"""Features of rows: kept in few bytes, and multiplied as if they were the matrix that they are."""

import numpy as np
import pytest

from shared.profiles.feature_rows import FeatureRows
from shared.profiles.gram import HOUR, STEPS, GramLayout
from tests.profiles.rows import PLAN

LAYOUT = GramLayout(PLAN)
MANY = 80_000


@pytest.fixture(scope="module")
def many() -> FeatureRows:
    """Return more rows than are made at once."""
    rng, rows = np.random.default_rng(0), FeatureRows(LAYOUT, MANY)
    for name, at in LAYOUT.groups.items():
        if name in LAYOUT.coded:
            rows.codes(name)[:] = rng.integers(0, at.stop - at.start + 1, MANY)
        else:
            rows.steps(at)[:] = rng.integers(-512, 513, (at.stop - at.start, MANY))
    return rows


def test_a_number_is_itself_and_a_category_one_of_its_features() -> None:
    rows, colour, x = FeatureRows(LAYOUT, 3), LAYOUT.groups["colour"], LAYOUT.groups["x"]
    rows.steps(x)[:] = [[-512.0, 0.0, 7.0]]
    rows.codes("colour")[:] = [1, 0, colour.stop - colour.start]
    found = rows.matrix()
    assert found.dtype == np.float32
    assert found[0].tolist() == [STEPS, STEPS, STEPS]
    assert found[x].tolist() == [[-512, 0, 7]]
    assert found[colour][:2].tolist() == [[0, STEPS, 0], [STEPS, 0, 0]]
    assert not found[colour][2:].any()


def test_what_was_not_written_is_none() -> None:
    found = FeatureRows(LAYOUT, 2).matrix()
    assert found.shape == (LAYOUT.size, 2)
    assert not found[1:].any()


def test_some_rows_are_those_of_all(many: FeatureRows) -> None:
    whole, places = many.matrix(), np.array([3, 70_000, 5])
    assert (many.matrix(places) == whole[:, places]).all()
    assert (many.matrix(slice(10, 20)) == whole[:, 10:20]).all()


def test_products_are_summed_exactly_by_group_however_many_rows_are_made_at_once(
    many: FeatureRows,
) -> None:
    starts = np.array([0, 10, 10, 40_000, 70_000, MANY])
    whole = many.matrix().astype("int64")
    wanted = [group @ group.T for group in np.split(whole, starts[1:], axis=1)]
    assert (many.sums_of_products(starts) == wanted).all()


def test_no_rows_have_no_products() -> None:
    assert not FeatureRows(LAYOUT, 0).sums_of_products(np.array([0])).any()


def test_the_time_is_beside_the_numbers_although_categories_lie_between(many: FeatureRows) -> None:
    steps = many.steps(LAYOUT.groups[HOUR])
    assert (many.matrix()[LAYOUT.groups[HOUR]] == steps).all()
    assert not {*LAYOUT.stepped} & {*range(*LAYOUT.groups["colour"].indices(LAYOUT.size))}
