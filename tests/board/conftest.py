"""A board with two people, and browsers that ask it: a client, and a real one."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import playwright.sync_api
import pytest

from shared.board.access import people
from shared.board.access.people import PEOPLE
from shared.serving.security import keys
from tests.board.boards import Browser, browser_at, token

# The board's people, their roles and, once they are made, their keys.
ROLES = {"Ada Tester": "reviewer", "Grace": "reviewer", "Vera": "viewer"}


@pytest.fixture
def secrets(tmp_path: Path) -> dict[str, str]:
    """Return the keys of the people in the file `people`."""
    made = {name: keys.new_key(name, role, PEOPLE) for name, role in ROLES.items()}
    (tmp_path / "people").write_text("\n".join(line for _, line in made.values()))
    return {name: secret for name, (secret, _) in made.items()}


@pytest.fixture
def empty_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder without any runs."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def browser_of(secrets: dict[str, str], tmp_path: Path) -> Callable[..., Browser]:
    """Return what opens a browser at a board of a branch, where somebody logs in if named."""

    def opened(name: str = "", branch: str = "prod") -> Browser:
        access = people.access("127.0.0.1", tmp_path / "people")
        browser = browser_at(access, branch)
        if name:
            form = {"name": name, "key": secrets[name], "token": token(browser, "/login")}
            answer = browser.post("/login", data=form)
            assert (answer.status_code, answer.headers["location"]) == (303, "/")
        return browser

    return opened


@pytest.fixture(scope="module")
def chromium() -> Iterator[playwright.sync_api.Browser]:
    """Return the Chromium of this machine.

    Playwright's event loop runs in this thread until the fixture ends: nobody else can have one.
    """
    installed = shutil.which("chromium") or shutil.which("chromium-browser")
    if not installed:
        pytest.skip("needs chromium")
    with playwright.sync_api.sync_playwright() as started:
        arguments = ["--no-sandbox", "--disable-gpu"]
        opened = started.chromium.launch(executable_path=installed, args=arguments)
        yield opened
        opened.close()
