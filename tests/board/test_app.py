"""The board in a real browser, over the history of real runs."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Route, expect

from shared.model.bundle import Bundle
from shared.model.files import archive
from tests.board.boards import board_at
from tests.conftest import ROOT, House, loans
from tests.serving.processes import LOAN, Running, clean, serving

expect.set_options(timeout=60_000)
pytestmark = pytest.mark.flow
# How many lists of runs, and pictures, are wider than the screen.
CUT = """[...document.querySelectorAll("figure .wide, .wide:has(.stacked, .labelled)")]
  .filter(each => each.scrollWidth > each.clientWidth).length"""


@pytest.fixture(scope="module")
def judged_house(approved_house: House) -> House:
    """Return the house after a window, and a run that failed."""
    window = approved_house.folder / "window.parquet"
    loans(400, seed=5).to_parquet(window, index=False)
    approved_house.run("monitor", "run", "--window", str(window))
    approved_house.run("package", "run", "--train", "TrainFlow/1", ok=False)
    return approved_house


@pytest.fixture(scope="module")
def address(judged_house: House) -> Iterator[str]:
    with board_at(judged_house.folder) as address:
        yield address


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    """Return a page whose errors fail the test: scripts that throw, and what the policy stops."""
    context = chromium.new_context(base_url=address)
    page, errors = context.new_page(), list[str]()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None,
    )
    page.set_default_timeout(60_000)
    yield page
    context.close()
    assert not errors


def serious(page: Page) -> list[str]:
    """Return what axe finds serious or critical on a page, outside the cards' own pages."""
    options = {"runOnly": ["wcag2a", "wcag2aa"], "iframes": False}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]


def test_home_says_how_the_problem_stands_and_leads_to_its_windows(page: Page) -> None:
    page.goto("/")
    loans = page.get_by_role("region", name="loans")
    expect(loans).to_contain_text("by Ada Tester: it passed")
    expect(loans).to_contain_text("Nothing.")
    expect(loans.get_by_role("list", name="Verdicts").get_by_role("link")).to_have_count(1)
    page.get_by_role("link", name="loans", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("loans over time")
    expect(page.get_by_role("img").first).to_be_visible()
    page.get_by_role("link", name="What moves the answers").click()
    expect(page.get_by_role("heading", name="What moves the answers")).to_be_visible()


def test_runs_are_found_by_what_they_are_and_a_failed_one_says_why(page: Page) -> None:
    page.goto("/runs")
    page.locator("select[name=state]").select_option("failed")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("table")).to_contain_text("no training run 'TrainFlow/1'")
    page.goto("/runs?q=nothing+like+it")
    expect(page.get_by_text("No run is like that.")).to_be_visible()


def test_runs_that_are_ticked_are_compared_at_an_address_that_can_be_sent(page: Page) -> None:
    page.goto("/runs?state=done")
    for box in page.locator("input[name=run]").all()[:2]:
        box.check()
    page.get_by_role("button", name="Compare the ticked").click()
    for name in ("Each on its own holdout", "lost when the feature is shuffled"):
        expect(page.get_by_role("table", name=name)).to_be_visible()
    expect(page.get_by_role("heading", name="From A to B")).to_be_visible()
    scores = page.get_by_role("table", name="Each on its own holdout").inner_text()
    again = page.context.new_page()
    again.goto(page.url)
    assert again.get_by_role("table", name="Each on its own holdout").inner_text() == scores


def test_a_table_is_sorted_by_its_heads_with_the_keyboard(page: Page) -> None:
    page.goto("/runs")
    page.get_by_role("button", name="Run", exact=True).focus()
    page.keyboard.press("Enter")
    names = page.locator("tbody tr td:nth-child(3)").all_inner_texts()
    assert names == sorted(names, key=str.lower)
    assert len(names) > 3


# Pixels of a frame that was told no height, and more.
OF_ITS_OWN = 200


def fitted(page: Page) -> Locator:
    """Return the evaluation's card of the page's run, once its frame is as tall as it is.

    A browser lays out what is in view alone, and the cards above push it down as they grow.
    """
    card = page.locator("iframe[title*=evaluation]")
    card.scroll_into_view_if_needed()
    expect(card.content_frame.get_by_role("heading").first).to_be_visible()
    deadline = time.monotonic() + 60
    while (card.bounding_box() or {"height": 0})["height"] <= OF_ITS_OWN:
        assert time.monotonic() < deadline, "the card stays in a frame of its own size"
        card.scroll_into_view_if_needed()
        page.wait_for_timeout(100)
    return card


def test_a_run_shows_its_card_at_full_height_and_what_came_of_it(page: Page) -> None:
    page.goto("/runs?flow=TrainFlow")
    page.locator("tbody a").first.click()
    expect(page.get_by_role("table").first).to_contain_text("packaged by")
    card = fitted(page)
    page.wait_for_timeout(2_000)
    settled = card.bounding_box()
    page.wait_for_timeout(1_000)
    assert card.bounding_box() == settled
    page.get_by_role("link", name="reference").click()
    expect(page.get_by_role("table", name="The first rows")).to_contain_text("L0-")


