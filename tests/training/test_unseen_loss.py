"""A model that has seen no row of the loss that it answers says so, and which setting would."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from shared.model.bundle import Bundle
from shared.settings import Settings
from shared.tasks.binary import Binary
from shared.tasks.metrics import Score
from shared.training import splits, unseen_loss


def parts(settings: Settings, table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return splits.by_time(table, Binary(), settings)


def test_a_loss_within_the_holdout_is_not_seen_and_one_before_it_is(
    settings: Settings, table: pd.DataFrame
) -> None:
    cut = parts(settings, table)
    last = cut["validation"]["applied"].max()
    since = cut["holdout"]["applied"].iloc[-100]
    began = since.to_pydatetime()
    labelled = sum(map(len, cut.values()))
    assert unseen_loss.unseen_words(cut, began, settings) == (
        f"It learned from rows up to {last:%Y-%m-%d %H:%M}, before the loss of quality began "
        f"({began:%Y-%m-%d %H:%M} UTC): it has not seen what changed. All 100 rows since then are "
        f"held out: with [split] holdout_share below {int(1e5 / labelled) / 1e3:.3g} (now 0.2) it "
        "learns from the first of them."
    )
    assert unseen_loss.unseen_words(cut, last.to_pydatetime(), settings) is None
    later = unseen_loss.unseen_words(cut, datetime(2025, 1, 1, tzinfo=UTC), settings)
    assert later is not None
    assert later.endswith("it has not seen what changed. No row since then has an outcome yet.")


def test_that_holdout_share_has_it_learn_from_some(settings: Settings, table: pd.DataFrame) -> None:
    cut = parts(settings, table)
    began = cut["holdout"]["applied"].iloc[-100]
    split = settings.split.model_copy(update={"holdout_share": 0.033})
    shorter = parts(settings.model_copy(update={"split": split}), table)
    assert shorter["validation"]["applied"].max() >= began


def test_of_a_split_by_dates_its_length_is_named(settings: Settings, table: pd.DataFrame) -> None:
    validation, holdout, began = (
        datetime(2024, *day, tzinfo=UTC) for day in ((2, 20), (3, 1), (3, 24))
    )
    split = settings.split.model_copy(update={"validation": validation, "holdout": holdout})
    dated = settings.model_copy(update={"split": split})
    words = unseen_loss.unseen_words(parts(dated, table), began, dated)
    assert words is not None
    assert words.endswith(
        "with a holdout in [split] of less than 6.9 days it learns from the first of them."
    )


def verdict(day: int, level: str, bundle: str = "b" * 64) -> Any:
    reason = SimpleNamespace(stage="quality", level=level, since=f"2024-03-0{day}T00:00:00+00:00")
    return SimpleNamespace(bundle=bundle, judged_at=f"2024-04-0{day}", reasons=(reason,))


def test_a_loss_is_that_of_the_latest_verdict_on_the_champion() -> None:
    lost = [verdict(2, "act"), verdict(1, "watch"), verdict(3, "act", "c" * 64)]
    assert unseen_loss.loss_began(lost, "b" * 64) == datetime(2024, 3, 2, tzinfo=UTC)
    assert unseen_loss.loss_began([verdict(4, "watch"), *lost], "b" * 64) is None
    assert unseen_loss.loss_began([], "b" * 64) is None


@pytest.mark.parametrize(("low", "high", "said"), [(-0.1, 0.1, True), (-0.2, -0.1, False)])
def test_a_difference_within_chance_is_no_better_than_the_champion(
    bundle: Bundle,
    settings: Settings,
    table: pd.DataFrame,
    low: float,
    high: float,
    said: bool,
) -> None:
    lost = [verdict(9, "act", bundle.digest)]
    baseline = bundle.evaluation.comparisons["baseline"]
    beside = baseline.model_copy(update={"difference": {"log_loss": Score(0.0, low, high)}})
    judged = bundle.evaluation.model_copy(update={"comparisons": {"champion": beside}})
    cut = parts(settings, table)
    cut["validation"] = cut["validation"].assign(applied=cut["train"]["applied"].min())
    (note, *_) = unseen_loss.noted(judged, cut, bundle, lost, settings).notes
    assert note.startswith("It learned from rows up to 2024-01-01")
    assert note.endswith("On these rows it is no better than the champion.") == said
    assert unseen_loss.noted(judged, cut, None, lost, settings) == judged
