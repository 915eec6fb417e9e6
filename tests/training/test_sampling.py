"""A training's table of which only some rows are read: from Delta, folders, files and functions."""

from pathlib import Path

import pandas as pd
import pytest
from deltalake import write_deltalake

from shared.errors import Refusal
from shared.sections.operation import Ingest
from shared.sections.training import Split, Train
from shared.settings import Settings
from shared.tasks.binary.binary_task import Binary
from shared.training import sampling, served_rows, splits, table
from shared.training.pinned import Pinned, pin
from tests.conftest import loans

ROWS = loans(3_000)
DOORS = ("delta", "folder", "csv", "file")


def of(settings: Settings, rows: int | None, **changed: object) -> Settings:
    return settings.model_copy(update={"train": Train(rows=rows), **changed})


def laid(folder: Path, door: str, rows: pd.DataFrame = ROWS) -> str:
    """Lay a table in several files, or in one; returns its address."""
    if door == "file":
        rows.to_parquet(folder / "loans.parquet", index=False)
        return str(folder / "loans.parquet")
    place = folder / door
    if door == "delta":
        days = rows.assign(day=rows["applied"].dt.strftime("%Y-%m-%d"))
        write_deltalake(str(place), days, partition_by=["day"])
        return str(place)
    place.mkdir()
    for number, at in enumerate(range(0, max(len(rows), 1), 700)):
        some = rows.iloc[at : at + 700]
        if door == "csv":
            some.to_csv(place / f"{number}.csv", index=False)
        else:
            some.to_parquet(place / f"{number}.parquet", index=False)
    return str(place)


def read(settings: Settings, address: str) -> pd.DataFrame:
    found, _, violations = table.load(settings, pin(at(settings, address), None))
    assert [each for each in violations if each.enforced] == []
    return found.sort_values("loan", ignore_index=True)


def at(settings: Settings, address: str) -> Settings:
    return settings.model_copy(update={"source": address})


@pytest.mark.parametrize("door", DOORS)
def test_so_many_rows_are_read_the_same_from_everywhere_evenly_over_time(
    settings: Settings, tmp_path: Path, door: str
) -> None:
    found = read(of(settings, 600), laid(tmp_path, door))
    direct = read(of(settings, 600), laid(tmp_path / "..", "file"))
    assert len(found) == 600
    assert found["loan"].tolist() == direct["loan"].tolist()
    whole = read(settings, laid(tmp_path / "..", "file"))
    assert found.equals(whole[whole["loan"].isin(found["loan"])].reset_index(drop=True))
    months = [rows["applied"].dt.month.value_counts().sort_index() for rows in (found, whole)]
    assert (months[0] - months[1] / 5).abs().max() <= 2


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("rows", [3_000, 3_001, 10**9])
def test_a_table_of_no_more_rows_is_read_whole(
    settings: Settings, tmp_path: Path, door: str, rows: int
) -> None:
    address = laid(tmp_path, door)
    assert read(of(settings, rows), address).equals(read(settings, address))
    sampled = sampling.sample(at(of(settings, rows), address), Pinned(address, None))
    assert sampled is not None
    assert sampled.is_whole
    assert sampling.sample_words(sampled) == ""


def test_an_empty_table_is_refused_as_ever(settings: Settings, tmp_path: Path) -> None:
    address = laid(tmp_path, "folder", ROWS.iloc[:0])
    for few in (settings, of(settings, 10)):
        with pytest.raises(
            Refusal, match="folder has no rows: nothing tells what it holds|holds no value"
        ):
            table.load(few, Pinned(address, None))
    write_deltalake(str(tmp_path / "none"), ROWS.iloc[:0])
    with pytest.raises(Refusal, match="has no rows yet"):
        table.load(of(settings, 10), Pinned(str(tmp_path / "none"), 0))


def test_a_version_is_sampled_as_it_was(settings: Settings, tmp_path: Path) -> None:
    address = laid(tmp_path, "delta")
    few = of(at(settings, "loans.parquet"), 500, ingest=Ingest(table=address))
    before = table.load(few, pin(few, "latest"))[0]
    write_deltalake(
        address,
        loans(3_000, 1).assign(day="2024-04-01"),
        mode="append",
        partition_by=["day"],
    )
    assert table.load(few, pin(few, "0"))[0].equals(before)
    after = table.load(few, pin(few, "latest"))[0]
    assert len(after) == 500
    assert set(after["loan"]) != set(before["loan"])


