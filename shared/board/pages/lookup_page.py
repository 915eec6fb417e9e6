"""One prediction or key: what was asked and answered, what came true, and the answer of today."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from shared.board.pages import todays_answers
from shared.board.pages.todays_answers import OpenedBundles, Today
from shared.errors import Refusal
from shared.lineage import bundles, run_artifacts, run_history
from shared.log import contents, look_up
from shared.log.look_up import LoggedPrediction
from shared.log_columns import AFTER_ANSWER, BEFORE_ANSWER
from shared.model.bundle import Bundle
from shared.runs import records
from shared.runs.one_run import run_description
from shared.runs.records import Record
from shared.schema.contract import Contract
from shared.tasks.choice import task_of

if TYPE_CHECKING:
    from shared.reasons.explanations import Explanation

# So many predictions of a key are shown.
MOST = 50
# So many of them are explained: each asks the model a few thousand times.
MOST_EXPLAINED = 3
# Scores nearer than this are the same: sums in another order differ in the last digits.
NEAR = 1e-9


@dataclass(frozen=True)
class AnsweredRow:
    """A logged prediction in parts, with the runs that its answer came from.

    `answers` are by column: as logged, today, and whether the two are the same; `reasons` are for
    the answer of today, where they were asked for.
    """

    logged: LoggedPrediction
    asked: dict[str, Any]
    answers: tuple[tuple[str, Any, Any, bool], ...]
    today: Today | None
    packaged: Record | None
    trained: Record | None
    data: dict[str, Any]
    reasons: "Explanation | None" = None

    @property
    def row(self) -> dict[str, Any]:
        """The row as the log has it."""
        return self.logged.row

    @property
    def is_same(self) -> bool:
        """Whether the champion says today what was answered."""
        return all(same for *_, same in self.answers)


@dataclass(frozen=True)
class LookupPage:
    """What the page of a look-up shows; `words` say why it shows no row."""

    rows: tuple[AnsweredRow, ...]
    champion: str | None = None
    words: str = ""


def problems(history: list[Record]) -> dict[str, bool]:
    """Return the problems that have runs, those with a log first: each with whether it has one."""
    found = contents.with_log(records.problems(history))
    return dict(sorted(found.items(), key=lambda each: not each[1]))


def read(
    problem: str, wanted: str, history: list[Record], opened: OpenedBundles, reasons: bool = False
) -> LookupPage:
    """Return what the log has of a prediction's id or a key, the newest with `reasons`, if wanted.

    Raises `Refusal` without a log.
    """
    if problem not in {record.problem for record in history}:
        raise Refusal(f"no run in the history is of a problem {problem!r}")
    found = look_up.find(problem, wanted, MOST)
    if not found:
        return LookupPage((), words=f"the log of {problem} has no prediction or key {wanted!r}")
    champion, words = _champion(problem)
    by_digest = {r.facts.get("digest"): r for r in reversed(history) if r.flow == "PackageFlow"}
    runs = {record.pathspec: record for record in history}
    rows: list[AnsweredRow] = []
    for logged in found:
        packaged = by_digest.get(logged.row["bundle"])
        trained = runs.get(packaged.facts.get("training_run", "")) if packaged else None
        row = answered(logged, packaged, trained, champion, opened)
        if reasons and champion and len(rows) < MOST_EXPLAINED:
            row = _explained(row, champion, opened)
        rows.append(row)
    return LookupPage(tuple(rows), champion.digest if champion else None, words)


def _champion(problem: str) -> tuple[Bundle | None, str]:
    try:
        return bundles.deployed(problem), ""
    except Refusal as refusal:
        return None, f"what is answered today is not known: {refusal}"


def answered(
    logged: LoggedPrediction,
    packaged: Record | None,
    trained: Record | None,
    champion: Bundle | None,
    opened: OpenedBundles,
) -> AnsweredRow:
    """Return a logged prediction with its runs, beside what the champion answers today."""
    contract = _contract(trained) or (champion.contract if champion else None)
    row = _in_types(logged.row, contract)
    answers, asked = _parts(row, contract)
    today = todays_answers.ask(row, champion, opened) if champion else None
    return AnsweredRow(
        logged=logged,
        asked=asked,
        answers=_beside(answers, today),
        today=today,
        packaged=packaged,
        trained=trained,
        data=run_description.training_data(trained),
    )


def _parts(
    row: Mapping[str, Any], contract: Contract | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a row's answers and what was asked, by its contract; without one all is asked."""
    own = {*BEFORE_ANSWER, *AFTER_ANSWER}
    if contract is None:
        return {}, {name: value for name, value in row.items() if name not in own}
    names = [column.name for column, _ in task_of(contract).columns]
    answers = {name: row[name] for name in names if name in row}
    return answers, {name: row[name] for name in contract.features if name in row}


def _in_types(row: Mapping[str, Any], contract: Contract | None) -> dict[str, Any]:
    """Return a row with whole numbers where its contract has them: a log holds them as doubles."""
    whole = {c.name for c in contract.columns if c.type == "integer"} if contract else set()
    return {
        name: int(value)
        if name in whole and isinstance(value, float) and value.is_integer()
        else value
        for name, value in row.items()
    }


def _explained(found: AnsweredRow, champion: Bundle, opened: OpenedBundles) -> AnsweredRow:
    """Return a row with the reasons for today's answer, where there is one."""
    if found.today is None or found.today.note:
        return found
    row = _in_types(found.row, champion.contract)
    return replace(found, reasons=todays_answers.reasons(row, champion, opened))


def _beside(
    answers: Mapping[str, Any], today: Today | None
) -> tuple[tuple[str, Any, Any, bool], ...]:
    now = today.answers if today else {}
    names = dict.fromkeys([*answers, *now])
    # How a slate came about, no model says of a row alone: nothing of it is another today.
    unsaid = {name for name, value in now.items() if value is None}
    return tuple(
        (n, answers.get(n), now.get(n), n in unsaid or _same(answers.get(n), now.get(n)))
        for n in names
    )


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        near = math.isclose(one, other, rel_tol=NEAR, abs_tol=NEAR)
        return near or (math.isnan(one) and math.isnan(other))
    return bool(one == other)


def _contract(trained: Record | None) -> Contract | None:
    found = _artifacts(trained, "evaluate", "contract").get("contract")
    return found if isinstance(found, Contract) else None


def _artifacts(trained: Record | None, step: str, name: str) -> dict[str, Any]:
    run = run_history.run_named(trained.pathspec) if trained else None
    return (run and run_artifacts.kept_of(run, step, name)) or {}
