"""What a row of the table has to be: by the settings, the table, and the origin's first values."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shared.errors import Refusal
from shared.ingestion import plan, read, reconcile
from shared.schema.contract import Contract, ContractColumn
from shared.schema.inference import infer_contract
from shared.settings import Settings
from shared.settings_reading import typed_settings
from shared.tables import sources
from tests.conftest import loans
from tests.ingestion.conftest import ingest, with_ingest


def with_features(settings: Settings, *names: str) -> Settings:
    plain = settings.model_dump(mode="json")
    return typed_settings(plain | {"features": [*plain["features"], *names]})


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_the_first_values_give_a_column_its_type_however_late_they_come(
    shop: Settings, kind: str
) -> None:
    late = np.where(np.arange(300) < 250, np.nan, 1.5)
    getattr(loans(300).assign(score=late), f"to_{kind}")(f"late.{kind}", index=False)
    wider = with_features(with_ingest(shop, origin=f"late.{kind}", batch_rows=100), "score")
    assert ingest(wider, "1").new == 300
    assert sources.read_source("lake/loans")["score"].sum() == 75


@pytest.mark.parametrize(
    ("later", "kept"),
    [([1.5, 2.5], "float64"), ([None, None], "float64"), (["1", "many"], "int64")],
)
def test_a_folders_files_give_a_column_the_type_that_holds_all_of_its_numbers(
    shop: Settings, later: list[Any], kept: str
) -> None:
    Path("months").mkdir()
    rows = loans(300)
    rows.head(200).assign(score=7).to_parquet("months/1.parquet", index=False)
    rows.tail(100).assign(score=later * 50).to_parquet("months/2.parquet", index=False)
    wider = with_features(with_ingest(shop, origin="months"), "score").model_dump(mode="json")
    wider["contract"] |= {"score": {"nullable": True}}
    done = ingest(typed_settings(wider), "1")
    # What is no number at all is rejected row by row.
    assert (done.new, done.rejected) == ((250, 50) if later[1] == "many" else (300, 0))
    assert sources.read_source("lake/loans")["score"].dtype == kept


def test_a_column_without_any_value_has_no_type_until_it_has_values(shop: Settings) -> None:
    wider = with_features(shop, "score")
    loans(300).assign(score=None).to_parquet("new.parquet", index=False)
    planned = plan.plan_ingest(wider, "0")
    assert planned.without_values == ("score",)
    assert ingest(wider, "1").new == 300
    assert "score" not in sources.read_source("lake/loans")
    loans(300).assign(score="good").to_parquet("new.parquet", index=False)
    with pytest.raises(Refusal, match="column 'score' had no value when the ingest began"):
        read.stage_part(planned, planned.parts[0], wider)
    assert ingest(wider, "2").corrected == 300
    assert set(sources.read_source("lake/loans")["score"]) == {"good"}


@pytest.mark.parametrize("kind", ["parquet", "csv"])
@pytest.mark.parametrize("is_first", [True, False])
def test_a_column_that_some_files_lack_is_refused_with_a_way_out_that_works(
    shop: Settings, kind: str, is_first: bool
) -> None:
    """Monthly files begin to have a column, or lose one."""
    Path("months").mkdir()
    rows = loans(300).assign(bonus=1.5)
    for month, part in enumerate((rows[:150], rows[150:])):
        kept = part.drop(columns="bonus") if (month == 0) == is_first else part
        getattr(kept, f"to_{kind}")(f"months/{month}.{kind}", index=False)
    wider = with_features(with_ingest(shop, origin="months"), "bonus")
    way_out = r"no column 'bonus': .* come without: \[contract\] bonus = \{ nullable = true \}"
    with pytest.raises(Refusal, match=way_out):
        ingest(wider, "1")
    said = wider.model_dump(mode="json")
    contract = said["contract"] | {"bonus": {"nullable": True}}
    assert ingest(typed_settings(said | {"contract": contract}), "2").new == 300
    found = sources.read_source("lake/loans").sort_values("applied")["bonus"]
    assert found.notna().tolist() == [not is_first] * 150 + [is_first] * 150


@pytest.mark.parametrize("is_later", [True, False])
def test_a_text_that_makes_texts_of_a_new_column_of_numbers_is_told(
    shop: Settings, capsys: pytest.CaptureFixture[str], is_later: bool
) -> None:
    scores = pd.Series(range(300)).astype(str)
    scores[299 if is_later else 0] = "none"
    loans(300).assign(score=scores).to_csv("new.csv", index=False)
    wider = with_features(with_ingest(shop, origin="new.csv", batch_rows=100), "score")
    found = plan.plan_ingest(wider, "0").contract["score"].type
    assert found in ("category", "text")
    (told,) = [line for line in capsys.readouterr().out.splitlines() if "doubt" in line]
    assert told.startswith("doubt: score is no number, as 'none' is none, but 99% of its values")


@pytest.mark.parametrize("later", ["A7", "007", "true"])
def test_all_cells_of_new_csv_files_decide_what_a_column_is(shop: Settings, later: str) -> None:
    Path("months").mkdir()
    loans(150).assign(code=7).to_csv("months/1.csv", index=False)
    loans(300)[150:].assign(code=later).to_csv("months/2.csv", index=False)
    wider = with_features(with_ingest(shop, origin="months"), "code")
    done = ingest(wider, "1")
    assert (done.new, done.rejected) == (300, 0)
    assert {*sources.read_source("lake/loans")["code"]} == {"7", later}


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        ("1e999", "not a number"),
        ("9" * 1_001, "a whole number of more digits than can be kept"),
    ],
)
@pytest.mark.parametrize("at", [7, 250])
def test_a_number_that_no_float_holds_rejects_its_row_and_types_no_column(
    shop: Settings, odd: str, why: str, at: int
) -> None:
    rows = loans(300)
    rows["score"] = ["1"] * at + [odd] + ["2"] * (299 - at)
    rows.to_csv("new.csv", index=False)
    wider = with_features(with_ingest(shop, origin="new.csv", batch_rows=100), "score")
    done = ingest(wider, "1")
    assert (done.new, done.reasons) == (299, {f"score: {why}": 1})
    assert sources.read_source("lake/loans")["score"].dtype == "float64"
    assert sources.read_source("lake/loans.rejected")["score"].tolist() == [odd]


def test_a_column_that_no_file_has_is_refused_though_it_may_be_missing(shop: Settings) -> None:
    said = with_features(shop, "bonus").model_dump(mode="json")
    contract = said["contract"] | {"bonus": {"nullable": True, "type": "number"}}
    loans(300).to_parquet("new.parquet", index=False)
    with pytest.raises(Refusal, match="'bonus'. are named in the settings but not in the source"):
        ingest(typed_settings(said | {"contract": contract}), "1")


def test_features_may_be_named_like_the_columns_of_rejected_rows(shop: Settings) -> None:
    rows = loans(300).assign(row="r", reason="moving")
    rows.loc[7, "age"] = 300
    rows.to_parquet("new.parquet", index=False)
    done = ingest(with_features(shop, "row", "reason"), "1")
    assert (done.new, done.rejected) == (299, 1)
    aside = sources.read_source("lake/loans.rejected")
    assert aside[["row", "reason", "reason_"]].to_numpy().tolist() == [
        ["r", "moving", "age: outside 18 to 120"]
    ]


def test_an_ingest_that_rejects_every_row_is_refused_and_keeps_them(shop: Settings) -> None:
    loans(300).assign(age=300).to_parquet("new.parquet", index=False)
    done = ingest(shop, "1")
    with pytest.raises(Refusal, match="every one of 300 rows was rejected, 300 of them since age:"):
        reconcile.refuse_all_rejected(done)
    assert len(sources.read_source("lake/loans.rejected")) == 300


def test_keys_that_no_whole_number_holds_are_kept_as_texts(shop: Settings) -> None:
    rows = pa.Table.from_pandas(loans(300), preserve_index=False)
    keys = pa.array([2**64 - 300 + at for at in range(300)], pa.uint64())
    pq.write_table(rows.set_column(0, "loan", keys), "new.parquet")
    untyped = typed_settings(
        shop.model_dump(mode="json") | {"contract": {"age": {"minimum": 18, "maximum": 120}}}
    )
    assert ingest(untyped, "1").new == 300
    assert max(sources.read_source("lake/loans")["loan"]) == str(2**64 - 1)


def test_cells_are_read_by_the_table_and_never_by_their_first_batch(shop: Settings) -> None:
    rows = loans(300)
    rows["region"] = ["7"] * 150 + ["007"] * 150
    rows.to_csv("new.csv", index=False)
    csv = with_ingest(shop, origin="new.csv", batch_rows=100)
    said = csv.model_dump(mode="json")
    typed = typed_settings(said | {"contract": said["contract"] | {"region": {"type": "category"}}})
    assert ingest(typed, "1").new == 300
    assert set(sources.read_source("lake/loans")["region"]) == {"7", "007"}
    # The table says by now what the settings do not.
    assert ingest(csv, "2").unchanged == 300


def test_a_target_of_two_texts_is_kept_as_they_are(shop: Settings) -> None:
    rows = loans(300)
    rows["defaulted"] = np.where(np.arange(300) < 200, "paid", "lost")
    rows.to_parquet("new.parquet", index=False)
    own = typed_settings(
        shop.model_dump(mode="json", exclude={"positive"})
        | {"target": {"name": "defaulted", "positive": "lost"}}
    )
    assert ingest(own, "1").new == 300
    assert set(sources.read_source("lake/loans")["defaulted"]) == {"paid", "lost"}


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_a_target_s_text_that_is_none_of_its_two_rejects_its_row_as_outcomes_do(
    shop: Settings, kind: str
) -> None:
    """By the champion, by the table, or by most of the first rows."""
    rows = loans(300)
    rows["defaulted"] = ["maybe", *["lost", "paid"] * 149, "paid"]
    getattr(rows, f"to_{kind}")(f"new.{kind}", index=False)
    own = typed_settings(
        with_ingest(shop, origin=f"new.{kind}").model_dump(mode="json", exclude={"positive"})
        | {"target": {"name": "defaulted", "positive": "lost"}}
    )
    first = ingest(own, "1")
    assert (first.new, first.reasons) == (299, {"defaulted: neither paid nor lost": 1})
    getattr(rows[:1], f"to_{kind}")(f"new.{kind}", index=False)
    assert ingest(own, "2").reasons == {"defaulted: neither paid nor lost": 1}
    target = ContractColumn(name="defaulted", type="boolean", truths=("maybe", "lost"))
    champion = contract_of_champion(own, target)
    assert ingest(own, "3", champion).new == 1


def test_a_first_ingest_takes_the_champion_s_types(shop: Settings) -> None:
    """Not what the first values look like: a code of digits, a whole number that is none."""
    rows = loans(300).assign(code=7, score=range(300))
    rows.to_csv("new.csv", index=False)
    wider = with_features(with_ingest(shop, origin="new.csv"), "code", "score")
    columns = [ContractColumn(name=n, type=t) for n, t in (("code", "category"), ("score", "text"))]
    assert ingest(wider, "1", contract_of_champion(wider, *columns)).new == 300
    found = sources.read_source("lake/loans")
    assert {*found["code"]} == {"7"}
    assert {*found["score"]} == {*map(str, range(300))}


def contract_of_champion(settings: Settings, *columns: ContractColumn) -> Contract:
    return Contract(
        key=settings.key,
        time=settings.time,
        target=settings.target,
        features=settings.features,
        columns=columns,
    )


def test_a_column_that_differs_from_the_table_s_in_case_is_refused(shop: Settings) -> None:
    ingest(shop, "1")
    plain = shop.model_dump(mode="json")
    features = ["Age" if name == "age" else name for name in plain["features"]]
    renamed = typed_settings(plain | {"features": features, "contract": {}})
    loans(300).rename(columns={"age": "Age"}).to_parquet("new.parquet", index=False)
    with pytest.raises(Refusal, match="column 'Age' is 'age' in the table, which differs only in"):
        ingest(renamed, "2")


def test_a_wide_folder_of_csv_is_read_as_a_file_of_it_is(shop: Settings) -> None:
    Path("many").mkdir()
    pd.DataFrame(loans(300)).to_csv("many/1.csv.gz", index=False)
    assert ingest(with_ingest(shop, origin="many/"), "1").new == 300


def test_an_odd_label_among_others_rejects_its_row_and_not_the_ingest(shop: Settings) -> None:
    rows = loans(300)
    rows["defaulted"] = ["maybe", *["true", "false"] * 149, "N"]
    rows.to_parquet("new.parquet", index=False)
    done = ingest(shop, "1")
    assert (done.new, done.reasons) == (299, {"defaulted: not a boolean": 1})
    rows["defaulted"] = ["lost", "paid"] * 150
    rows.to_parquet("new.parquet", index=False)
    with pytest.raises(Refusal, match="say which of two is true"):
        ingest(shop, "2")


@pytest.mark.parametrize("labels", [["1", "2"], [1, 2], ["Y", "J"], [0.0, float("inf")]])
def test_a_new_target_with_one_known_word_is_refused_as_training_does(
    shop: Settings, labels: list[Any]
) -> None:
    rows = loans(300)
    rows["defaulted"] = labels * 150
    rows.to_parquet("new.parquet", index=False)
    said = []
    for door in (lambda: ingest(shop, "1"), lambda: infer_contract(rows, shop)):
        with pytest.raises(Refusal, match="say which of two is true") as refused:
            door()
        said.append(str(refused.value))
    assert said[0] == said[1]
    assert all(repr(str(label)) in said[0] for label in labels)


@pytest.mark.parametrize("labels", [["1", "2"], [1, 2], [2.0, 1.0], ["1", "-1"]])
def test_a_known_target_that_turns_to_other_codes_is_refused_and_not_taken_by_halves(
    shop: Settings, labels: list[Any]
) -> None:
    loans(300).to_parquet("new.parquet", index=False)
    assert ingest(shop, "1").new == 300
    rows = loans(300).assign(defaulted=labels * 150)
    rows.to_parquet("new.parquet", index=False)
    with pytest.raises(Refusal, match="say which of two is true"):
        ingest(shop, "2")
    # Beside true and false a stray code is a mistake.
    rows["defaulted"] = ["1", *["1", "0"] * 149, "2"]
    rows.to_parquet("new.parquet", index=False)
    assert ingest(shop, "3").reasons == {"defaulted: not a boolean": 1}
