"""What of a window the bundle's contract forbids, be it in one row."""

import difflib
from collections.abc import Collection, Iterable

from shared.model.verdict import Reason
from shared.monitoring.window import Window
from shared.monitoring.windows import column_faults
from shared.monitoring.windows.column_faults import MISSING, Fault
from shared.profiles.counts import LOST
from shared.schema.column_reading import NOT_OF_TYPE
from shared.schema.contract import Contract, ContractColumn
from shared.schema.validation import NO_CATEGORY
from shared.schema.violations import EXAMPLES, Violation, with_zeros
from shared.tables.sources import maker_words
from shared.words import list_of, quoted_if_odd

ABSENT = "the column is missing"
# So many columns that are missing are named one by one.
MOST_ABSENT = 4
# From such a likeness on a column's name may be what another one is called now.
ALIKE = 0.6


def contract_violations(window: Window, contract: Contract) -> list[Violation]:
    """Return every violation of the contract; a window without rows has none."""
    if not window.profile.size:
        return []
    return [
        *_fault_violations(window),
        *(
            violation
            for name in contract.features
            for violation in _column_violations(contract[name], window, contract)
        ),
    ]


def contract_reasons(
    violations: Iterable[Violation],
    faults: Collection[tuple[str, str]] = (),
    source: str | None = None,
) -> list[Reason]:
    """Name each violation of the contract; of `faults` it is said in how many rows they are.

    Many columns that are not there are named together: it may be another table. `source` is that of
    the settings: where it is a function, it may make what no row has.
    """
    found = list(violations)
    absent = [each for each in found if each.problem == ABSENT]
    if len(absent) > MOST_ABSENT:
        found = [each for each in found if each not in absent]
    else:
        absent = []
    reasons = [_reason(each, (each.column, each.problem) in faults, source) for each in found]
    return [*reasons, _absent_reason(absent)] if absent else reasons


def _absent_reason(absent: list[Violation]) -> Reason:
    first, *others = (each.column for each in absent)
    listed = list_of([first, *others], MOST_ABSENT)
    step = "Check whether these rows are of another table, or lost their columns on the way."
    named: dict[str, str | None] = {
        "what": f"{len(absent)} columns are missing: {listed}",
        "next_step": step,
    }
    named["likely_cause"] = _renamed_words(absent)
    return _reason(absent[0], False, None).model_copy(update=named | {"beside": tuple(others)})


def _renamed_words(absent: Iterable[Violation]) -> str | None:
    """Say what missing columns may be called now."""
    pairs = [
        f"{quoted_if_odd(each.column)} → {quoted_if_odd(new)}"
        for each in absent
        for new in each.examples
    ]
    return f"renamed: {list_of(pairs, MOST_ABSENT)}" if pairs else None


def _reason(violation: Violation, is_fault: bool, source: str | None) -> Reason:
    is_absent = violation.problem == ABSENT
    seen = ", ".join(() if is_absent else violation.examples)
    seen = f" ({seen})" if seen else ""
    what = f"{violation.column}: {violation.problem}{seen}"
    made = maker_words(source) if is_fault else None
    mend = f" {made}." if made and violation.share == 1 else ""
    if is_fault:
        what = _fault_words(violation)
    return Reason(
        level="act",
        stage="contract",
        what=what,
        column=violation.column,
        number=violation.share,
        threshold=0.0,
        unit="of rows",
        next_step=f"Fix what feeds {violation.column}: it violates the bundle's contract.{mend}",
        likely_cause=_renamed_words([violation]) if is_absent else None,
    )


def _fault_words(violation: Violation) -> str:
    if violation.problem == MISSING:
        some = "" if violation.share == 1 else f" in {Fault(violation.rows).words}"
        return f"{violation.column} is missing{some}, but is required"
    fault = Fault(violation.rows, violation.examples)
    return f"{violation.column}: {violation.problem} in {fault.words}"


def _fault_violations(window: Window) -> list[Violation]:
    """Name what cannot be read, and what is the log's in some rows and in others is not."""
    mixed = {key: fault for key, fault in window.left.items() if key[0] in window.taken}
    return [
        Violation(name, words, fault.rows, fault.rows / window.profile.size, fault.examples)
        for (name, words), fault in column_faults.merged(window.faults, mixed).items()
    ]


def _column_violations(
    column: ContractColumn, window: Window, contract: Contract
) -> list[Violation]:
    name, rows = column.name, window.profile.size
    lost = dict(zip(LOST, window.profile.counts[f"lost {name}"].tolist(), strict=True))
    if lost["absent"]:
        return [Violation(name, ABSENT, rows, 1.0, _called_now(name, window, contract))]
    violations = []
    if lost["unreadable"] and all(other != name for other, _ in window.faults):
        words, unreadable = NOT_OF_TYPE[column.type], lost["unreadable"]
        violations.append(Violation(name, words, unreadable, unreadable / rows))
    if lost["outside"]:
        problem, seen = _outside(column, window)
        violations.append(
            Violation(name, problem, lost["outside"], lost["outside"] / rows, (seen,))
        )
    if lost["missing"] and not column.nullable:
        share = lost["missing"] / rows
        violations.append(
            Violation(name, "missing values, which the contract forbids", lost["missing"], share)
        )
    return violations


def _called_now(name: str, window: Window, contract: Contract) -> tuple[str, ...]:
    """Return the column of a name like that of one which is missing, if the model knows none so."""
    known = {column.name for column in contract.columns}
    others = {other.casefold(): other for other in window.profile.kinds if other not in known}
    alike = difflib.get_close_matches(name.casefold(), sorted(others), 1, ALIKE)
    return tuple(others[other] for other in alike)


def _outside(column: ContractColumn, window: Window) -> tuple[str, str]:
    if column.categories is not None:
        names = sorted(window.profile.unseen.get(column.name, {}))
        return NO_CATEGORY, ", ".join(with_zeros(names[:EXAMPLES], column))
    low, high = window.profile.extremes[column.name]
    minimum, maximum = column.minimum, column.maximum
    seen = low if minimum is not None and low < minimum else high
    ends = [f"{end:g}" if end is not None else "any" for end in (minimum, maximum)]
    return f"outside {ends[0]} to {ends[1]}", f"{seen:g}"
