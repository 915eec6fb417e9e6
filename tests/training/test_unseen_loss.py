"""A model that has seen no row of the loss that it answers says so, and which setting would."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from shared import problem_commands
from shared.model.bundle import Bundle
from shared.settings import Settings
from shared.tasks.binary.binary_task import Binary
from shared.tasks.metrics import Score
from shared.training import splits, unseen_loss
from shared.training.unseen_loss import RowsRead
from tests.monitoring.test_incidents import followed, lost


def read(
    settings: Settings, table: pd.DataFrame, until: str | None = None, **more: Any
) -> RowsRead:
    moved = splits.moved(settings, datetime.fromisoformat(until) if until else None)
    cut = splits.by_time(table, Binary(), moved)
    return RowsRead(cut, settings, until, **{"served": True} | more)


def split(settings: Settings, **changes: Any) -> Settings:
    return settings.model_copy(update={"split": settings.split.model_copy(update=changes)})


def written(words: str | None) -> str:
    """Return the setting that is advised."""
    assert words is not None
    return (
        words.split("[split] ")[1].split(" (now")[0].removesuffix(" it learns from half of them.")
    )


def test_a_loss_within_the_holdout_is_not_seen_and_one_before_it_is(
    settings: Settings, table: pd.DataFrame
) -> None:
    rows = read(settings, table)
    last = rows.moments("validation").max()
    since = rows.moments("holdout").iloc[-100]
    began = since.to_pydatetime()
    assert unseen_loss.unseen_words(rows, began) == (
        f"It learned from rows up to {last:%Y-%m-%d %H:%M}, before the loss of quality began "
        f"({began:%Y-%m-%d %H:%M} UTC): it has not seen what changed. All 100 rows since then are "
        "held out: with [split] holdout_share = 0.017 (now 0.2) it learns from half of them."
    )
    assert unseen_loss.unseen_words(rows, last.to_pydatetime()) is None
    few = rows.moments("holdout").iloc[-3].to_pydatetime()
    words = unseen_loss.unseen_words(rows, few)
    assert words is not None
    assert words.endswith(
        " Only 3 rows since then had an outcome: train again when more have come."
    )


def test_where_the_table_has_no_outcome_since_the_served_rows_are_named(
    settings: Settings, table: pd.DataFrame
) -> None:
    later = datetime(2025, 1, 1, tzinfo=UTC)
    words = unseen_loss.unseen_words(read(settings, table), later)
    assert words is not None
    assert words.endswith("it has not seen what changed. No row since then has an outcome yet.")
    words = unseen_loss.unseen_words(read(settings, table, served=False), later)
    assert words is not None
    assert problem_commands.make_command("train", "ARGS='--served true'", problem="loans") in words


def test_the_share_that_is_advised_has_it_learn_from_half(
    settings: Settings, table: pd.DataFrame
) -> None:
    rows = read(settings, table)
    began = rows.moments("holdout").iloc[-100]
    name, _, share = written(unseen_loss.unseen_words(rows, began.to_pydatetime())).split()
    shorter = read(split(settings, **{name: float(share)}), table)
    assert 40 < (shorter.moments("validation") >= began).sum() < 60


@pytest.mark.parametrize("days_later", [0, 5])
def test_the_date_that_is_advised_is_the_settings_own_and_has_it_learn_from_half(
    settings: Settings, table: pd.DataFrame, days_later: int
) -> None:
    validation, holdout, end = (
        datetime(2024, *day, tzinfo=UTC) for day in ((2, 15), (2, 25), (3, 25))
    )
    began = datetime(2024, 3, 20, tzinfo=UTC)
    dated = split(settings, validation=validation, holdout=holdout, end=end)
    until = (end + timedelta(days=days_later)).isoformat()
    rows = read(dated, table, until)
    name, _, date = written(unseen_loss.unseen_words(rows, began)).split()
    shorter = read(split(dated, **{name: datetime.fromisoformat(date.strip('"'))}), table, until)
    since = (rows.moments("holdout") >= began).sum()
    learnt = (shorter.moments("validation") >= began).sum()
    assert learnt == pytest.approx(since / 2, abs=2)


@pytest.mark.parametrize(("low", "high", "said"), [(-0.1, 0.1, True), (-0.2, -0.1, False)])
def test_a_difference_within_chance_is_no_better_than_the_champion(
    bundle: Bundle,
    settings: Settings,
    table: pd.DataFrame,
    low: float,
    high: float,
    said: bool,
) -> None:
    verdicts = [
        each.model_copy(update={"start": "2024-03-20T00:00+00:00"})
        for each in followed(lost(8, bundle=bundle.digest))
    ]
    baseline = bundle.evaluation.comparisons["baseline"]
    beside = baseline.model_copy(update={"difference": {"log_loss": Score(0.0, low, high)}})
    judged = bundle.evaluation.model_copy(update={"comparisons": {"champion": beside}})
    rows = read(settings, table)
    early = rows.parts["validation"].assign(applied=rows.parts["train"]["applied"].min())
    rows = RowsRead({**rows.parts, "validation": early}, settings, None, served=True)
    (note, *_) = unseen_loss.noted(judged, rows, bundle, verdicts).notes
    assert note.startswith("It learned from rows up to 2024-01-01")
    assert note.endswith("On these rows it is no better than the champion.") == said
    assert unseen_loss.noted(judged, rows, None, verdicts) == judged
