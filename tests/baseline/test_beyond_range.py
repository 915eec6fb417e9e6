"""Values beyond all that came before: counted by block, as if each were held against the rest."""

import numpy as np
import pytest

from shared.baseline.beyond_range import BeyondRange

FIRST, CELLS = 4, 12


def numbers(kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Return numbers in time, some of them missing, and how many there are before each cell."""
    rng = np.random.default_rng(1)
    rows = np.concatenate([[0], np.cumsum(rng.integers(0, 9, CELLS))])
    noise = rng.normal(size=rows[-1])
    found = {"noise": noise, "walk": noise.cumsum(), "trend": np.arange(rows[-1]) + noise}[kind]
    return np.where(rng.random(len(found)) < 0.1, np.nan, found), rows


def share(block: np.ndarray, others: np.ndarray) -> float:
    known, others = block[np.isfinite(block)], others[np.isfinite(others)]
    beyond = (known < others.min()) | (known > others.max())
    return float(beyond.mean()) if len(known) else 0.0


@pytest.mark.parametrize("kind", ["noise", "walk", "trend"])
@pytest.mark.parametrize("width", [1, 3])
def test_a_block_is_held_against_all_before_it_and_all_after(kind: str, width: int) -> None:
    found, rows = numbers(kind)
    beyond = BeyondRange(found, rows, FIRST)
    begins = np.arange(CELLS - width + 1)
    blocks = [found[rows[a] : rows[a + width]] for a in begins]
    late = begins[begins >= FIRST]
    for until in (late, np.full(len(late), FIRST)):
        exact = [share(blocks[a], found[: rows[u]]) for a, u in zip(late, until, strict=True)]
        assert beyond.shares(late, late + width, until) == pytest.approx(exact)
    ends = begins + width
    after = [
        share(block, found[rows[b] :]) if b <= CELLS - FIRST else 0.0
        for block, b in zip(blocks, ends, strict=True)
    ]
    assert beyond.shares(begins, ends, None) == pytest.approx(after)


def test_a_column_without_values_is_beyond_nothing() -> None:
    beyond = BeyondRange(np.full(24, np.nan), np.arange(0, 25, 2), FIRST)
    assert beyond.shares(np.array([5]), np.array([7]), np.array([5])).tolist() == [0]
