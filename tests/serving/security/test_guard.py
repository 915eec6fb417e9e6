"""A server that others can reach asks for keys."""

from pathlib import Path

from shared.model.bundle import Bundle
from tests.commands import refused


def test_other_machines_are_not_served_without_keys(bundle: Bundle, tmp_path: Path) -> None:
    words = ("serve", "--bundle", str(bundle.path), "--port", "0", "--host")
    for host in ("0.0.0.0", "::"):
        assert "so keys are needed" in refused(tmp_path, *words, host)
