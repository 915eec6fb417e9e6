"""Which problems were trained here."""

from types import SimpleNamespace
from typing import Any

import pytest

from shared.lineage import run_history, trainings


def test_whoever_means_another_problem_is_told_which_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    history: list[Any] = [SimpleNamespace(tags={f"project:{name}"}) for name in ("shop", "rent")]
    monkeypatch.setattr(run_history, "all_runs", lambda flow: history)
    assert trainings.meant_another("flights") == (
        "no run of flights is here, but of rent, shop: --problem names one"
    )
    assert trainings.meant_another("rent") == ""
    history.clear()
    assert trainings.meant_another("flights") == ""
