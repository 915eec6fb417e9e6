"""From each reason to its rows: those of a window's sample that show it best, by their keys."""

from typing import Any

import numpy as np
import pandas as pd

from shared.log_columns import OUTCOME
from shared.model.verdict import Reason, Verdict
from shared.monitoring.case import Case
from shared.monitoring.input_checks.odd_rows import OddRows
from shared.monitoring.outcomes.far_outcomes import FAR
from shared.monitoring.outcomes.row_losses import row_losses
from shared.monitoring.wording.refused_reasons import REFUSED
from shared.words import number_of

MOST_ROWS = 1_000
COLUMNS = ("reason", "what", "column", "value", "key", "time")


def find(verdict: Verdict, case: Case) -> pd.DataFrame:
    """Return the key and the time of the rows that show each reason best, at most `MOST_ROWS`.

    A row stands once for each `reason` (its number in the verdict, from 1) that it shows, the best
    first, with its value of the reason's column, which is the target of a reason about outcomes.
    Rows that never came, or were refused, and a sick service, show in none.
    """
    rows, odd, found = case.profile.sample, OddRows(case), []
    for number, reason in enumerate(verdict.reasons, 1):
        shown = _shown(reason, odd, case, verdict)
        best = np.argsort(-shown, kind="stable")[:MOST_ROWS]
        found.append(_described(number, reason, rows.iloc[best[shown[best] > 0]], case))
    found = [frame for frame in found if len(frame)]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=[*COLUMNS])


def words(rows: pd.DataFrame, case: Case) -> str:
    """Say how many rows were found, among how many."""
    looked_at, size = len(case.profile.sample), case.profile.size
    among = f"{looked_at:,} of {size:,}" if looked_at < size else f"all {size:,}"
    # One row may show several.
    shown = len(rows[["key", "time"]].dropna(how="all").drop_duplicates()) or len(rows)
    return f"{number_of(shown, 'row shows', 'rows show')} a reason, of {among} looked at"


def query(rows: pd.DataFrame, case: Case) -> str | None:
    """Return SQL that finds rows in the log by their keys; None for a file's, or without keys."""
    keys = rows["key"].dropna()
    if case.scope.file or keys.empty:
        return None
    number = case.bundle.contract[case.bundle.contract.key].type == "integer"
    listed = [key if number else "'" + key.replace("'", "''") + "'" for key in keys]
    return f"SELECT * FROM {case.settings.name}_predictions WHERE key IN ({', '.join(listed)})"


def _described(number: int, reason: Reason, rows: pd.DataFrame, case: Case) -> pd.DataFrame:
    contract = case.bundle.contract
    held = named = reason.column if reason.column in rows else None
    if reason.stage in ("quality", "outcomes") and OUTCOME in rows:
        held, named = OUTCOME, contract.target
    columns = (held, contract.key, contract.time)
    value, key, time = ([_text(v) for v in rows[c]] if c in rows else None for c in columns)
    values = (number, reason.what, named, value, key, time)
    return pd.DataFrame(dict(zip(COLUMNS, values, strict=True)), index=range(len(rows)))


def _text(value: Any) -> str | None:
    if pd.isna(value):
        return None
    return value.isoformat() if isinstance(value, pd.Timestamp) else str(value)


def _shown(reason: Reason, odd: OddRows, case: Case, verdict: Verdict) -> np.ndarray:
    """Return how well each row of the sample shows a reason: shape (rows,), 0 for not at all."""
    rows = case.profile.sample
    if reason.stage in ("quality", "outcomes"):
        return _lost(reason, case)
    if reason.stage == "answers" and verdict.agreement:
        differing = [one.key for one in verdict.agreement.first]
        keys = rows[case.bundle.contract.key].map(str)
        return keys.isin(differing).to_numpy("float64")
    if reason.column is None or reason.check == REFUSED:
        return odd.by_all_features(reason.check)
    if reason.stage == "contract":
        return odd.by_contract(reason.column)
    if reason.check is None:
        # A key, or whole rows, that came more than once.
        repeated = rows.duplicated([reason.column] if reason.column in rows else None, keep=False)
        return repeated.to_numpy("float64")
    return odd.by_check(reason.check, reason.column)


def _lost(reason: Reason, case: Case) -> np.ndarray:
    """Return what each row with an outcome has cost; those of a slice where it is of one.

    Where outcomes do not come, it is the rows without one; of those far off, no other.
    """
    rows, far = case.profile.sample, reason.check == FAR
    if OUTCOME in rows and reason.stage == "outcomes" and reason.level == "watch" and not far:
        return rows[OUTCOME].isna().to_numpy("float64")
    lost = row_losses(case)
    if far:
        return np.where(lost >= reason.number, lost, 0)
    column, _, value = (reason.column or "").partition(" = ")
    return np.where(rows[column].map(str) == value, lost, 0) if column in rows else lost
