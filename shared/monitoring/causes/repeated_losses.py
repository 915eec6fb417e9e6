"""A loss of quality that goes away without rows that come again: the world is as it was.

Where only the true outcomes are sent three times, the model is none the worse, and would learn from
these rows that they are more.
"""

from shared.monitoring.case import Case
from shared.monitoring.causes import repeated_rows, suspects
from shared.monitoring.findings import Findings


def explain(case: Case, findings: Findings) -> bool:
    """Say whether most of what all rows have lost is gone without those that repeat."""
    repeat = findings.repeated
    rows = suspects.known_rows(case) if repeat else None
    if repeat is None or rows is None or len(rows) < suspects.FEWEST_ROWS:
        return False
    once = repeated_rows.only_once(rows, case, repeat)
    if not suspects.FEWEST_ROWS <= len(once) < len(rows):
        return False
    before = suspects.errors_before(case)
    now, left = suspects.errors_now(rows, case), suspects.errors_now(once, case)
    return now.share_gone_without_rows(left, before) >= suspects.GONE
