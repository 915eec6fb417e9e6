"""A table held against its contract: all failures at once, each counted, with examples."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa

from shared.schema.contract import Contract, ContractColumn

EXAMPLES = 3


@dataclass(frozen=True)
class Violation:
    """One way in which one column violates the contract, in so many of the rows.

    `enforced` tells a broken contract from what it only describes (an unseen category, a value
    outside the range that was observed).
    """

    column: str
    problem: str
    rows: int
    share: float
    examples: tuple[str, ...] = ()
    enforced: bool = True

    def __str__(self) -> str:
        seen = f", such as {', '.join(self.examples)}" if self.examples else ""
        return f"{self.column}: {self.problem} in {self.rows:,} rows ({self.share:.1%}){seen}"


def check(frame: pd.DataFrame, contract: Contract, *, target: bool = True) -> list[Violation]:
    """Return every violation of the contract, the enforced ones first.

    With `target` False the target's column need not be there, as in production. Any extra column
    is ignored.
    """
    wanted = [c for c in contract.columns if target or c.name != contract.target]
    absent = [
        Violation(column.name, "the column is missing", len(frame), 1.0, (), True)
        for column in wanted
        if column.name not in frame
    ]
    schema = pa.DataFrameSchema(
        {c.name: _schema(c, contract.key) for c in wanted if c.name in frame}
    )
    try:
        schema.validate(frame, lazy=True)
        broken: list[Violation] = []
    except pa.errors.SchemaErrors as errors:
        broken = _violations(errors.failure_cases, contract, len(frame))
    return sorted(absent + broken, key=lambda b: (not b.enforced, -b.rows, b.column))


def _schema(column: ContractColumn, key: str) -> pa.Column:
    """Return pandera's column, whose checks' names are the words that a reader gets."""
    checks = [_rule(f"not {_article(column.type)}", _TYPES[column.type])]
    if column.minimum is not None or column.maximum is not None:
        checks.append(_rule(column.out_of_range, _in_range(column)))
    if column.categories is not None:
        checks.append(_rule("not a known category", _is_known(column)))
    if column.name == key:
        checks.append(_rule("not unique", lambda values: ~values.duplicated(keep=False)))
    return pa.Column(checks=checks, nullable=column.nullable, required=True)


def _rule(name: str, test: Any) -> pa.Check:
    return pa.Check(test, name=name, error=name, ignore_na=True)


def _in_range(column: ContractColumn) -> Any:
    low = -np.inf if column.minimum is None else column.minimum
    high = np.inf if column.maximum is None else column.maximum

    def test(values: pd.Series) -> pd.Series:
        numbers = pd.to_numeric(values, errors="coerce")
        return numbers.isna() | numbers.between(low, high)

    return test


def _is_known(column: ContractColumn) -> Any:
    return lambda values: values.astype(str).isin(column.categories or ())


def _article(kind: str) -> str:
    return {"category": "a text", "text": "a text", "integer": "a whole number"}.get(
        kind, f"a {kind}"
    )


def _is_number(values: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(values.dtype):
        return pd.Series(np.isfinite(values.astype("float64")), index=values.index)
    numbers = values.map(lambda v: isinstance(v, int | float | np.number) and np.isfinite(v))
    return numbers.astype(bool)


def _is_integer(values: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(values, errors="coerce")
    return _is_number(values) & numbers.mod(1).eq(0)


def _is_boolean(values: pd.Series) -> pd.Series:
    return values.isin([0, 1])


def _is_time(values: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(values.dtype):
        return pd.Series(False, index=values.index)
    return pd.to_datetime(values, utc=True, errors="coerce").notna()


def _is_label(values: pd.Series) -> pd.Series:
    return values.map(lambda value: isinstance(value, str | int | np.integer)).astype(bool)


_TYPES = {
    "number": _is_number,
    "integer": _is_integer,
    "category": _is_label,
    "boolean": _is_boolean,
    "time": _is_time,
    "text": _is_label,
}


def _violations(cases: pd.DataFrame, contract: Contract, rows: int) -> list[Violation]:
    found = []
    for (name, rule), group in cases.groupby(["column", "check"], sort=False):
        column = contract[str(name)]
        described = rule == "not a known category" or str(rule) == _outside_or_none(column)
        found.append(
            Violation(
                column=column.name,
                problem="missing" if rule == "not_nullable" else str(rule),
                rows=len(group),
                share=len(group) / rows if rows else 0.0,
                examples=_examples(group["failure_case"], str(rule)),
                enforced=column.outside == "refuse" or not described,
            )
        )
    return found


def _outside_or_none(column: ContractColumn) -> str | None:
    bounded = column.minimum is not None or column.maximum is not None
    return column.out_of_range if bounded else None


def _examples(values: pd.Series, rule: str) -> tuple[str, ...]:
    if rule == "not_nullable":
        return ()
    return tuple(str(v) for v in values.drop_duplicates().head(EXAMPLES))
