"""`millrace serve` and `millrace key`: options that do not go together, and keys."""

from pathlib import Path

from click.testing import CliRunner

from shared.cli import main
from shared.model.bundle import Bundle
from shared.serving.security import keys
from tests.serving.processes import refused


def test_a_canary_without_a_challenger_is_refused(bundle: Bundle, tmp_path: Path) -> None:
    words = ("serve", "--bundle", str(bundle.path), "--canary", "0.1")
    said = refused(tmp_path, *words)
    assert "--canary is the share of a challenger: name one with --challenger" in said


def test_the_newest_cannot_be_followed_without_a_run_history(
    bundle: Bundle, tmp_path: Path
) -> None:
    said = refused(tmp_path, "serve", "--bundle", str(bundle.path), "--challenger", "newest")
    assert "--challenger newest follows a run history" in said


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
