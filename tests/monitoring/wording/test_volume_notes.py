"""Of a file with far fewer rows than are expected it is said, where it is no reason for alarm."""

import pandas as pd
import pytest

from tests.monitoring.traffic import week


def share_of_days(share: float, days: float) -> pd.DataFrame:
    """Return a share of the rows of some days, evenly."""
    rows = week(233).sort_values("applied")
    until = rows["applied"].min() + pd.Timedelta(days=days)
    return rows[rows["applied"] < until].iloc[:: round(1 / share)].reset_index(drop=True)


@pytest.mark.parametrize(
    ("share", "days", "said"),
    [
        (1.0, 7, None),
        (0.2, 7, "are expected: it may be a sample, so how many rows came is not judged."),
    ],
)
def test_how_many_rows_a_file_lacks_is_said(
    judged, share: float, days: float, said: str | None
) -> None:
    notes = [note for note in judged(share_of_days(share, days)).notes if "are expected" in note]
    assert len(notes) == (said is not None)
    assert said is None or (notes[0].startswith("The file has ") and notes[0].endswith(said))
