"""Outcomes that went wrong: inverted, exchanged between classes, of another unit, of other rows."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from shared.monitoring.causes.outcomes import outcome_faults
from shared.monitoring.outcomes.losses import Loss
from shared.tasks.multiclass.multiclass_task import Multiclass
from shared.tasks.regression.regression_task import Regression

ROWS = 600
CLASSES = ("early", "late", "lost")


def lost(metric: str, now: float, expected: float, threshold: float) -> Loss:
    return Loss(metric, now, expected, abs(now - expected), threshold, 0.03, 168, 16)


def case(task: object, rows: pd.DataFrame, **unknown: int) -> Any:
    window = SimpleNamespace(unknown=unknown)
    contract = SimpleNamespace(time="at", target="outcome", features=())
    held = pd.DataFrame({"outcome": [1.0, 2.0]})
    bundle = SimpleNamespace(task=task, contract=contract, reference=lambda: held)
    # Of a sample of the rows none is known to be another one's neighbour.
    profile = SimpleNamespace(sample=rows, size=len(rows) + 1)
    known = {"bundle": bundle, "profile": profile}
    return SimpleNamespace(window=window, **known)


@pytest.mark.parametrize(
    ("change", "looks", "plain"),
    [
        (
            lambda x, _: 60 * x,
            "look like minutes instead of hours, or seconds instead of minutes: x · 60",
            True,
        ),
        (lambda x, _: x / 1_000, "look like a thousandth of what it was", True),
        (lambda x, _: 1.4 * x, "look about 1.4 times what they were", False),
        (lambda x, _: x + 12, "look about 12 more than they were", False),
        # As knots are to miles an hour; nobody says that these are speeds, and prices rise as much.
        (lambda x, _: 1.151 * x, "look about 1.2 times what they were", False),
        (lambda x, rng: rng.permutation(x), "no longer follow the answers", False),
        (lambda x, _: x.mean() - x, "look inverted", True),
        (
            lambda x, _: np.where(np.arange(ROWS) % 2 == 0, 0, x),
            "look filled in (50.0% of them are 0, on the holdout 0.0%)",
            False,
        ),
        # What is twice as far off, but as large, is the model's loss.
        (lambda x, rng: x + rng.normal(0, 8, ROWS), None, False),
    ],
)
def test_numbers_that_were_changed_are_named(change, looks: str | None, plain: bool) -> None:
    rng = np.random.default_rng(0)
    answer = rng.gamma(4, 5, ROWS)
    outcome = change(answer + rng.normal(0, 4, ROWS), rng)
    error, follows = np.abs(outcome - answer).mean(), np.corrcoef(outcome, answer)[0, 1]
    losses = lost("mae", error, 3.2, 0.8), lost("correlation", follows, 0.93, 0.2)
    rows = pd.DataFrame({"prediction": answer, "outcome": outcome})
    found = outcome_faults.find(case(Regression(), rows), losses)
    assert (found and found.looks) == looks
    assert found is None or (found.plain, found.words) == (plain, f"they {looks}")


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ({"late": "early", "early": "late"}, "those of 'early' and 'late' look swapped"),
        (
            {"late": "lost", "lost": "early", "early": "late"},
            "they look renamed ('lost' → 'early', 'early' → 'late', 'late' → 'lost')",
        ),
        ({}, None),
    ],
)
def test_classes_that_changed_places_are_named(names: dict[str, str], words: str | None) -> None:
    rows = answered()
    rows["outcome"] = rows["outcome"].map(lambda name: names.get(name, name))
    found = outcome_faults.find(case(Multiclass(CLASSES), rows), [lost("log_loss", 2, 0.7, 0.2)])
    assert (found and found.words) == words


@pytest.mark.parametrize(
    ("share", "names", "words"),
    [
        (0.4, ["late", "early"], "those of 'early' and 'late' look swapped since 2025-11-05 "),
        # Of one class alone that is no exchange, nor where some rows have it at any time.
        (0.4, ["early", "early"], None),
        (0.0, ["late", "early"], None),
    ],
)
def test_classes_that_changed_places_at_some_time_are_named(share, names, words) -> None:
    rows = answered()
    rows["at"] = pd.date_range("2025-11-03", "2025-11-09", ROWS, tz="UTC")
    other = dict(zip(["early", "late"], names, strict=True))
    odd = rows.index >= ROWS * share if share else rows.index % 2 == 0
    rows["outcome"] = rows["outcome"].mask(odd, rows["outcome"].replace(other))
    found = outcome_faults.find(
        case(Multiclass(CLASSES), rows.sample(frac=1, random_state=0)),
        [lost("log_loss", 2, 0.7, 0.2)],
    )
    assert found is None if words is None else found and found.words.startswith(words)


def answered() -> pd.DataFrame:
    """Return answers, and outcomes that are as likely as these say."""
    rng = np.random.default_rng(1)
    chances = rng.dirichlet([2, 2, 0.5], ROWS)
    rows = pd.DataFrame(chances, columns=[f"probability_{name}" for name in CLASSES])
    rows["outcome"] = [rng.choice(CLASSES, p=row) for row in chances]
    return rows


def test_a_class_that_was_predicted_and_does_not_come_is_named() -> None:
    rows = pd.DataFrame({"outcome": ["early"] * 100})
    for metric, now, words in (
        ("bias", 0.0, "those of 'lost' no longer come"),
        ("share", 0.0, "those of 'lost' no longer come"),
        ("bias", 0.01, None),
    ):
        loss = replace(lost(metric, now, 0.12, 0.05), of="lost")
        found = outcome_faults.find(case(Multiclass(CLASSES), rows), [loss])
        assert (found and found.words) == words


def test_nothing_is_wrong_with_outcomes_where_no_loss_is_proven() -> None:
    rows = pd.DataFrame({"prediction": [1.0, 2.0], "outcome": [60.0, 120.0]})
    small = [lost("mae", 3.3, 3.2, 0.8), lost("correlation", 0.1, 0.12, 0.2)]
    assert outcome_faults.find(case(Regression(), rows), small) is None


def test_unknown_classes_that_are_known_ones_written_otherwise_are_named() -> None:
    rows = pd.DataFrame({"outcome": []})
    found = case(Multiclass(CLASSES), rows, Late=6, burnt=40, LOST=9)
    assert outcome_faults.respelled(found) == {
        "LOST": ("lost", "in another case"),
        "Late": ("late", "in another case"),
    }
    fault = outcome_faults.find(found, [])
    words = "they are written otherwise ('lost' → 'LOST' and 'late' → 'Late')"
    assert fault
    assert (fault.words, fault.plain) == (words, True)
    assert outcome_faults.respelled(case(Multiclass(CLASSES), rows, burnt=40)) == {}
    assert outcome_faults.respelled(case(Regression(), rows)) == {}
