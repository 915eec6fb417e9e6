import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from shared.errors import Refusal
from shared.model import bundle as bundles
from tests.model.changed import changed_bundle


@pytest.fixture
def copied(bundle, tmp_path):
    return shutil.copytree(bundle.path, tmp_path / "copy")


def test_a_bundle_has_what_the_design_says(bundle):
    files = "manifest.json model.skops contract.json settings.json reference.parquet profile.json"
    others = "evaluation.json golden.parquet requirements.lock wheels Dockerfile README.md"
    assert {p.name for p in bundle.path.iterdir()} == {*files.split(), *others.split()}


def test_a_copy_has_the_same_digest_and_the_golden_rows_the_same_probabilities(copied, bundle):
    opened = bundles.open_bundle(copied)
    assert opened.digest == bundle.digest
    golden = opened.golden()
    apart = np.abs(opened.scores(golden) - golden["probability"])
    assert apart.max() < 1e-9


@pytest.mark.parametrize(
    "name", ["model.skops", "contract.json", "reference.parquet", "requirements.lock"]
)
def test_one_changed_byte_is_refused_by_the_name_of_the_file(copied, name):
    content = bytearray((copied / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copied / name).write_bytes(content)
    with pytest.raises(Refusal, match=name):
        bundles.open_bundle(copied)


def test_a_model_that_was_changed_after_the_bundle_was_opened_is_not_loaded(copied):
    opened, file = bundles.open_bundle(copied), copied / "model.skops"
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(Refusal, match="model.skops is not the file that was packaged"):
        opened.model  # noqa: B018
    file.unlink()
    with pytest.raises(Refusal, match="model.skops cannot be read"):
        opened.model  # noqa: B018


def test_a_missing_and_an_added_file_are_refused_by_name(copied):
    (copied / "extra.txt").write_text("hello")
    with pytest.raises(Refusal, match="extra.txt is not in the manifest"):
        bundles.open_bundle(copied)
    (copied / "extra.txt").unlink()
    (copied / "golden.parquet").unlink()
    with pytest.raises(Refusal, match="golden.parquet is missing"):
        bundles.open_bundle(copied)


def test_a_changed_manifest_is_another_bundle(copied, bundle):
    manifest = json.loads((copied / "manifest.json").read_text())
    (copied / "manifest.json").write_text(json.dumps(manifest | {"rule": {"threshold": 0.9}}))
    assert bundles.open_bundle(copied).digest != bundle.digest
    (copied / "manifest.json").write_text("{}")
    with pytest.raises(Refusal, match="manifest.json is not as Millrace writes it"):
        bundles.open_bundle(copied)


def test_a_folder_without_a_manifest_is_no_bundle(tmp_path):
    with pytest.raises(Refusal, match="is no bundle"):
        bundles.open_bundle(tmp_path)


def test_a_bundle_of_this_python_has_nothing_to_say_of_it(bundle: bundles.Bundle) -> None:
    assert bundle.other_python is None


def test_another_python_than_packaged_it_is_named_in_one_line(
    bundle: bundles.Bundle, capsys
) -> None:
    manifest = bundle.manifest.model_copy(update={"python": "3.99"})
    other = replace(bundle, manifest=manifest)
    assert other.model is not None
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"bundle {bundle.digest[:12]}: packaged on Python 3.99, which its")
    assert line.endswith("if it does not load, use python3.99")


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("contract.json", lambda bundle: bundle.contract),
        ("settings.json", lambda bundle: bundle.settings),
        ("profile.json", lambda bundle: bundle.baseline),
        ("evaluation.json", lambda bundle: bundle.evaluation),
    ],
)
@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"null", b"\xff\xfe", b"[" * 50_000])
def test_what_millrace_did_not_write_ends_in_one_line(bundle, tmp_path, name, read, content):
    opened = bundles.open_bundle(changed_bundle(bundle, tmp_path / "copy", {name: content}))
    with pytest.raises(Refusal, match=f"^bundle {opened.digest[:12]}: {name} is not as") as said:
        read(opened)
    assert "\n" not in str(said.value)


def test_a_contract_without_features_is_refused(bundle, tmp_path):
    empty = bundle.contract.model_copy(update={"features": (), "columns": ()})
    content = {"contract.json": empty.model_dump_json().encode()}
    opened = bundles.open_bundle(changed_bundle(bundle, tmp_path / "copy", content))
    with pytest.raises(Refusal, match="contract.json has no features"):
        opened.golden()
