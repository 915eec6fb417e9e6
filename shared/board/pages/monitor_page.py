"""A problem's windows over time: verdicts, incidents, quality, and what the checks measured."""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from shared.board import pictures
from shared.board.pages import mean_contributions, problem_states
from shared.board.pages.incident_spans import IncidentSpan
from shared.board.pages.measured_windows import Measured, measured
from shared.board.pages.problem_states import ProblemState, Window
from shared.board.pages.todays_answers import OpenedBundles
from shared.board.remembered_pictures import Picture, picture_once
from shared.errors import Refusal
from shared.kinds import Metric, metric_name
from shared.lineage import bundles, run_artifacts, run_history
from shared.model.bundle import Bundle
from shared.model.verdict import Verdict
from shared.monitoring.card_parts import pictures as card_pictures
from shared.runs.records import Record

MOST_COLUMNS = 8
# So many of the newest windows have their answers explained.
MOST_EXPLAINED = 12


@dataclass(frozen=True)
class MonitorPage:
    """What a problem's page shows; `column` is the one that is shown then and now.

    `contributions` are those of features to the answers, where they were asked for.
    """

    state: ProblemState
    windows: tuple[Window, ...]
    incidents: tuple[IncidentSpan, ...]
    pictures: tuple[Picture, ...]
    columns: tuple[str, ...]
    column: str | None
    contributions: Picture | None = None


def read(
    history: list[Record],
    problem: str,
    branch: str,
    column: str | None,
    opened: OpenedBundles | None = None,
) -> MonitorPage:
    """Return a problem's page, with contributions where bundles may be `opened` for them.

    Raises `Refusal` for one that has no run on the branch.
    """
    own = [record for record in history if record.branch == branch]
    of_problem = [record for record in own if record.problem == problem]
    if not of_problem:
        raise Refusal(f"The problem {problem!r} has no run on the branch {branch!r}.")
    state = problem_states.state(own, problem, branch)
    windows = state.windows
    trail = [window.verdict for window in windows]
    found = [measured(window.record) for window in windows]
    columns = tuple(sorted({name for each in found if each for name in each.excess}))
    chosen = column if column in columns else _worst(trail, columns)
    place = f"{problem} {branch}"
    return MonitorPage(
        state,
        windows[::-1],
        state.spans,
        tuple(_pictures(place, windows, found, chosen)),
        columns,
        chosen,
        _contributions(place, windows, opened) if opened else None,
    )


def _worst(trail: list[Verdict], columns: tuple[str, ...]) -> str | None:
    """Return the column that the newest reasons are about, or else the first one."""
    named = (reason.column for verdict in reversed(trail) for reason in verdict.reasons)
    return next((name for name in named if name in columns), columns[0] if columns else None)


def _pictures(
    place: str, windows: tuple[Window, ...], found: list[Measured | None], column: str | None
) -> Iterator[Picture]:
    """Yield the pictures of windows, those of a place being remembered."""
    if not windows:
        return
    trail = [window.verdict for window in windows]
    dated = [(v.until or v.judged_at, m) for v, m in zip(trail, found, strict=True) if m]
    bundle = functools.cache(lambda: _bundle(windows[-1]))
    makers: dict[str, Callable[[], Picture | None]] = {
        "verdicts": lambda: _verdicts(windows),
        "quality": lambda: _quality(dated, bundle()),
        "checks": lambda: _checks(dated),
        f"column {column}": lambda: _then_and_now(_with_rows(windows), bundle(), column),
    }
    records = [window.record for window in windows]
    made_of = [
        [record.pathspec, record.facts["verdict"], bool(checks)]
        for record, checks in zip(records, found, strict=True)
    ]
    for name, make in makers.items():
        if picture := picture_once(f"{place} {name}", made_of, make):
            yield picture


def _verdicts(windows: tuple[Window, ...]) -> Picture:
    words = ", ".join(f"{window.span}: {window.verdict.level}" for window in windows[-12:])
    figure = card_pictures.timeline([window.verdict for window in windows])
    return Picture("Verdicts and what they were about", words, pictures.source(figure))


def _quality(dated: list[tuple[str, Measured]], bundle: Bundle | None) -> Picture | None:
    metrics = _judged_metrics(bundle, [each for _, each in dated])
    if not metrics:
        return None
    names = ", ".join(metric_name(metric) for metric in metrics)
    words = f"{names}, window by window, beside what was expected"
    return Picture("Quality", words, pictures.source(pictures.quality(dated, metrics)))


def _checks(dated: list[tuple[str, Measured]]) -> Picture | None:
    excess = [(at, each.excess) for at, each in dated]
    shown = _worst_columns(excess)
    if not shown:
        return None
    words = "The worst columns: how many times its threshold each one's worst check was"
    figure = pictures.excess(excess, shown)
    return Picture("Checks beside their thresholds", words, pictures.source(figure))


def _contributions(
    place: str, windows: tuple[Window, ...], opened: OpenedBundles
) -> Picture | None:
    found = [(w, mean_contributions.of_window(w, opened)) for w in windows[-MOST_EXPLAINED:]]
    dated = [(w.verdict.until or w.verdict.judged_at, m.by_feature) for w, m in found if m]
    if not dated:
        return None
    sizes = [(day, {n: abs(mean) for n, (mean, _) in by.items()}) for day, by in dated]
    words = (
        "The mean contribution of each feature to a window's answers, with its 95% interval: "
        "together they lead from the mean answer of held-out rows to the window's"
    )

    def contributions() -> Picture:
        figure = pictures.contributions(dated, _worst_columns(sizes))
        return Picture("What moves the answers", words, pictures.source(figure))

    return picture_once(f"{place} contributions", dated, contributions)


def _judged_metrics(bundle: Bundle | None, found: list[Measured]) -> list[Metric]:
    """Return the metrics that are judged, of those that some window has."""
    had = dict.fromkeys(metric for each in found for metric in each.quality)
    return [metric for metric in had if bundle is None or metric in bundle.task.judged]


def _worst_columns(excess: list[tuple[str, dict[str, float]]]) -> list[str]:
    highest: dict[str, float] = {}
    for _, by_column in excess:
        for name, number in by_column.items():
            highest[name] = max(highest.get(name, 0.0), number)
    return sorted(highest, key=lambda name: -highest[name])[:MOST_COLUMNS]


def _with_rows(windows: tuple[Window, ...]) -> Window:
    """Return the newest window that has rows to be shown, or else the newest."""
    return next((one for one in reversed(windows) if one.verdict.rows), windows[-1])


def _then_and_now(window: Window, bundle: Bundle | None, column: str | None) -> Picture | None:
    """Return a picture of a column in history and in a window; None where it is not counted."""
    run = run_history.run_named(window.record.pathspec) if column and bundle else None
    kept = run_artifacts.kept_of(run, "judge", "window") if run else None
    if not (column and kept and bundle and window.verdict.rows):
        return None
    figure = card_pictures.column(column, bundle.baseline, kept["window"].profile)
    if figure is None:
        return None
    words = f"How {column} was distributed, in history and in the window {window.span}"
    return Picture(f"{column}, then and now", words, pictures.source(figure))


def _bundle(window: Window) -> Bundle | None:
    try:
        return bundles.packaged(window.record.problem, window.verdict.bundle).bundle
    except Refusal:
        return None
