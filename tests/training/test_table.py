"""The rows of a training: read whole, in the order of time, described."""

from pathlib import Path

import pandas as pd

from shared.settings import Settings
from shared.tasks.binary.binary_task import Binary
from shared.training import table
from shared.training.pinned import Pinned
from tests.conftest import loans


def test_only_the_problem_s_columns_are_read(settings: Settings, tmp_path: Path) -> None:
    place = str(tmp_path / "loans.parquet")
    loans(300).assign(secret=1).to_parquet(place, index=False)
    found, contract, violations = table.load(settings, Pinned(place, None))
    assert list(found) == [column.name for column in contract.columns]
    assert "secret" not in found
    assert violations == []


def test_a_table_is_described_by_its_rows_span_and_outcomes(settings: Settings) -> None:
    rows = pd.DataFrame(
        {
            "applied": pd.to_datetime(["2024-01-01 10:00", "2024-01-01 12:00", "2024-01-03 00:00"]),
            "income": [1.0, None, 3.0],
            "defaulted": [1.0, 0.0, None],
        }
    )
    facts = table.facts(rows, Binary(), settings, Pinned("loans", 3))
    assert len(facts.pop("fingerprint")) == 64
    assert facts.pop("missing") == {"applied": 0, "income": 1 / 3, "defaulted": 1 / 3}
    assert facts == {
        "source": "loans",
        "version": 3,
        "rows": 3,
        "columns": 3,
        "from": "2024-01-01 10:00:00+00:00",
        "to": "2024-01-03 00:00:00+00:00",
        "rows without outcome": 1,
        "share positive": 0.5,
        "per_day": {"2024-01-01": 2, "2024-01-03": 1},
    }


def test_rows_are_in_the_order_of_time_those_without_one_last(
    settings: Settings, tmp_path: Path
) -> None:
    place = str(tmp_path / "loans.parquet")
    rows = loans(300)
    rows.loc[7, "applied"] = None
    rows.sample(frac=1, random_state=0).to_parquet(place, index=False)
    found, _, _ = table.load(settings, Pinned(place, None))
    assert found["applied"].head(299).is_monotonic_increasing
    assert found["loan"].tolist()[-1] == rows["loan"][7]
    at = found.set_index("loan")["income"]
    pd.testing.assert_series_equal(at.sort_index(), rows.set_index("loan")["income"].sort_index())
