"""All rows of a table of which a sample was taken, from every kind of source."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from shared.model.inputs import model_input
from shared.sections.training import Train
from shared.settings import Settings
from shared.tasks.binary.binary_task import Binary
from shared.training import sampling, served_rows, splits, table, whole_table
from shared.training.pinned import pin
from shared.training.whole_table import WholeTable
from tests.training.test_sampling import DOORS, ROWS, laid


def read(settings: Settings, address: str) -> tuple[WholeTable, dict[str, pd.DataFrame]]:
    asked = settings.model_copy(update={"source": address, "train": Train(rows=600)})
    pinned = pin(asked, None)
    sampled = sampling.sample(asked, pinned)
    rows, contract, _ = table.load(asked, pinned, sampled)
    whole = whole_table.whole_table(pinned, sampled, contract, asked)
    assert whole is not None
    return whole, splits.by_time(rows, Binary(), asked)


@pytest.mark.parametrize("door", DOORS)
def test_all_rows_with_an_outcome_before_a_moment_come_as_a_model_takes_them(
    settings: Settings, tmp_path: Path, door: str
) -> None:
    whole, parts = read(settings, laid(tmp_path, door))
    moment = parts["validation"]["applied"].min()
    found = whole.before(moment)
    (part,) = found.parts(0)
    expected = ROWS[ROWS["defaulted"].notna() & (ROWS["applied"] < moment)]
    assert found.rows == len(part.rows) == len(expected) > 2 * len(parts["train"])
    names = list(whole.contract.features)
    inputs = model_input(part.rows, whole.contract)
    inputs["defaulted"] = part.rows["defaulted"].to_pandas()
    typed, _, _ = table.load(settings.model_copy(update={"source": whole.pinned.address}))
    typed = typed[typed["loan"].isin(expected["loan"])]
    wanted = model_input(typed, whole.contract).assign(defaulted=typed["defaulted"].astype(int))
    by: dict[str, Any] = {"by": [*names, "defaulted"], "ignore_index": True}
    pd.testing.assert_frame_equal(
        inputs.sort_values(**by), wanted.sort_values(**by), check_dtype=False
    )


def test_rows_are_shuffled_once_for_a_moment(settings: Settings, tmp_path: Path) -> None:
    whole, parts = read(settings, laid(tmp_path, "file"))
    moment, later = (parts[name]["applied"].min() for name in ("validation", "holdout"))
    assert whole.before(moment) is whole.before(moment)
    assert whole.before(moment).rows < whole.before(later).rows


def test_rows_of_the_log_are_among_them_but_for_keys_that_the_table_has(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, parts = read(settings, laid(tmp_path, "file"))
    moment = parts["validation"]["applied"].min()
    there = ROWS[ROWS["defaulted"].notna()].head(1)
    served = pd.concat([there, there.assign(loan="served")])
    monkeypatch.setattr(served_rows, "labelled_rows", lambda *_: served)
    more = replace(whole, served=True, _shuffled={})
    assert more.before(moment).rows == whole.before(moment).rows + 1
    assert more.source == f"{whole.source} and the log"


def test_a_table_that_is_read_whole_has_no_other_rows(settings: Settings, tmp_path: Path) -> None:
    asked = settings.model_copy(update={"source": laid(tmp_path, "file")})
    pinned = pin(asked, None)
    _, contract, _ = table.load(asked, pinned)
    assert whole_table.whole_table(pinned, None, contract, asked) is None
    every = sampling.sample(asked.model_copy(update={"train": Train(rows=10**6)}), pinned)
    assert whole_table.whole_table(pinned, every, contract, asked) is None
