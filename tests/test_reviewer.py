"""Who decides, by the environment."""

import pytest

import shared
from shared.reviewer import USERS, VARIABLE, named_reviewer


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({VARIABLE: " Ada ", "USER": "bob"}, "Ada"),
        ({VARIABLE: " ", "USER": "bob"}, "bob"),
        ({"METAFLOW_USER": "argo-workflows", "USER": "root"}, None),
        ({"USERNAME": shared.ANONYMOUS}, None),
    ],
)
def test_nobody_s_accounts_name_nobody(
    given: dict[str, str], named: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (VARIABLE, *USERS):
        monkeypatch.setenv(name, given.get(name, ""))
    assert named_reviewer() == named
