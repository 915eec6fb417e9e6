"""Two runs held against each other in the terminal."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from shared.cli import options
from shared.kinds import metric_name, metric_text

if TYPE_CHECKING:
    from shared.runs.comparing.differences import Changes
    from shared.runs.comparing.sides import Side
    from shared.runs.comparing.text_changes import Line

COLOURS = {"added": "green", "removed": "red", "place": "cyan", "good": "green", "bad": "red"}
MOST_COLUMNS = 10


@click.command()
@click.argument("first")
@click.argument("second")
@options.of_problem
@click.option("--code", is_flag=True, help="Show the code's difference line by line.")
def diff(first: str, second: str, problem: str | None, code: bool) -> None:
    """Show how two training runs differ, or two bundles: leaderboard, scores, data, settings, code.

    Each is FLOW/RUN, a run's number, or 8 digits or more of a bundle. Scores are compared in pairs
    where both held out the same rows.
    """
    from shared.runs import records
    from shared.runs.comparing import sides

    named = [records.find_record(name, problem) for name in (first, second)]
    problems = dict.fromkeys(record.problem for record in named)
    history = [r for problem in problems for r in records.newest({"problem": problem})]
    pair = sides.read([record.pathspec for record in named], [], history)
    for line in difference_lines(pair, code):
        click.echo(line)


def difference_lines(pair: list["Side"], code: bool = False) -> Iterator[str]:
    """Yield how the second side differs from the first; with `code` also line by line."""
    from shared.runs.comparing import differences

    for part in (_who, _leaderboard, _scores, _same_rows, _off_policy, _data):
        yield from part(pair)
    yield from _changes(pair, differences.changes(*pair), code)


def _who(pair: list["Side"]) -> Iterator[str]:
    for side in pair:
        passed = "passed" if side.evaluation.passed else "not passed"
        trained = side.training_run.pathspec
        of = f", trained by {trained}" if side.training_run is not side.record else ""
        yield f"{side.letter}  {side.record.pathspec}{of}: {side.evaluation.candidate}, {passed}"


def _leaderboard(pair: list["Side"]) -> Iterator[str]:
    """Yield each candidate by the metric that chooses in the second, in its order there."""
    metric = pair[1].settings["select_by"]
    boards = [{result["candidate"]: result for result in side.leaderboard} for side in pair]
    yield f"\nleaderboard by {metric_name(metric)}, on the validation rows of each"
    yield from _table(
        ("", "A", "B"),
        (
            (name, *(_standing(board.get(name), metric) for board in boards))
            for name in {**boards[1], **boards[0]}
        ),
    )


def _standing(result: dict[str, Any] | None, metric: str) -> str:
    """Return how a candidate did; empty where it did not take part, or has no such score."""
    if result is None:
        return "not there"
    return "failed" if result["error"] else str((result["scores"] or {}).get(metric, ""))


def _scores(pair: list["Side"]) -> Iterator[str]:
    yield "\nscores, each on its own holdout, with 95% intervals"
    named = dict.fromkeys(metric for side in pair for metric in side.evaluation.scores)
    rows = ((metric_name(m), *(side.evaluation.scores.get(m) for side in pair)) for m in named)
    yield from _table(("", "A", "B"), rows)


def _same_rows(pair: list["Side"]) -> Iterator[str]:
    from shared.runs.comparing import differences, same_rows

    found = same_rows.read(*pair)
    if found.paired is None:
        yield f"\nno scores in pairs: {found.note}"
        return
    yield f"\nB less A on {found.rows}, paired"
    words = {"good": "better", "bad": "worse", "quiet": ""}
    for metric, score in found.paired.differences.items():
        mood = differences.better(metric, score)
        yield _coloured(f"{metric_name(metric):<26}{score.signed}  {words[mood]}".rstrip(), mood)


def _off_policy(pair: list["Side"]) -> Iterator[str]:
    found = [(side.letter, side.evaluation.off_policy) for side in pair]
    if any(compared for _, compared in found):
        yield "\noff-policy, each beside the champion of then"
    yield from (f"{letter}  {compared.words}" for letter, compared in found if compared)


def _data(pair: list["Side"]) -> Iterator[str]:
    from shared.runs.comparing import differences

    rows = [(name, *values) for name, values in differences.facts(pair) if len({*values}) > 1]
    yield "\ndata" if rows else "\ndata: the tables are alike in all facts"
    yield from _table(("", "A", "B"), rows)


def _changes(pair: list["Side"], found: "Changes", code: bool) -> Iterator[str]:
    if found.distances is None:
        yield "columns: their distances cannot be measured, as they were counted in other ways"
    far = [(name, number) for name, number in found.distances or () if number > 0]
    if far:
        yield "held-out rows, the farthest columns (0 is alike; at most 0.5 of numbers, else 1)"
        yield from (f"  {name:<24}{metric_text(n, 4)}" for name, n in far[:MOST_COLUMNS])
    for what, lines in (("settings", found.settings), ("contract", found.contract)):
        yield f"\n{what}" if lines else f"\n{what}: the same"
        yield from _diff_lines(lines)
    yield from _code(pair, found, code)


def _code(pair: list["Side"], found: "Changes", lines: bool) -> Iterator[str]:
    commits = [side.commit for side in pair]
    yield f"\ncode: {' and '.join(commit or 'no commit is known' for commit in commits)}"
    if commits[0] and commits[0] == commits[1]:
        yield "the commit is the same"
    elif found.code is None:
        yield "no git repository here has both commits"
    elif not found.code.lines:
        yield "no file differs between the two"
    else:
        yield found.code.files.rstrip()
        yield from _diff_lines(found.code.lines) if lines else ["--code shows it line by line"]
        if lines and found.code.cut:
            yield "it is longer than is shown here: use git diff"


def _diff_lines(lines: Iterable["Line"]) -> Iterator[str]:
    yield from (_coloured(line.text, line.kind) for line in lines)


def _coloured(text: str, kind: str) -> str:
    """Return a line with its colour, which click leaves out where nothing shows it."""
    return click.style(text, fg=COLOURS[kind]) if kind in COLOURS else text


def _table(heads: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    from shared.cards import cell

    cells = [heads, *(tuple(str(cell(value)) for value in row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells if len(cells) > 1 else ():
        yield "  ".join(f"{text:<{w}}" for text, w in zip(row, widths, strict=True)).rstrip()
