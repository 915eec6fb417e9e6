"""Reasons beside a table's answers: those of `POST /explain`, which sum to the answers."""

from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pyarrow as pa
import pytest

from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.monitoring.windows import scope
from shared.monitoring.windows.reading import WindowReader
from shared.reasons.explanations import Explainer
from shared.scoring import score
from shared.scoring.answers import Scorer
from shared.scoring.reasons import Reasons
from shared.settings import Settings
from tests.conftest import bundle_of
from tests.kinds import KINDS, Kind
from tests.reasons.test_explanations import numbers
from tests.scoring.conftest import read_answers, score_asked


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_kind_of_answer_has_reasons_that_sum_to_it_as_one_row_has_them(
    kind: Kind, tmp_path: Path
) -> None:
    bundle = bundle_of(kind.claims(1_500, 0), kind.settings(), "boosting", tmp_path / "claims")
    asked = kind.asked(rows=20)
    scorer = Scorer(bundle, features=True, reasons=Reasons(bundle))
    answered = scorer.answer(pa.Table.from_pandas(asked, preserve_index=False))
    found = answered.with_reasons.to_pylist()
    assert len(found) == len(answered.answers)
    explainer = Explainer(bundle)
    for row in found:
        reasons = row["reasons"]
        # Of several classes, the one that is answered.
        of = "probability" if "probability" in row else "prediction"
        assert row[reasons["of"]] == row[of]
        total = reasons["base_value"] + sum(reasons["contributions"].values())
        assert total == pytest.approx(row[of], abs=1e-9)
        alone = explainer.explain({name: row[name] for name in bundle.contract.features})
        assert (reasons["rows"], reasons["exact"]) == (alone.rows, alone.exact)
        assert reasons["contributions"] == pytest.approx(
            {one.feature: one.amount for one in alone.contributions}
        )
        assert reasons["standard_errors"] == pytest.approx(
            {one.feature: one.error for one in alone.contributions}
        )


def test_reasons_are_asked_for_make_no_other_answer_and_disturb_no_judging(
    bundle: Bundle, settings: Settings, asked: pd.DataFrame
) -> None:
    for folder in ("asked/part=1", "asked/part=2", "asked/part=3"):
        Path(folder).rename(folder.replace("asked/", ""))
    assert not score_asked(bundle, settings).explained
    bare = read_answers()
    assert "reasons" not in bare
    done = score_asked(bundle, settings, explain=True)
    assert (done.explained, done.partitions_scored_now, done.answered) == (True, 1, 100)
    assert score_asked(bundle, settings, explain=True).partitions_scored_now == 0
    pd.testing.assert_frame_equal(read_answers().drop(columns="reasons"), bare)
    assert WindowReader(scope.plan_table("scored"), bundle, settings).read().profile.size == 100


def test_a_table_without_rows_to_answer_has_the_columns_of_any_other(bundle: Bundle) -> None:
    names = [bundle.contract.key, bundle.contract.time, *bundle.contract.features]
    rows = pa.Table.from_pandas(bundle.golden()[names].head(3), preserve_index=False)
    scorer = Scorer(bundle, features=True, reasons=Reasons(bundle))
    some, none = scorer.answer(rows), scorer.answer(rows.slice(0, 0))
    assert none.with_reasons.schema == some.with_reasons.schema
    assert none.with_reasons.num_rows == 0


def test_reasons_that_take_longer_than_a_task_may_are_refused_before_the_work() -> None:
    slow = SimpleNamespace(row_seconds=lambda: 600.0)
    score._refuse_too_slow(slow, 6, 240)  # type: ignore[arg-type]
    with pytest.raises(
        Refusal, match=r"the reasons for 1,000 rows take about [\d,]+ minutes, and a"
    ):
        score._refuse_too_slow(slow, 1_000, 240)  # type: ignore[arg-type]


def test_how_long_a_row_takes_is_tried_and_those_of_a_model_that_adds_up_take_next_to_nothing(
    bundle: Bundle,
) -> None:
    assert Reasons(bundle).row_seconds() > 0
    adding = numbers(bundle, lambda rows: 2 * rows["age"])
    adding.golden = bundle.golden
    assert Reasons(adding).row_seconds() == 0
