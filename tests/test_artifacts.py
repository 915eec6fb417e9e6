"""Artifacts: a frame is Parquet, wherever in them it stands; the rest is as Metaflow has it."""

import dataclasses
import gzip
import importlib
import io
import pickle
import pickletools
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from metaflow.datastore.artifacts import SerializationMetadata, SerializerStore
from metaflow.datastore.content_addressed_store import ContentAddressedStore
from metaflow.plugins.datastores.local_storage import LocalStorage

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


def test_parquet_is_not_pressed_once_more_and_read_as_ever(tmp_path: Path) -> None:
    artifacts.register()
    store = ContentAddressedStore("data", LocalStorage(str(tmp_path)))
    content, _ = written(pd.DataFrame({"a": ["xyz" * 9] * 9_000}))
    pickled = b"x" * 9_000
    keys = [saved.key for saved in store.save_blobs([content, pickled])]
    assert [kept for _, kept in store.load_blobs(keys)] == [content, pickled]
    sizes = [next(tmp_path.rglob(key)).stat().st_size for key in keys]
    assert len(content) < sizes[0] < len(content) + 100
    assert sizes[1] < 100


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
OLD_SOURCE = b"\x80\x04cshared.training.table\nPinned\n."
PICKLED = SerializationMetadata("object", 0, "pickle-v4", {"source": "millrace"})


def test_what_an_older_run_wrote_by_former_names_is_read() -> None:
    parquet, _ = written(FRAME)
    for module in (b"shared.data.frames", b"shared.tables.parquet"):
        old = OLD_FRAME % (module, len(parquet).to_bytes(4, "little"), parquet)
        pd.testing.assert_frame_equal(read(old, PICKLED), FRAME)
    assert read(OLD_SAMPLE, PICKLED).__module__ == "shared.profiles.row_sample"
    assert read(OLD_SOURCE, PICKLED).__module__ == "shared.training.pinned"


@pytest.mark.parametrize("module", sorted(set(artifacts.MOVED_MODULES.values())))
def test_each_moved_module_is_where_the_list_says(module: str) -> None:
    importlib.import_module(module)


# Modules of older runs, and where they are today: another folder of the same room.
MOVED_WITHIN_A_ROOM = [
    ("shared.model.agreement", "shared.model.comparisons.agreement"),
    ("shared.model.answer_check", "shared.model.comparisons.answer_check"),
    ("shared.model.compiled_trees", "shared.model.scores.compiled_trees"),
    ("shared.model.fast_path", "shared.model.scores.fast_path"),
    ("shared.model.item_trees", "shared.model.scores.item_trees"),
    ("shared.model.lean_scores", "shared.model.scores.lean_scores"),
    ("shared.model.model_scores", "shared.model.scores.model_scores"),
    ("shared.monitoring.aims", "shared.monitoring.outcomes.aims"),
    ("shared.monitoring.astray", "shared.monitoring.windows.astray"),
    ("shared.monitoring.challengers", "shared.monitoring.outcomes.challengers"),
    ("shared.monitoring.column_faults", "shared.monitoring.windows.column_faults"),
    ("shared.monitoring.contract_check", "shared.monitoring.input_checks.contract_check"),
    ("shared.monitoring.detection", "shared.monitoring.input_checks.detection"),
    ("shared.monitoring.diagnosis", "shared.monitoring.causes.diagnosis"),
    ("shared.monitoring.factors", "shared.monitoring.causes.numbers.factors"),
    ("shared.monitoring.far_outcomes", "shared.monitoring.outcomes.far_outcomes"),
    ("shared.monitoring.lacking_outcomes", "shared.monitoring.outcomes.lacking_outcomes"),
    ("shared.monitoring.losses", "shared.monitoring.outcomes.losses"),
    ("shared.monitoring.odd_rows", "shared.monitoring.input_checks.odd_rows"),
    ("shared.monitoring.outcome_faults", "shared.monitoring.causes.outcomes.outcome_faults"),
    ("shared.monitoring.quality", "shared.monitoring.outcomes.quality"),
    ("shared.monitoring.repeats", "shared.monitoring.input_checks.repeats"),
    ("shared.monitoring.scope", "shared.monitoring.windows.scope"),
    ("shared.monitoring.slices", "shared.monitoring.outcomes.slices"),
    ("shared.monitoring.strays", "shared.monitoring.windows.strays"),
    ("shared.monitoring.transformations", "shared.monitoring.causes.transformations"),
    ("shared.tasks.acting", "shared.tasks.binary.acting"),
    ("shared.tasks.binary_counts", "shared.tasks.binary.binary_counts"),
    ("shared.tasks.binary_diagnostics", "shared.tasks.binary.binary_diagnostics"),
    ("shared.tasks.binary_metrics", "shared.tasks.binary.binary_metrics"),
    ("shared.tasks.class_places", "shared.tasks.multiclass.class_places"),
    ("shared.tasks.intervals", "shared.tasks.regression.intervals"),
    ("shared.tasks.multiclass_counts", "shared.tasks.multiclass.multiclass_counts"),
    ("shared.tasks.multiclass_diagnostics", "shared.tasks.multiclass.multiclass_diagnostics"),
    ("shared.tasks.multiclass_rules", "shared.tasks.multiclass.multiclass_rules"),
    ("shared.tasks.ranking_metrics", "shared.tasks.ranking.ranking_metrics"),
    ("shared.tasks.regression_counts", "shared.tasks.regression.regression_counts"),
    ("shared.tasks.regression_diagnostics", "shared.tasks.regression.regression_diagnostics"),
    ("shared.tasks.residuals", "shared.tasks.regression.residuals"),
    ("shared.tasks.selective_labels", "shared.tasks.binary.selective_labels"),
    ("shared.training.earlier_fits", "shared.training.fitting.earlier_fits"),
    ("shared.training.estimate_trial", "shared.training.judging.estimate_trial"),
    ("shared.training.fits", "shared.training.fitting.fits"),
    ("shared.training.halving", "shared.training.fitting.halving"),
    ("shared.training.shuffled_rows", "shared.training.fitting.shuffled_rows"),
    ("shared.training.stability", "shared.training.judging.stability"),
]


@pytest.mark.parametrize(("former", "today"), MOVED_WITHIN_A_ROOM)
def test_a_module_that_moved_within_its_room_is_found_by_its_name(former: str, today: str) -> None:
    held = vars(importlib.import_module(today)).items()
    kind = next(name for name, one in held if getattr(one, "__module__", "") == today)
    assert read(f"\x80\x04c{former}\n{kind}\n.".encode("latin-1"), PICKLED).__module__ == today


def test_a_module_that_is_no_more_is_named() -> None:
    with pytest.raises(ModuleNotFoundError, match="shared.monitoring.gone"):
        read(b"\x80\x04cshared.monitoring.gone\nGone\n.", PICKLED)


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


@pytest.mark.parametrize("blob", [b"", b"a", b"PAR1" + bytes(range(256)) * 20_000, b"text" * 999])
def test_artifacts_are_files_of_gzip_as_metaflow_s_own_are(blob: bytes) -> None:
    artifacts.register()
    store = ContentAddressedStore("", LocalStorage)
    packed = store._pack_v1(blob)
    assert gzip.decompress(packed.getvalue()) == blob
    assert store._unpack_v1(packed) == blob
    assert store._unpack_v1(io.BytesIO(gzip.compress(blob))) == blob
