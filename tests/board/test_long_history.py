"""The list of 5,000 runs in a real browser, page by page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.board.boards import board_at, copy_run
from tests.conftest import House

pytestmark = [pytest.mark.flow, pytest.mark.long]
RUNS, APART = 5_000, 60_000_000


@pytest.fixture(scope="module")
def long_house(house: House) -> House:
    """Return a house with 5,000 failed runs of one flow, a minute apart."""
    house.run("package", "run", "--train", "TrainFlow/1", ok=False)
    flow = house.folder / ".metaflow" / "PackageFlow"
    run = next(path for path in flow.iterdir() if path.name.isdigit())
    for number in range(1, RUNS):
        copy_run(run, flow, -number * APART)
    return house


@pytest.fixture
def page(chromium: Browser, long_house: House) -> Iterator[Page]:
    with board_at(long_house.folder) as address:
        context = chromium.new_context(base_url=address)
        page = context.new_page()
        page.set_default_timeout(60_000)
        yield page
        context.close()


def test_every_run_is_on_one_of_a_hundred_pages(page: Page) -> None:
    page.goto("/runs")
    expect(page.get_by_text("older runs are still being read")).to_have_count(0, timeout=60_000)
    caption = page.get_by_text("5,000 runs, the newest first; page 1 of 100")
    expect(caption).to_be_visible(timeout=60_000)
    seen = set[str]()
    for number in (1, 2, 3):
        expect(page.get_by_text(f"page {number} of 100")).to_be_visible()
        seen |= {*page.locator("tbody td:nth-child(3) a").all_inner_texts()}
        page.get_by_role("link", name="Older").click()
    assert len(seen) == 150
    page.goto("/runs?page=100")
    assert page.locator("tbody tr").count() == 50
    assert page.get_by_role("link", name="Older").count() == 0
    expect(page.get_by_role("table")).to_contain_text("no training run 'TrainFlow/1'")
    page.goto("/runs?page=9999")
    expect(page.get_by_text("page 100 of 100")).to_be_visible()
