"""Ingests one after another: what is new, corrected, or lost on the way."""

import numpy as np
import pandas as pd
import pytest

from shared.errors import Refusal
from shared.ingestion import plan, read, reconcile
from shared.settings import Settings
from shared.tables import sources
from shared.training import table
from shared.training.pinned import pin
from tests.conftest import loans
from tests.ingestion.conftest import ingest


def test_a_rerun_changes_nothing_and_a_version_is_read_again_as_it_was(shop: Settings) -> None:
    assert ingest(shop, "1").new == 300
    pinned = pin(shop, None)
    before = sources.fingerprint(table.load(shop, pinned)[0])
    again = ingest(shop, "2")
    assert (again.new, again.corrected, again.unchanged) == (0, 0, 300)
    assert again.version == pinned.version

    loans(300).assign(age=50).loc[:9].to_parquet("new.parquet", index=False)
    corrected = ingest(shop, "3")
    assert corrected.corrected == 10 - int(loans(300).loc[:9, "age"].eq(50).sum())
    assert corrected.version > again.version
    assert sources.fingerprint(table.load(shop, pinned)[0]) == before
    assert pin(shop, str(pinned.version)) == pinned
    assert sources.fingerprint(table.load(shop, pin(shop, "latest"))[0]) != before


def test_a_table_holds_what_a_file_does_so_that_a_model_learns_the_same(shop: Settings) -> None:
    ingest(shop, "1")
    found, contract, broken = table.load(shop)
    assert broken == []
    direct = shop.model_copy(update={"source": "new.parquet"})
    wanted, expected, _ = table.load(direct)
    assert contract == expected
    found, wanted = (
        f.sort_values("loan", ignore_index=True).replace({None: np.nan}) for f in (found, wanted)
    )
    pd.testing.assert_frame_equal(found, wanted, check_dtype=False)


def test_a_row_that_got_lost_on_the_way_is_refused(shop: Settings) -> None:
    planned = plan.plan_ingest(shop, "1")
    rows = read.stage_part(planned, planned.parts[0], shop)
    parts = reconcile.merge_parts(rows, shop)
    assert len(parts) == 3
    made = [reconcile.merge_part(planned, part, shop) for part in parts[:-1]]
    with pytest.raises(Refusal, match="300 rows were read, but"):
        reconcile.ingest_result(planned, rows, made)
