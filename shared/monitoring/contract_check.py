"""What of a window the bundle's contract forbids, be it in one row."""

from collections.abc import Iterable

from shared.model.verdict import Reason
from shared.monitoring.window import Window
from shared.profiles.counts import LOST
from shared.schema.contract import Contract, ContractColumn
from shared.schema.violations import Violation


def contract_violations(window: Window, contract: Contract) -> list[Violation]:
    """Return every violation of the contract by the features; a window without rows has none."""
    return [
        violation
        for name in contract.features
        if window.profile.size
        for violation in _column_violations(contract[name], window)
    ]


def contract_reasons(violations: Iterable[Violation]) -> list[Reason]:
    """Name each violation of the contract."""
    return [_reason(violation) for violation in violations]


def _reason(violation: Violation) -> Reason:
    seen = f" ({', '.join(violation.examples)})" if violation.examples else ""
    return Reason(
        level="act",
        stage="contract",
        what=f"{violation.column}: {violation.problem}{seen}",
        column=violation.column,
        number=violation.share,
        threshold=0.0,
        unit="of rows",
        next_step=f"Fix what feeds {violation.column}: it violates the bundle's contract.",
    )


def _column_violations(column: ContractColumn, window: Window) -> list[Violation]:
    name, rows = column.name, window.profile.size
    lost = dict(zip(LOST, window.profile.counts[f"lost {name}"].tolist(), strict=True))
    if lost["absent"]:
        return [Violation(name, "the column is missing", rows, 1.0)]
    violations = []
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


def _outside(column: ContractColumn, window: Window) -> tuple[str, str]:
    if column.categories is not None:
        names = sorted(window.profile.unseen.get(column.name, {}))
        return "not a known category", ", ".join(names[:3])
    low, high = window.profile.extremes[column.name]
    minimum, maximum = column.minimum, column.maximum
    seen = low if minimum is not None and low < minimum else high
    ends = [f"{end:g}" if end is not None else "any" for end in (minimum, maximum)]
    return f"outside {ends[0]} to {ends[1]}", f"{seen:g}"
