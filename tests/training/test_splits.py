import subprocess
import sys
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from shared import problems
from shared.errors import Refusal
from shared.schema.inference import infer_contract
from shared.schema.reading import typed_frame
from shared.sections.training import Split
from shared.settings import Settings
from shared.tasks.binary.binary_task import Binary
from shared.training import splits
from tests.conftest import FLIGHTS


def test_parts_follow_each_other_in_time_and_hold_every_labelled_row_once(settings, table):
    parts = splits.by_time(table, Binary(), settings)
    assert sum(map(len, parts.values())) == table["defaulted"].notna().sum()
    ends = [(part["applied"].min(), part["applied"].max()) for part in parts.values()]
    assert ends[0][1] < ends[1][0] <= ends[1][1] < ends[2][0]


def test_the_order_of_the_source_does_not_matter(settings, table):
    shuffled = splits.by_time(table.sample(frac=1, random_state=1), Binary(), settings)
    assert shuffled["holdout"].equals(splits.by_time(table, Binary(), settings)["holdout"])


def test_rows_are_told_apart_by_their_places_and_not_by_their_labels(settings, table):
    alike = table.set_axis([0] * len(table))
    parts = splits.by_time(alike, Binary(), settings)
    for name, rows in splits.by_time(table, Binary(), settings).items():
        pd.testing.assert_frame_equal(parts[name], rows)


def test_the_frame_that_is_split_stays_as_it_is(settings, table):
    before = table.copy()
    parts = splits.by_time(table, Binary(), settings)
    parts["train"].loc[:, "income"] = 0.0
    pd.testing.assert_frame_equal(table, before)


def test_dates_include_their_start_and_leave_out_their_end(settings, table):
    split = Split(
        start="2024-01-02", validation="2024-02-01", holdout="2024-03-01", end="2024-03-20"
    )
    parts = splits.by_time(table, Binary(), settings.model_copy(update={"split": split}))
    assert parts["train"]["applied"].min() >= pd.Timestamp("2024-01-02", tz="UTC")
    assert parts["holdout"]["applied"].min() >= pd.Timestamp("2024-03-01", tz="UTC")
    assert parts["holdout"]["applied"].max() < pd.Timestamp("2024-03-20", tz="UTC")


def test_rows_of_one_moment_stay_together(settings, table):
    frame = table.assign(applied=table["applied"].dt.floor("10D"))
    parts = splits.by_time(frame, Binary(), settings)
    moments = [set(part["applied"]) for part in parts.values()]
    assert not moments[0] & moments[1]
    assert not moments[1] & moments[2]


@pytest.mark.parametrize("rows", [0, 1])
def test_a_part_without_both_classes_is_refused_with_its_name(settings, table, rows):
    with pytest.raises(Refusal, match=r"nothing to learn|train has"):
        splits.by_time(table.dropna(subset="defaulted").head(rows), Binary(), settings)


def test_a_split_by_dates_moves_as_a_whole() -> None:
    flights = problems.load_problem(str(FLIGHTS))
    moved = splits.moved(flights, datetime(2013, 9, 1, tzinfo=UTC)).split
    later = timedelta(days=123)
    assert flights.split.validation
    assert flights.split.holdout
    assert moved.start == flights.split.start
    assert moved.validation == flights.split.validation + later
    assert moved.holdout == flights.split.holdout + later
    assert moved.end == datetime(2013, 9, 1, tzinfo=UTC)
    assert splits.moved(flights, None) is flights
    with pytest.raises(Refusal, match="leaves nothing to train on"):
        splits.moved(flights, datetime(2013, 2, 1, tzinfo=UTC))


def test_a_split_by_shares_ends_at_the_moment_that_is_given(
    settings: Settings, table: pd.DataFrame
) -> None:
    until = datetime(2024, 3, 1, tzinfo=UTC)
    parts = splits.by_time(table, Binary(), splits.moved(settings, until))
    assert parts["holdout"]["applied"].max() < until


IMPORTED = """
import sys
from shared.training import cards, splits, table
from shared.training.fitting import trials
print({"sklearn", "scipy.stats", "matplotlib"} & {*sys.modules})
"""


def test_what_cuts_rows_into_spans_starts_without_what_fits_and_draws() -> None:
    command = [sys.executable, "-c", IMPORTED]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "set()\n"


def test_rows_that_stand_together_are_cut_as_they_are(settings, table):
    rows = table.dropna(subset="defaulted").sort_values(["applied", "loan"], ignore_index=True)
    contract = infer_contract(rows, settings)
    places = splits.places(splits.labels(rows, contract), Binary(), settings)
    assert {type(part) for part in places.values()} == {range}
    cut = splits.cut(rows, places, contract)
    for name, part in splits.by_time(table, Binary(), settings).items():
        pd.testing.assert_frame_equal(cut[name], part)
    assert np.shares_memory(cut["train"]["income"], rows["income"])
    both = splits.seen(splits.cut(rows, splits.with_seen(places), contract))
    pd.testing.assert_frame_equal(both, splits.seen(cut))
    assert len(both) == len(cut["train"]) + len(cut["validation"])
    assert np.shares_memory(both["income"], rows["income"])


def test_rows_are_labelled_alike_as_their_source_has_them_and_typed(settings, table):
    contract = infer_contract(table, settings)
    labels = splits.labels(pa.Table.from_pandas(table), contract)
    pd.testing.assert_frame_equal(
        labels, typed_frame(table, contract)[["loan", "applied", "defaulted"]]
    )
    pd.testing.assert_frame_equal(splits.labels(labels, contract), labels)


def test_rows_in_any_order_are_cut_by_their_places(settings, table):
    mixed = table.sample(frac=1, random_state=1)
    contract = infer_contract(mixed, settings)
    cut = splits.cut(
        mixed, splits.places(mixed, Binary(), settings), contract, of_train=["region", "defaulted"]
    )
    parts = splits.by_time(table, Binary(), settings)
    assert cut["holdout"].equals(parts["holdout"])
    assert cut["train"].equals(parts["train"][list(cut["train"])])
    assert set(cut["train"]) == {"region", "defaulted"}
    both = splits.with_seen(splits.places(mixed, Binary(), settings))
    assert splits.seen(splits.cut(mixed, both, contract)).equals(splits.seen(parts))


def test_rows_of_one_moment_are_in_the_order_of_their_keys(settings, table):
    rows = table.dropna(subset="defaulted").copy()
    rows["applied"] = rows["applied"].dt.floor("7D")
    mixed = rows.sample(frac=1, random_state=2)
    parts = splits.by_time(mixed, Binary(), settings)
    found = pd.concat([*parts.values()])[["applied", "loan"]].reset_index(drop=True)
    assert found.equals(
        rows[["applied", "loan"]].sort_values(["applied", "loan"]).reset_index(drop=True)
    )


def test_rows_outside_the_span_are_left_out(settings: Settings, table: pd.DataFrame) -> None:
    until = "2024-03-20"
    dated = settings.model_copy(
        update={"split": settings.split.model_copy(update={"start": _moment("2024-02-01")})}
    )
    found = splits.within_span(table, dated, until)
    assert found.index.equals(pd.RangeIndex(len(found)))
    assert found[settings.time].min() >= _moment("2024-02-01")
    assert found[settings.time].max() < _moment(until)
    inside = table[settings.time].between(_moment("2024-02-01"), _moment(until), inclusive="left")
    assert len(found) == inside.sum()
    assert splits.within_span(table, settings, None).equals(table.reset_index(drop=True))


def _moment(date: str) -> pd.Timestamp:
    return pd.Timestamp(date, tz="UTC")