def test_a_function_s_frame_is_sampled_too(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rows_of_loans.py").write_text(
        "from tests.conftest import loans\n\n\ndef table():\n    return loans(3_000)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    found = read(of(settings, 600), "rows_of_loans:table")
    assert found.equals(read(of(settings, 600), laid(tmp_path, "file")))


def test_how_many_of_how_many_is_said_and_is_a_fact(settings: Settings, tmp_path: Path) -> None:
    few, pinned = of(settings, 600), Pinned(laid(tmp_path, "file"), None)
    sampled = sampling.sample(few, pinned)
    words = "600 of 3,000 rows, evenly over time"
    assert sampling.sample_words(sampled) == f"[train] rows: {words} are read"
    found = table.load(few, pinned, sampled)[0]
    facts = table.facts(found, Binary(), few, pinned, sampled)
    assert (facts["rows"], facts["sample"], facts["share sampled"]) == (600, words, 0.2)
    assert sampling.sample(settings, pinned) is None
    assert "sample" not in table.facts(found, Binary(), settings, pinned)


def test_what_is_wrong_among_the_rows_that_are_read_is_a_violation(
    settings: Settings, tmp_path: Path
) -> None:
    broken = ROWS.assign(age=200, applied=ROWS["applied"].dt.floor("30D"))
    pinned = Pinned(laid(tmp_path, "file", pd.concat([broken, broken])), None)
    violations = table.load(of(settings, 600), pinned)[2]
    problems = {each.column: each for each in violations if each.enforced}
    assert problems["age"].problem == "outside 18 to 120"
    assert problems["age"].rows == problems["loan"].rows >= 590
    assert problems["loan"].problem == "not unique"


def test_too_few_rows_for_the_split_are_said_in_one_line(
    settings: Settings, tmp_path: Path
) -> None:
    address = laid(tmp_path, "file")
    few = of(settings, 6)
    with pytest.raises(Refusal, match=r"move the dates or shares in \[split\], or raise \[train\]"):
        splits.by_time(table.load(few, Pinned(address, None))[0], Binary(), few)
    gap = ROWS.assign(guarantee=["house", *[None] * 2_999])
    gap.to_parquet(tmp_path / "gap.parquet", index=False)
    with pytest.raises(Refusal, match=r"'guarantee' has no value .* \(\[train\] rows: 6 of 3,000"):
        table.load(few, Pinned(str(tmp_path / "gap.parquet"), None))


def test_a_column_that_is_not_there_is_said_before_rows_are_read(
    settings: Settings, tmp_path: Path
) -> None:
    pinned = Pinned(laid(tmp_path, "folder", ROWS.drop(columns="loan")), None)
    with pytest.raises(Refusal, match=r"columns \['loan'\] are named in the settings but not in"):
        sampling.sample(of(settings, 600), pinned)


def test_a_key_that_all_rows_share_is_said(settings: Settings, tmp_path: Path) -> None:
    pinned = Pinned(laid(tmp_path, "folder", ROWS.assign(loan="x")), None)
    with pytest.raises(Refusal, match=r"by 'loan', of which single values stand in so many"):
        sampling.sample(of(settings, 600), pinned)


def test_of_rows_that_were_served_as_large_a_share_is_added(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = loans(1_000, 1).assign(applied=lambda rows: rows["applied"] + pd.Timedelta(days=90))
    log = pd.concat([ROWS.dropna(subset="defaulted"), later.dropna(subset="defaulted")])

    def labelled(rows: pd.DataFrame, contract: object, settings: Settings) -> pd.DataFrame:
        return log.loc[~log["loan"].isin(rows["loan"])]

    monkeypatch.setattr(served_rows, "labelled_rows", labelled)
    few, pinned = of(settings, 600), Pinned(laid(tmp_path, "file"), None)
    without = table.load(few, pinned)[0]
    found = table.load(few, pinned, served=True)[0]
    assert set(found["loan"][:600]) == set(without["loan"])
    added = found["loan"][600:]
    assert added.str.startswith("L1-").all()
    assert len(added) == pytest.approx(200, abs=40)


def test_the_parts_of_a_split_are_sampled_alike(settings: Settings, tmp_path: Path) -> None:
    few = of(settings, 1_000, split=Split(validation="2024-02-01", holdout="2024-03-01"))
    address = laid(tmp_path, "delta")
    parts = splits.by_time(table.load(few, Pinned(address, None))[0], Binary(), few)
    whole = splits.by_time(table.load(settings, Pinned(address, None))[0], Binary(), few)
    for name, rows in parts.items():
        assert len(rows) == pytest.approx(len(whole[name]) / 3, rel=0.06)
