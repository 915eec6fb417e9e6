"""The leaderboard while candidates are being fitted."""

import threading
from typing import Any

import pytest

from shared.lineage import run_artifacts
from shared.settings import Settings
from shared.tasks.metrics import Score
from shared.training import live
from tests.card_words import card_words

FITTED = {
    "candidate": "boosting",
    "scores": dict.fromkeys(
        ("roc_auc", "average_precision", "log_loss", "brier", "calibration_error"),
        Score(0.5, 0.4, 0.6),
    ),
    "seconds": 2.0,
    "error": None,
}


class Card:
    """A card that keeps what it would show at each refresh."""

    def __init__(self) -> None:
        self.components: list[Any] = []
        self.shown: list[list[str]] = []
        self.refreshed = threading.Event()

    def clear(self) -> None:
        self.components.clear()

    def extend(self, components: list[Any]) -> None:
        self.components.extend(components)

    def refresh(self) -> None:
        self.shown.append(card_words(self.components))
        self.refreshed.set()


def test_candidates_without_a_result_stand_as_fitting_behind_those_with_one(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_artifacts, "finished_results", lambda *_: [[FITTED]])
    known = live.standings("TrainFlow/1/fit", settings)
    assert [r["candidate"] for r in known] == ["boosting", "logistic", "broken"]
    assert [r["seconds"] for r in known] == [2.0, None, None]


def test_the_card_is_refreshed_when_a_result_comes_and_only_then(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "EVERY_SECONDS", 0.01)
    found: list[dict[str, Any]] = []
    asked = threading.Semaphore(0)

    def finished(*_: object) -> list[dict[str, Any]]:
        asked.release()
        return [list(found)]

    monkeypatch.setattr(run_artifacts, "finished_results", finished)
    card = Card()
    with live.leaderboard(card, "TrainFlow/1/fit", settings):
        assert card.refreshed.wait(10)
        card.refreshed.clear()
        for _ in range(3):
            assert asked.acquire(timeout=10)
        found.append(FITTED)
        assert card.refreshed.wait(10)
    fitting, fitted = card.shown
    assert fitting[0] == "# ○ Fitting"
    assert sum("fitting …" in line for line in fitting) == 3
    assert sum("fitting …" in line for line in fitted) == 2
