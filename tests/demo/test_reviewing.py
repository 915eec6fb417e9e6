"""The demo's reviewer at a real board."""

from pathlib import Path

import pytest

from shared.demo import reviewing
from shared.errors import Refusal


def test_a_board_that_has_no_form_for_a_bundle_is_refused_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refusal, match="/decide/flights/aaaaaaaa has no form to decide with"):
        reviewing.approve("flights", "aaaaaaaa", "it passed")
