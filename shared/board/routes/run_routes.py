"""The addresses of runs: the list of all, one with its cards, and one of its artifacts."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from shared.board.board import Board
from shared.board.pages import artifact_preview, reason_page
from shared.board.rendering import Pages
from shared.errors import Refusal
from shared.runs import records
from shared.runs.one_run import run_contents, run_description
from shared.runs.records import Record

# A card's own scripts run, shut off from the board: it is a page that a flow has written.
CARD_POLICY = (
    "sandbox allow-scripts allow-popups; default-src 'unsafe-inline' 'unsafe-eval' data: blob:; "
    "frame-ancestors 'self'"
)
# Tells the page that shows a card how tall it is, so that nothing scrolls within it, and again when
# asked: the page may listen later than the card is there. A card that is as tall as its frame, and
# some, grows with what it tells: such growth is kept to itself. Links to the board are followed by
# the page, as none of the board's may stand in a frame; others open beside it.
IN_A_FRAME = """<script>{
let height = NaN, room = innerHeight;
const tell = () => parent.postMessage({cardHeight: height}, "*");
new ResizeObserver(() => {
  const now = document.documentElement.scrollHeight;
  const follows = now - height === innerHeight - room;
  [height, room] = [now, innerHeight];
  if (!follows) tell();
}).observe(document.documentElement);
addEventListener("message", tell);
addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  const address = link?.getAttribute("href") ?? "#";
  if (address.startsWith("/")) {
    event.preventDefault();
    parent.postMessage({wanted: address}, "*");
  } else if (!address.startsWith("#")) link.target = "_blank";
}, true);
}</script>"""


def router(board: Board, pages: Pages) -> APIRouter:
    """Return the addresses of runs."""
    made = APIRouter()

    @made.get("/runs")
    def runs(request: Request) -> HTMLResponse:
        wanted = {name: value for name, value in request.query_params.items() if value}
        number = _page_number(wanted.pop("page", "1"))
        history = board.records.all()
        found = [record for record in history if record.is_like(wanted)]
        shown, last = records.page_of(found, number)
        return pages.render(
            request,
            "runs.html",
            records=shown,
            found=len(found),
            number=min(max(number, 1), last),
            pages=last,
            wanted=wanted,
            left=board.records.left,
            choices=records.choices(history),
        )

    @made.get("/runs/{flow}/{run}")
    def one_run(request: Request, flow: str, run: str) -> HTMLResponse:
        page = run_description.read(record_of(board, flow, run), board.records.all())
        return pages.render(request, "run.html", page=page)

    @made.get("/runs/{flow}/{run}/cards/{step}/{title}")
    def one_card(flow: str, run: str, step: str, title: str) -> HTMLResponse:
        for card in run_contents.of_record(record_of(board, flow, run)).cards:
            if (card.step, card.title) == (step, title):
                headers = {"Content-Security-Policy": CARD_POLICY}
                return HTMLResponse(card.page() + IN_A_FRAME, headers=headers)
        raise Refusal(f"{flow}/{run} has no card {title!r}.")

    @made.get("/runs/{flow}/{run}/artifacts/{step}/{name}")
    def one_artifact(request: Request, flow: str, run: str, step: str, name: str) -> HTMLResponse:
        record = record_of(board, flow, run)
        found = artifact_preview.preview(record.pathspec, step, name)
        if found is None:
            raise Refusal(f"{record.pathspec} has no artifact {name!r} in its step {step!r}.")
        return pages.render(
            request, "artifact.html", record=record, step=step, name=name, preview=found
        )

    @made.get("/runs/{flow}/{run}/reasons/{number}")
    def one_reason(request: Request, flow: str, run: str, number: int) -> HTMLResponse:
        page = reason_page.read(record_of(board, flow, run), number, board.records.all())
        return pages.render(request, "reason.html", page=page)

    return made


def record_of(board: Board, flow: str, run: str) -> Record:
    """Return a run's record. Raises `Refusal` for an unknown run."""
    found = board.records.find(flow, run)
    if found is None:
        raise Refusal(f"{flow}/{run} is not in the run history.")
    return found


def _page_number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        return 1
