"""`millrace runs`, `settings` and `unpack`: what the run history has, and a bundle out of it."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from shared.cli import main
from shared.cli.history import runs as listing
from shared.model import bundle as bundles
from shared.settings_reading import parse_settings
from tests.commands import refused, said
from tests.conftest import House, latest_digest
from tests.runs.runs import record


@pytest.mark.flow
def test_a_bundle_is_unpacked_into_a_new_folder_by_digest_or_run(
    packaged_house: House, tmp_path: Path
) -> None:
    digest = latest_digest(packaged_house)
    folder = tmp_path / "deep" / "bundle"
    told = said(packaged_house.folder, "unpack", digest[:8], str(folder))
    assert told == f"bundle {digest} is in {folder}; its README.md says how to serve it\n"
    assert bundles.open_bundle(folder).digest == digest


@pytest.mark.flow
def test_what_cannot_be_unpacked_is_refused_in_one_line(
    packaged_house: House, tmp_path: Path
) -> None:
    house, words = packaged_house.folder, ["--problem", "loans"]
    digest = latest_digest(packaged_house)
    said = refused(house, "unpack", digest, str(tmp_path), *words)
    assert f"{tmp_path} exists already: name a new folder" in said
    folder = tmp_path / "bundle"
    for unknown in ("deadbeef", digest[:7]):
        assert f"no bundle '{unknown}'" in refused(house, "unpack", unknown, str(folder), *words)
    other = refused(house, "unpack", digest, str(folder), "--problem", "flights")
    assert "is of the problem 'loans', not of 'flights': --problem loans" in other
    assert not folder.exists()


@pytest.mark.flow
def test_a_bundle_of_the_history_that_ranks_nothing_is_no_policy(packaged_house: House) -> None:
    digest = latest_digest(packaged_house)
    told = refused(packaged_house.folder, "off-policy", "--bundle", digest[:8])
    assert told == f"Error: bundle {digest[:12]} ranks nothing: it has no policy of slates\n"


def runs(*words: str) -> list[str]:
    """Return the lines of `millrace runs`."""
    result = CliRunner().invoke(main, ["runs", *words])
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


def test_runs_are_a_line_each_and_those_that_failed_say_why() -> None:
    failed = replace(record("MonitorFlow/1234", "failed"), failure="no file at loans.parquet")
    assert list(listing.run_lines([failed, record("TrainFlow/1", problem="flights")])) == [
        "2024-06-04 10:00  MonitorFlow/1234  loans    ada  failed: no file at loans.parquet",
        "2024-06-01 10:00  TrainFlow/1       flights  ada  done",
    ]
    assert list(listing.run_lines([])) == []


@pytest.mark.flow
def test_runs_are_listed_and_filtered(packaged_house: House, at_house: House) -> None:
    trained = runs("--flow", "train", "--problem", "loans", "--text", "MAY BE PACKAGED")[-1]
    assert "  TrainFlow/" in trained
    assert trained.endswith("  may be packaged")
    newest, hint = runs("--problem", "loans", "--most", "1")
    assert newest.split() == runs("--problem", "loans")[0].split()
    assert hint == "there are older ones: --most 2"
    assert runs("--until", "2020-01-01") == ["no run is like that"]


@pytest.mark.flow
def test_the_settings_of_a_run_are_written_as_a_flow_takes_them(
    packaged_house: House, at_house: House
) -> None:
    result = CliRunner().invoke(main, ["settings", latest_digest(packaged_house)[:8]])
    assert result.exit_code == 0, result.output
    assert parse_settings(result.output) == parse_settings(packaged_house.settings.read_text())


def test_a_flow_or_a_day_that_is_none_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for words, line in (
        (["--flow", "trian"], "Error: there is no flow 'trian'; there are ingest, train, package"),
        (["--since", "yesterday"], "'yesterday' does not match the format '%Y-%m-%d'"),
    ):
        result = CliRunner().invoke(main, ["runs", *words])
        assert result.exit_code != 0
        assert line in result.output
