"""`millrace serve` and `millrace key`: options that do not go together, and keys."""

from datetime import timedelta
from pathlib import Path

from click.testing import CliRunner
from skops import io as skops_io

from shared.cli import main
from shared.model.bundle import Bundle
from shared.serving.security import keys
from tests.commands import refused
from tests.model.changed import changed_bundle


def test_a_canary_without_a_challenger_is_refused(bundle: Bundle, tmp_path: Path) -> None:
    words = ("serve", "--bundle", str(bundle.path), "--canary", "0.1")
    said = refused(tmp_path, *words)
    assert "--canary is the share of a challenger: name one with --challenger" in said


def test_the_newest_cannot_be_followed_without_a_run_history(
    bundle: Bundle, tmp_path: Path
) -> None:
    said = refused(tmp_path, "serve", "--bundle", str(bundle.path), "--challenger", "newest")
    assert "--challenger newest follows a run history" in said


def test_a_bundle_of_another_problem_than_is_named_is_not_served(
    bundle: Bundle, tmp_path: Path
) -> None:
    words = ["--bundle", str(bundle.path), "--port", "0"]
    said = refused(tmp_path, "serve", "--problem", "flights", *words)
    assert f"bundle {bundle.path} is of the problem 'loans', not of 'flights'" in said


def test_no_bundle_is_served_but_the_one_that_is_pinned(bundle: Bundle, tmp_path: Path) -> None:
    words = ["--bundle", str(bundle.path), "--port", "0"]
    said = refused(tmp_path, "serve", *words, "--digest", "0" * 64)
    assert f"has the digest {bundle.digest}, not {'0' * 64}" in said
    done = CliRunner().invoke(main, ["serve", *words, "--digest", bundle.digest[:12]])
    assert done.exit_code == 2
    assert "a bundle is pinned by all 64 digits of its digest" in done.output


def test_who_serves_a_bundle_decides_what_its_model_may_have(
    bundle: Bundle, tmp_path: Path
) -> None:
    foreign = {"model.skops": skops_io.dumps(timedelta(1))}
    folder = changed_bundle(bundle, tmp_path / "odd", foreign, trusted=["datetime.timedelta"])
    words = ["serve", "--bundle", str(folder), "--port", "0", "--problem", "loans"]
    said = refused(tmp_path, *words)
    assert "it has types that are not trusted here: ['datetime.timedelta']" in said
    said = refused(tmp_path, *words, "--trust", "datetime.timedelta")
    assert "its model cannot answer its golden rows: AttributeError" in said


def test_a_key_is_shown_once_with_the_entry_that_lets_a_server_know_it() -> None:
    done = CliRunner().invoke(main, ["key", "--name", "shop", "--role", "predict"])
    assert done.exit_code == 0
    lines = dict(line.split(maxsplit=1) for line in done.output.splitlines()[:2])
    known = keys.Keys(keys.parse_keys(lines["entry:"], "here"))
    key = known.matching(lines["key:"].encode())
    assert key is not None
    assert (key.name, key.role) == ("shop", "predict")


def test_a_key_has_one_of_the_roles() -> None:
    done = CliRunner().invoke(main, ["key", "--name", "shop", "--role", "owner"])
    assert done.exit_code == 2
    assert "'owner' is not one of 'predict', 'outcomes', 'admin'" in done.output