def test_a_card_that_was_there_before_the_pages_script_is_fitted_too(page: Page) -> None:
    page.goto("/runs?flow=TrainFlow")
    run = page.locator("tbody a").first.get_attribute("href")

    def late(route: Route) -> None:
        time.sleep(5)
        route.continue_()

    page.route("**/static/board.js*", late)
    page.set_viewport_size({"width": 1200, "height": 9_000})
    page.goto(str(run))
    fitted(page)


def test_evidentlys_reports_are_loaded_when_they_are_opened(page: Page) -> None:
    page.goto("/runs?flow=MonitorFlow")
    page.locator("tbody a").first.click()
    assert page.locator("details.report iframe").count() == 0
    page.get_by_text("Evidently's report: data summary").click()
    expect(page.locator("details.report iframe").first).to_be_visible()


def test_a_link_in_a_card_leads_to_a_page_that_stands_in_no_frame(page: Page) -> None:
    page.goto("/runs?flow=TrainFlow")
    page.locator("tbody a").first.click()
    frame = page.locator("iframe.card").first
    # The card's own script runs once it has told its height.
    expect(frame).to_have_attribute("height", re.compile(r"\d+"))
    card = frame.content_frame
    link = '<a href="/runs/TrainFlow/none">There</a>'
    card.locator("body").evaluate(f"body => body.insertAdjacentHTML('afterbegin', '{link}')")
    card.get_by_role("link", name="There").click()
    expect(page.get_by_text("TrainFlow/none is not in the run history.")).to_be_visible()


def test_a_card_cannot_reach_the_board(address: str, page: Page) -> None:
    page.goto("/runs?flow=TrainFlow")
    page.locator("tbody a").first.click()
    found = page.locator("iframe.card").first.get_attribute("src")
    policy = httpx.get(f"{address}{found}").headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts")
    assert "allow-same-origin" not in policy


