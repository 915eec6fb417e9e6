"""Known rows: which come again later and side by side, and what is known of a window's."""

import numpy as np
import pytest

from shared.baseline.known_rows import KnownRows, learn_known_rows
from shared.profiles.duplicates import KEPT, DuplicateSketch, sketch_duplicates

RNG = np.random.default_rng(0)


def digests(rows: int, values: int = 2**62) -> np.ndarray:
    return RNG.integers(0, values, rows).astype("uint64")


def learnt(found: np.ndarray) -> KnownRows:
    return learn_known_rows(found, np.arange(len(found), dtype="float64"))


def sketch(*parts: np.ndarray) -> DuplicateSketch:
    return sketch_duplicates(np.concatenate(parts))


@pytest.mark.parametrize(("history", "window"), [(900, 300), (60_000, 2_000), (60_000, 20_000)])
def test_the_share_of_a_window_that_history_had_is_known(history: int, window: int) -> None:
    had = digests(history)
    looked_at, seen = learnt(had).seen(sketch(digests(window), had[: window // 2]))
    assert looked_at >= 90
    assert seen / looked_at == pytest.approx(1 / 3, abs=0.15)
    assert learnt(had).seen(sketch(digests(window)))[1] == 0


def test_of_few_rows_all_are_known() -> None:
    had = digests(200)
    assert learnt(had).seen(sketch(had[:40], digests(60))) == (100, 40)
    assert learnt(had).seen(sketch(digests(0))) == (0, 0)
    assert learnt(digests(0)).seen(sketch(had)) == (0, 0)
    assert len(learnt(digests(3 * KEPT)).hashes) == KEPT


def test_what_returns_and_what_repeats_side_by_side_is_learnt() -> None:
    assert learnt(digests(9_000)).returning == 0
    assert learnt(digests(9_000, values=50)).returning == 1
    assert learnt(digests(9_000, values=4_000)).returning == pytest.approx(0.78, abs=0.05)
    few = learnt(digests(9_000, values=300))
    assert few.usually_repeated(90) == pytest.approx(0.23, abs=0.06)
    assert few.usually_repeated(2_900) == pytest.approx(0.9, abs=0.02)
    assert few.usually_repeated(9_000) == few.usually_repeated(3_000)
    assert few.usually_repeated(9_001) is None
    assert learnt(digests(99)).usually_repeated(50) is None


def test_of_rows_that_never_come_again_nothing_returns() -> None:
    different = RNG.permutation(np.arange(1_000, dtype="uint64"))
    known = learnt(different)
    assert (known.returning, known.later) == (0.0, 334)
    assert known.side_by_side == ((100, 0.0), (300, 0.0), (1_000, 0.0))


def test_rows_of_one_time_may_come_in_any_order() -> None:
    found, moments = digests(3_000, values=900), np.repeat(np.arange(300.0), 10)
    mixed = (
        RNG.permutation(3_000).reshape(300, 10).argsort(axis=1) + np.arange(0, 3_000, 10)[:, None]
    )
    assert learn_known_rows(found[mixed.ravel()], moments) == learn_known_rows(found, moments)
