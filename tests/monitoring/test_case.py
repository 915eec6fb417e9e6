"""A case: its span is the log's, or that of a file's rows."""

from dataclasses import replace
from datetime import UTC, datetime

from shared.model.bundle import Bundle
from shared.settings import Settings
from tests.monitoring.traffic import read_case, week


def test_a_file_spans_its_rows_and_a_log_what_was_asked_of_it(
    bundle: Bundle, settings: Settings
) -> None:
    rows = week(20)
    case = read_case(rows, bundle, settings)
    assert (case.start, case.until) == (rows["applied"].min(), rows["applied"].max())
    asked = {"start": datetime(2024, 4, 1, tzinfo=UTC), "until": datetime(2024, 4, 8, tzinfo=UTC)}
    logged = replace(case, scope=replace(case.scope, **asked))
    assert (logged.start, logged.until) == tuple(asked.values())
