"""Artifacts: a frame is Parquet, wherever in them it stands; the rest is as Metaflow has it."""

import dataclasses
import importlib
import pickle
import pickletools
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pytest
from metaflow.datastore.artifacts import SerializationMetadata, SerializerStore

from shared import artifacts
from tests.conftest import ROOT, House
from tests.serving.processes import clean

FRAME = pd.DataFrame({"a": [1.5, None], "b": ["x", None]})


@dataclass(frozen=True)
class Window:
    rows: pd.DataFrame
    size: int


def written(value: Any) -> tuple[bytes, SerializationMetadata]:
    """Return what Metaflow would write of a value, and how it would know it again."""
    artifacts.register()
    chosen = next(s for s in SerializerStore.get_ordered_serializers() if s.can_serialize(value))
    (blob,), told = chosen.serialize(value)
    return blob.value, told


def read(content: bytes, told: SerializationMetadata) -> Any:
    chosen = next(s for s in SerializerStore.get_ordered_serializers() if s.can_deserialize(told))
    return chosen.deserialize([content], told)


def named(content: bytes) -> set[str]:
    """Return the texts in a pickle: among them the modules that it names."""
    return {str(word) for _, word, _ in pickletools.genops(content) if isinstance(word, str)}


def test_a_frame_is_a_parquet_file() -> None:
    content, told = written(FRAME)
    assert content.startswith(b"PAR1")
    assert told.encoding == "parquet-v1"
    pd.testing.assert_frame_equal(read(content, told), FRAME)


def test_frames_within_other_values_are_parquet_within_a_pickle() -> None:
    held = {
        "dict": ({"train": FRAME, "rest": FRAME.head(0)}, lambda back: back["train"]),
        "list": ([FRAME], lambda back: back[0]),
        "dataclass": (Window(FRAME, 2), lambda back: back.rows),
    }
    for value, frame in held.values():
        content, told = written(value)
        assert b"PAR1" in content
        assert not [word for word in named(content) if word.startswith("pandas")]
        # Metaflow's own way of reading is enough for them.
        assert told.encoding == "pickle-v4"
        pd.testing.assert_frame_equal(frame(pickle.loads(content)), FRAME)


def test_what_holds_no_frame_is_as_it_ever_was() -> None:
    for value in ({"a": [1, None]}, ("x", 2.5), "words", 7, None):
        content, told = written(value)
        assert told.encoding == "pickle-v4"
        assert pickle.loads(content) == value


def test_a_frame_that_parquet_cannot_hold_is_kept_as_it_is() -> None:
    mixed = pd.DataFrame({"a": [1, "x"]})
    content, told = written(mixed)
    assert told.encoding == "pickle-v4"
    pd.testing.assert_frame_equal(read(content, told), mixed)


OLD_FRAME = b"\x80\x04c%b\nfrom_parquet\n(B%b%btR."
OLD_SAMPLE = b"\x80\x04cshared.profiles.draw\nDraw\n."
PICKLED = SerializationMetadata("object", 0, "pickle-v4", {"source": "millrace"})


def test_what_an_older_run_wrote_by_former_names_is_read() -> None:
    parquet, _ = written(FRAME)
    for module in (b"shared.data.frames", b"shared.tables.parquet"):
        old = OLD_FRAME % (module, len(parquet).to_bytes(4, "little"), parquet)
        pd.testing.assert_frame_equal(read(old, PICKLED), FRAME)
    assert read(OLD_SAMPLE, PICKLED).__module__ == "shared.profiles.row_sample"


@pytest.mark.parametrize("module", sorted(set(artifacts.MOVED_MODULES.values())))
def test_each_moved_module_is_where_the_list_says(module: str) -> None:
    importlib.import_module(module)


@pytest.mark.parametrize(("module", "name"), sorted(artifacts.RENAMED_TYPES))
def test_each_renamed_type_is_found_by_its_former_name(module: str, name: str) -> None:
    assert isinstance(read(f"\x80\x04c{module}\n{name}\n.".encode("latin-1"), PICKLED), type)


@pytest.mark.parametrize(("place", "fields"), artifacts.RENAMED_FIELDS.items())
def test_each_renamed_field_is_read_by_its_former_name(
    place: tuple[str, str], fields: dict[str, str]
) -> None:
    module, name = place
    kind = getattr(importlib.import_module(module), name)
    old = object.__new__(kind)
    vars(old).update(dict.fromkeys(fields, "kept"))
    assert set(fields.values()) <= {field.name for field in dataclasses.fields(kind)}
    assert vars(read(pickle.dumps(old), PICKLED)) == dict.fromkeys(fields.values(), "kept")


def test_a_type_that_is_no_more_is_named() -> None:
    with pytest.raises(AttributeError, match="Gone"):
        read(b"\x80\x04cshared.scores\nGone\n.", PICKLED)


@pytest.mark.flow
def test_one_import_lets_a_plain_metaflow_client_read_a_runs_frames(trained_house: House) -> None:
    code = (
        "import shared.artifacts\n"
        "from metaflow import Flow, namespace\n"
        "namespace(None)\n"
        "table = Flow('TrainFlow').latest_successful_run['load'].task.data.table\n"
        "print(type(table).__name__, len(table))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=trained_house.folder,
        env=clean() | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    name, rows = done.stdout.split()
    assert (name, int(rows) > 200) == ("DataFrame", True)


class Reading:
    """Reads as Metaflow's flows do, which hold what they have read."""

    def __getattr__(self, name: str) -> str:
        self.__dict__[name] = "three"
        return "three"

    @artifacts.reads_only("rows")
    def step(self) -> None:
        self.words = f"{self.rows} rows"


def test_what_a_step_has_only_read_it_does_not_hold_at_its_end() -> None:
    flow = Reading()
    flow.step()
    assert vars(flow) == {"words": "three rows"}
