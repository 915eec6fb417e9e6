"""A model file is looked at before it is read: its types, what it declares, what it is."""

import functools
import io
import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import FunctionTransformer
from skops import io as skops_io

from shared.errors import Refusal
from shared.model.bundle import Bundle, open_bundle
from shared.model.files import model_file, trust
from tests.model.changed import changed_bundle

OURS = "tests.model.files.test_model_file"


class Strange(LogisticRegression):
    """A type that no library brings; it notes that it was made."""

    made = 0

    def __setstate__(self, state: dict[str, Any]) -> None:
        type(self).made += 1
        super().__setstate__(state)


def written(folder: Path, content: bytes) -> Path:
    file = folder / "model.skops"
    file.write_bytes(content)
    return file


def refused(file: Path) -> str:
    with pytest.raises(Refusal) as refusal:
        model_file.load(file, "loans", ())
    words = str(refusal.value)
    assert "\n" not in words
    return words


def test_a_type_that_nobody_trusts_here_is_not_made(tmp_path: Path) -> None:
    file = written(tmp_path, skops_io.dumps(Strange()))
    assert refused(file) == (
        f"it has types that are not trusted here: ['{OURS}.Strange']; if you trust them, name each "
        f'by --trust, or in the settings: [package] trust = ["{OURS}.Strange"]'
    )
    assert Strange.made == 0
    assert isinstance(model_file.load(file, "loans", (f"{OURS}.Strange",)), Strange)
    assert Strange.made == 1


def test_what_the_bundle_itself_lists_as_trusted_is_only_a_message(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = {"model.skops": skops_io.dumps(Strange())}
    folder = changed_bundle(bundle, tmp_path / "strange", content, trusted=[f"{OURS}.Strange"])
    with pytest.raises(Refusal, match=r"model.skops: it has types that are not trusted here"):
        open_bundle(folder).model  # noqa: B018
    assert isinstance(open_bundle(folder, (f"{OURS}.Strange",)).model, Strange)
    monkeypatch.setenv(trust.VARIABLE, f"{OURS}.Strange")
    assert isinstance(open_bundle(folder).model, Strange)


def test_a_call_that_is_put_together_in_the_file_is_not_trusted(tmp_path: Path) -> None:
    call = FunctionTransformer(functools.partial(print, "hello"))
    words = refused(written(tmp_path, skops_io.dumps(call)))
    assert "['builtins.print', 'functools.partial']" in words


@pytest.mark.parametrize(
    "content",
    [b"", b"no archive", skops_io.dumps(LogisticRegression())[:200], pickle.dumps([1])],
    ids=["empty", "text", "torn", "pickle"],
)
def test_what_is_no_model_file_is_refused(tmp_path: Path, content: bytes) -> None:
    assert refused(written(tmp_path, content)) == (
        "it is no skops file, or not all of one: write it by skops.io.dump (a pickle is not read, "
        "as that executes it)"
    )


@pytest.mark.parametrize(
    "schema",
    [
        *("{}", "[]", "no JSON", '{"protocol": 99}', "[" * 100_000),
        '{"protocol": 2, "__loader__": "NoNode", "__class__": "x", "__module__": "y"}',
    ],
)
def test_a_model_file_that_skops_cannot_read_is_refused(tmp_path: Path, schema: str) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("schema.json", schema)
    assert refused(written(tmp_path, made.getvalue())).startswith("it cannot be read (")


def test_a_model_file_that_declares_far_more_than_it_has_is_not_unpacked(tmp_path: Path) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("schema.json", json.dumps({"protocol": 2, "content": " " * 1_000_000}))
    assert refused(written(tmp_path, made.getvalue())).endswith("bytes, too many for its size")


def test_a_file_says_which_types_it_names_without_being_read(
    bundle: Bundle, tmp_path: Path
) -> None:
    assert model_file.names_any(bundle.path, ["Unheard", "HistGradientBoostingClassifier"])
    assert not model_file.names_any(bundle.path, ["HistGradientBoosting"])
    written(tmp_path, b"no archive")
    assert not model_file.names_any(tmp_path, ["HistGradientBoostingClassifier"])
    assert not model_file.names_any(tmp_path / "nowhere", ["HistGradientBoostingClassifier"])
