"""Which problems were trained here."""

from types import SimpleNamespace
from typing import Any

from shared.lineage import trainings


def test_whoever_means_another_problem_is_told_which_there_are() -> None:
    history: list[Any] = [SimpleNamespace(tags={f"project:{name}"}) for name in ("shop", "rent")]
    assert trainings.meant_another("flights", history) == (
        "no run of flights is here, but of rent, shop: --problem names one"
    )
    assert trainings.meant_another("rent", history) == ""
    assert trainings.meant_another("flights", []) == ""
