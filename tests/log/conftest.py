"""A place for a prediction log in each kind of database."""

from pathlib import Path

import pytest


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a database that is empty, or of a file that is not there."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'folder' / 'log.db'}"
    return request.getfixturevalue("postgres").new_address()
