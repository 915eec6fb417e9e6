"""MLflow's registry after a decision (with MLflow itself: `make exports`)."""

from pathlib import Path

import pytest

from shared.events.event import Origin, packaged
from shared.exporting import registry
from shared.settings import Settings

NEWS = packaged("loans", "a" * 64, 1, Origin("PackageFlow/1", "user.ada", "ada"))
URI = "http://mlflow:5000"


def following(settings: Settings) -> Settings:
    return settings.model_copy(
        update={"events": settings.events.model_copy(update={"registry": URI})}
    )


def test_nothing_follows_without_a_registry_a_champion_or_news(settings: Settings) -> None:
    assert registry.follow(settings, "a" * 64, NEWS) == []
    assert registry.follow(following(settings), None, NEWS) == []
    assert registry.follow(following(settings), "a" * 64, []) == []


def test_where_it_fails_the_decision_counts_and_says_why(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (sent,) = registry.follow(following(settings), "a" * 64, NEWS)
    assert sent["event"] == NEWS[-1].plain()
    assert (sent["to"], sent["tries"]) == (URI, 1)
    assert sent["error"].startswith(f"no bundle '{'a' * 64}' of 'loans'")
