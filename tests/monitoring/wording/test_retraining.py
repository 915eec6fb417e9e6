"""Advice to train again names the command where the rows are in the log alone."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from shared import problem_commands
from shared.monitoring.case import Case
from shared.monitoring.wording import retraining
from shared.settings import Settings
from tests.monitoring.test_judge_order import reason

STEP = "Train again on the rows up to now."


@pytest.mark.parametrize(
    ("file", "step", "end", "words"),
    [
        (None, STEP, None, "--served true"),
        (None, STEP, datetime(2024, 4, 1, tzinfo=UTC), "--served true --until 2024-05-01T06:00:00"),
        (None, "Mend the feed first.", None, None),
        # Its rows were not served.
        ("week.parquet", STEP, None, None),
    ],
)
def test_the_command_has_the_served_rows_up_to_the_window_s_end(
    settings: Settings, file: str | None, step: str, end: datetime | None, words: str | None
) -> None:
    split = settings.split.model_copy(update={"end": end})
    made: Any = SimpleNamespace(
        scope=SimpleNamespace(file=file),
        settings=settings.model_copy(update={"split": split}),
        until=datetime(2024, 5, 1, 6),
    )
    lost = reason("auc", "act", "quality").model_copy(update={"next_step": step})
    found = retraining.with_command(lost, cast(Case, made)).next_step
    command = problem_commands.make_command("train", f"ARGS='{words}'", problem="loans")
    assert found == (f"{step} `{command}` learns from the served rows, too." if words else step)
