"""The log against the model: some of a window's rows are answered again by the bundle.

Answers of the same rows by the same model are the same. No threshold is learnt, and an ordinary
window has no chance of an alarm.
"""

import pandas as pd

from shared.model.comparisons import answer_check
from shared.model.comparisons.agreement import Agreement
from shared.model.comparisons.answer_check import LoggedRows
from shared.model.verdict import Reason
from shared.monitoring.case import Case
from shared.monitoring.windows.answer_columns import BUNDLE
from shared.words import number_of

# Of one changed row in a hundred, so many have one with a chance of 95%.
ROWS = 300
UNIT = "of the rows that were answered again"


def check(case: Case) -> Agreement | None:
    """Compare some rows of a window with the model; None where nobody had answered them before.

    Those with the smallest hashes, which are of the whole window, and the same whenever it is
    judged. Rows of other bundles are not in the window.
    """
    names = _answered(case)
    if not {*case.bundle.task.score_names} <= {*names} or not case.profile.size:
        return None
    rows = case.profile.sample.head(ROWS)
    if absent := [name for name in case.bundle.contract.features if name not in rows]:
        return Agreement(left_out=len(rows), note=f"columns {absent} are missing")
    whole = whole_rows(rows, case)
    if whole.empty:
        return Agreement(left_out=len(rows), note="the rows have no features")
    single = frozenset(name for name in names if case.profile.kinds.get(name) == "float")
    found = answer_check.compare(LoggedRows(whole, names, single), case.bundle)
    return found.model_copy(update={"left_out": len(rows) - len(whole)})


def _answered(case: Case) -> list[str]:
    """Return the columns of answers that are the log's own, and not made when it was read."""
    there, task = case.profile.sample.columns, case.bundle.task
    names = [column.name for column, _ in task.columns if column.name in there]
    if case.scope.file is None or BUNDLE in case.window.taken:
        return names
    return [name for name in names if name in case.window.taken]


def whole_rows(rows: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Leave out rows that were not kept whole: without scores, or what the model was asked with.

    A feature that may be missing was missing when the row was answered, unless no other is there,
    or the file has what cannot be read of it.
    """
    contract, faults = case.bundle.contract, {name for name, _ in case.window.faults}
    names = list(contract.features)
    required = [name for name in names if not contract[name].nullable or name in faults]
    asked = rows[names].notna().any(axis=1) & rows[required].notna().all(axis=1)
    return rows[asked & rows[list(case.bundle.task.score_names)].notna().all(axis=1)]


def answer_reasons(found: Agreement | None, case: Case) -> list[Reason]:
    """Name answers that are not the model's: whatever else is odd of them follows from that."""
    if found is None or not found.differing:
        return []
    return [
        Reason(
            level="act",
            stage="answers",
            what=disagreement_words(found, case),
            column=found.column,
            number=found.differing / found.compared,
            threshold=0.0,
            unit=UNIT,
            next_step="Find out what answers in this bundle's name, or what changes rows after "
            "they are answered: the model gives other answers to the same rows.",
            baseline="answers to the same rows are the same",
            likely_cause=found.likely_cause,
        )
    ]


def disagreement_words(found: Agreement, case: Case) -> str:
    """Say how many answers are not the model's, with the first of them."""
    where = "file" if case.scope.file else "log"
    are = "is" if found.differing == 1 else "are"
    return (
        f"{found.differing:,} of {number_of(found.compared, 'answer')} in the {where} {are} not "
        "this model's: "
        f"{found.first[0].words}"
    )


def agreement_words(found: Agreement) -> str:
    """Say on a card how the answers agree with the model's."""
    if not found.compared:
        return answer_notes(found)[0]
    again = (
        f"{number_of(found.compared, 'row')}, chosen over the whole window, "
        f"{'was' if found.compared == 1 else 'were'} answered again by the bundle"
    )
    if not found.differing:
        return f"{again}: every answer is as it was (to 1e-9, as golden rows are held to)."
    largest = "" if found.largest is None else f", by up to {found.largest:.3g}"
    more = f" The first {len(found.first)} in time:" if found.differing > len(found.first) else ""
    return (
        f"{again}, and {number_of(found.differing, 'comes', 'come')} out otherwise{largest}.{more}"
    )


def answer_notes(found: Agreement | None) -> list[str]:
    """Say which answers could not be compared with the model's, and why."""
    if found is None:
        return []
    if not found.compared:
        return [f"The answers were not compared with the model's: {found.note}."]
    notes = (
        [f"Of {number_of(found.compared, 'row')} answered again, {found.note}."]
        if found.note
        else []
    )
    if found.left_out:
        notes.append(
            f"{found.left_out:,} of the rows to answer again have no scores, or not all that the "
            "model was asked with: they are left out."
        )
    return notes