@pytest.mark.parametrize(("scheme", "width"), [("light", 1_400), ("dark", 420)])
def test_nothing_serious_stands_in_the_way_of_a_screen_reader_on_any_page(
    page: Page, scheme: str, width: int
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 900})
    found = {}
    for path in ("/", "/runs", "/compare", "/lookup", "/monitor/loans", *_pages_of_runs(page)):
        page.goto(path)
        found[path] = serious(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert not [f"{path}: {faults}" for path, faults in found.items() if faults]
    assert len(found) >= 9


def _pages_of_runs(page: Page) -> list[str]:
    """Return where a run, a comparison, an artifact and a bundle's evidence are."""
    page.goto("/runs?state=done")
    names = [box.get_attribute("value") for box in page.locator("input[name=run]").all()]
    trained = next(name for name in names if name and name.startswith("TrainFlow"))
    page.goto(f"/runs/{trained}")
    artifact = page.get_by_role("link", name="reference").get_attribute("href")
    page.goto("/")
    evidence = page.locator("a[href^='/decide/']").first.get_attribute("href")
    compared = "/compare?" + "&".join(f"run={name}" for name in names[:2])
    return [f"/runs/{trained}", compared, str(artifact), str(evidence)]


@pytest.mark.parametrize("path", ["/", "/runs", "/compare", "/monitor/loans"])
def test_a_phone_shows_a_page_without_scrolling_sideways(page: Page, path: str) -> None:
    page.set_viewport_size({"width": 400, "height": 800})
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert page.evaluate(CUT) == 0


@pytest.mark.parametrize(
    "path", ["/nowhere", "/runs/TrainFlow/1", "/monitor/nothing", "/runs/TrainFlow/1/cards/a/b"]
)
def test_what_is_not_there_is_told_in_words(address: str, path: str) -> None:
    answer = httpx.get(f"{address}{path}")
    assert answer.status_code == 404
    assert "This cannot be shown" in answer.text
    assert "Traceback" not in answer.text


def test_a_history_without_runs_says_how_to_begin(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with board_at(tmp_path_factory.mktemp("empty")) as address:
        assert " train</code>" in httpx.get(address).text
        assert "train</code> begins." in httpx.get(f"{address}/runs").text


@pytest.fixture
def challenged_house(judged_house: House, bundle: Bundle, tmp_path: Path) -> House:
    """Return a house of its own in which another bundle than the champion waits for a decision."""
    house = judged_house.copied(tmp_path)
    packed = tmp_path / f"{bundle.digest}.tar"
    packed.write_bytes(archive.pack(bundle))
    made = {"flow": "PackageFlow", "given": ["--packed", str(packed)]}
    done = subprocess.run(
        [sys.executable, "-m", "tests.review.quick_runs"],
        cwd=house.folder,
        env=clean() | {"PYTHONPATH": str(ROOT)},
        input=json.dumps({"settings": str(house.settings), "runs": [made]}) + "\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)[0][0] == 0, done.stdout
    return house


@pytest.fixture
def people_board(challenged_house: House, secrets: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """Return the address of a board with three people, where a bundle waits."""
    problem = {"MILLRACE_PROBLEM": str(challenged_house.settings)}
    people = ("--people", str(tmp_path / "people"))
    with board_at(challenged_house.folder, *people, **problem) as address:
        yield address


def logged_in(chromium: Browser, address: str, name: str, key: str, path: str = "/") -> Page:
    """Return a page of a browser of its own, after somebody has logged in to see it."""
    page = chromium.new_context(base_url=address).new_page()
    page.set_default_timeout(60_000)
    page.goto(path)
    if path == "/":
        page.goto("/login")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Key").fill(key)
    page.get_by_role("button", name="Log in").click()
    return page


def decide(page: Page, word: str, reason: str) -> None:
    page.get_by_label("Reason").fill(reason)
    page.get_by_role("button", name=word, exact=True).click()


def follows(server: Running, digest: str) -> None:
    deadline = time.monotonic() + 60
    while server.client.post("/predict", json=LOAN).json()["bundle"] != digest:
        assert time.monotonic() < deadline, "the server does not follow"
        time.sleep(0.2)


def test_a_reviewer_finds_what_waits_approves_it_and_rolls_it_back(
    people_board: str,
    challenged_house: House,
    bundle: Bundle,
    chromium: Browser,
    secrets: dict[str, str],
) -> None:
    """A server answers with the champion of each moment."""
    digest = bundle.digest
    problem = {"MILLRACE_PROBLEM": str(challenged_house.settings)}
    with serving(challenged_house.folder, "--problem", "loans", **problem) as server:
        champion = server.client.post("/predict", json=LOAN).json()["bundle"]
        assert champion != digest
        page = logged_in(chromium, people_board, "Ada Tester", secrets["Ada Tester"])
        page.get_by_role("link", name=f"Decide about {digest[:12]}").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(digest[:12])
        expect(page.locator("#service")).to_contain_text("gave the newest answer")
        assert serious(page) == []
        decide(page, "Approve", "its gates passed")
        expect(page.get_by_text("It counts from now on")).to_be_visible(timeout=240_000)
        follows(server, digest)
        page.get_by_role("link", name="The bundle's evidence").click()
        expect(page.locator("#service")).to_contain_text("this bundle")
        page.get_by_role("link", name="ReviewFlow/").first.click()
        expect(page.get_by_text("approved").first).to_be_visible()
        expect(page.get_by_text("run it again")).to_have_count(0)
        page.goto(f"/decide/loans/{digest}")
        decide(page, "Roll back", "its answers drift")
        expect(page.get_by_text("It counts from now on")).to_be_visible(timeout=240_000)
        follows(server, champion)
        page.goto("/")
        expect(page.get_by_role("region", name="loans")).to_contain_text(champion[:12])
        page.context.close()


def test_a_viewer_may_look_and_comment_and_is_refused_a_decision(
    people_board: str, bundle: Bundle, chromium: Browser, secrets: dict[str, str]
) -> None:
    path = f"/decide/loans/{bundle.digest}"
    page = logged_in(chromium, people_board, "Vera", secrets["Vera"], path)
    expect(page.get_by_text("who may look and comment, but not decide")).to_be_visible()
    assert page.get_by_role("button", name="Approve").count() == 0
    token = page.locator("input[name=token]").first.input_value()
    form = {"token": token, "decision": "approve", "reason": "it looks well"}
    refused = page.request.post(path, form=form, headers={"Origin": people_board})
    assert refused.status == 403
    page.get_by_label("Comment").fill("the slices look alike")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.get_by_text("beside the evidence from now on")).to_be_visible(timeout=240_000)
    page.context.close()


@pytest.mark.long
def test_of_two_reviewers_at_once_one_decides_and_the_other_is_told(
    people_board: str, bundle: Bundle, chromium: Browser, secrets: dict[str, str]
) -> None:
    path = f"/decide/loans/{bundle.digest}"
    ada, grace = (
        logged_in(chromium, people_board, name, secrets[name], path)
        for name in ("Ada Tester", "Grace")
    )
    decide(ada, "Approve", "its gates passed")
    decide(grace, "Approve", "its slices look alike")
    expect(grace.get_by_role("alert")).to_contain_text("A decision of Ada Tester about loans is")
    # What she wrote is not lost.
    expect(grace.get_by_label("Reason")).to_have_value("its slices look alike")
    expect(ada.get_by_text("It counts from now on")).to_be_visible(timeout=240_000)
    grace.goto(path)
    expect(grace.get_by_text("Approved by Ada Tester")).to_be_visible()
    assert grace.get_by_role("button", name="Approve", exact=True).count() == 0
    for page in (ada, grace):
        page.context.close()
