"""How runs keep frames: as Parquet, wherever in an artifact they are.

Steps assign frames and read them as ever. An artifact that is a frame is a Parquet file in the
datastore; inside dicts, lists and dataclasses, each frame is one within the pickle of the rest.
Runs of older versions are read too, whose pickles name modules and types by their former names.
"""

import dataclasses
import functools
import io
import pickle
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

from metaflow.datastore.artifacts import (
    ArtifactSerializer,
    SerializationFormat,
    SerializationMetadata,
    SerializedBlob,
    SerializerStore,
)
from metaflow.datastore.content_addressed_store import ContentAddressedStore

import shared

PARQUET, PICKLE = "parquet-v1", "pickle-v4"
PARQUET_BEGINS, METAFLOW_LEVEL = b"PAR1", 3
# What zlib calls a file of gzip.
GZIP = 16 + zlib.MAX_WBITS
# So many are packed at once.
PACKED_BYTES = 1 << 20

# Where the types in the pickles of older runs are today: modules that went to another room or have
# another name, then types that were renamed, by the module of today. Whoever does that with what a
# run may hold adds it here; a module that moves within its room is found by its name.
MOVED_MODULES = {
    "shared.data.checks": "shared.schema.violations",
    "shared.data.contract": "shared.schema.contract",
    "shared.data.frames": "shared.frames",
    "shared.data.log_contents": "shared.log.contents",
    "shared.data.pieces": "shared.tables.table_files",
    "shared.data.storage": "shared.tables.storage",
    "shared.ingestion.draw": "shared.ingestion.read",
    "shared.ingestion.settle": "shared.ingestion.reconcile",
    "shared.model.paired_scores": "shared.model.comparisons.model_pairs",
    "shared.monitoring.alerts": "shared.events.alerts",
    "shared.monitoring.breaches": "shared.monitoring.input_checks.contract_check",
    "shared.monitoring.rivals": "shared.monitoring.outcomes.challengers",
    "shared.monitoring.sample": "shared.monitoring.report_sample",
    "shared.packaging.bundle": "shared.model.bundle",
    "shared.policies.selective_labels": "shared.tasks.binary.selective_labels",
    "shared.profiles.changes": "shared.monitoring.causes.transformations",
    "shared.profiles.deviations": "shared.monitoring.input_checks.detection",
    "shared.profiles.draw": "shared.profiles.row_sample",
    "shared.profiles.plan": "shared.profiles.counting_plan",
    "shared.profiles.repairs": "shared.monitoring.causes.diagnosis",
    "shared.profiles.sketch": "shared.profiles.duplicates",
    "shared.profiles.statistics": "shared.baseline.statistics",
    "shared.profiles.usual": "shared.baseline.baseline_profile",
    "shared.scores": "shared.tasks.metrics",
    "shared.scoring.plan": "shared.scoring.partitions",
    "shared.scoring.settle": "shared.scoring.reconcile",
    "shared.tables.parquet": "shared.frames",
    "shared.training.table": "shared.training.pinned",
    "shared.tasks.binary": "shared.tasks.binary.binary_task",
    "shared.tasks.multiclass": "shared.tasks.multiclass.multiclass_task",
    "shared.tasks.ranking": "shared.tasks.ranking.ranking_task",
    "shared.tasks.regression": "shared.tasks.regression.regression_task",
}
RENAMED_TYPES = {
    ("shared.baseline.baseline_profile", "Span"): "BaselineSpan",
    ("shared.baseline.baseline_profile", "Usual"): "BaselineProfile",
    ("shared.ingestion.plan", "Draw"): "ReadPart",
    ("shared.ingestion.plan", "Plan"): "IngestPlan",
    ("shared.ingestion.read", "Drawn"): "RowsRead",
    ("shared.ingestion.reconcile", "Part"): "MergePart",
    ("shared.monitoring.outcomes.challengers", "Comparison"): "ChallengerComparison",
    ("shared.monitoring.input_checks.contract_check", "Breach"): "Violation",
    ("shared.profiles.counting_plan", "Plan"): "CountingPlan",
    ("shared.profiles.counting_plan", "Split"): "TreeSplit",
    ("shared.profiles.counting_plan", "Tie"): "Dependence",
    ("shared.profiles.duplicates", "Sketch"): "DuplicateSketch",
    ("shared.profiles.row_sample", "Draw"): "RowSample",
    ("shared.schema.violations", "Breach"): "Violation",
    ("shared.tables.table_files", "Piece"): "TableFile",
    ("shared.tables.table_files", "Pieces"): "TableFiles",
}
# The fields of a type that have other names by now, by its module and name of today.
RENAMED_FIELDS = {
    ("shared.monitoring.findings", "Findings"): {"breaches": "violations", "rivals": "challengers"},
    ("shared.monitoring.outcomes.losses", "Loss"): {"promised": "expected"},
    ("shared.monitoring.outcomes.quality", "Quality"): {"promised": "expected"},
    ("shared.monitoring.outcomes.slices", "Slice"): {"promised": "expected"},
}
PLACE = f"{__name__}.FrameSerializer"
Flow = TypeVar("Flow", bound=type)
Step = TypeVar("Step", bound=Callable[..., None])
Blobs = tuple[list[SerializedBlob], SerializationMetadata]


def parquet_frames(flow: Flow) -> Flow:
    """Let a flow keep its frames as Parquet; stands on the flow's class."""
    register()
    return flow


def reads_only(*names: str) -> Callable[[Step], Step]:
    """Let a step hand on artifacts as they came, which it has read; stands under `@step`.

    What a step has read Metaflow writes again at its end, in case that it was changed.
    """

    def reading(step: Step) -> Step:
        @functools.wraps(step)
        def handing_on(self: Any, *args: Any) -> None:
            step(self, *args)
            for name in names:
                vars(self).pop(name, None)

        return cast(Step, handing_on)

    return reading


def register() -> None:
    """Let this process write and read such artifacts; to import this module does so."""
    SerializerStore.bootstrap_entries([(FrameSerializer.TYPE, PLACE)], source="millrace")
    ContentAddressedStore._pack_v1 = _packed  # type: ignore[method-assign]
    ContentAddressedStore._unpack_v1 = _unpacked  # type: ignore[method-assign]


def _packed(self: ContentAddressedStore, blob: bytes) -> io.BytesIO:
    """Pack an artifact as Metaflow does, Parquet without another compression.

    What is compressed already would take as long again, and grow no smaller.
    """
    level = 0 if blob[:4] == PARQUET_BEGINS else METAFLOW_LEVEL
    packing, packed = zlib.compressobj(level, wbits=GZIP), io.BytesIO()
    for at in range(0, len(blob), PACKED_BYTES):
        packed.write(packing.compress(memoryview(blob)[at : at + PACKED_BYTES]))
    packed.write(packing.flush())
    # What is read of its bytes is no copy of them.
    return io.BytesIO(packed.getvalue())


def _unpacked(self: ContentAddressedStore, file: BinaryIO) -> bytes:
    """Unpack an artifact as Metaflow does, at once: a large one was in memory twice."""
    packed = file.read()
    # A file of gzip ends with the size of what is in it.
    return zlib.decompress(packed, GZIP, max(1, int.from_bytes(packed[-4:], "little")))


class FrameSerializer(ArtifactSerializer):
    """Writes and reads artifacts for Metaflow that are frames, or hold any."""

    TYPE: str = "millrace"  # type: ignore[assignment]
    PRIORITY = 100

    @classmethod
    def can_serialize(cls, obj: Any) -> bool:
        return (
            _is_frame(obj) or isinstance(obj, dict | list | tuple) or dataclasses.is_dataclass(obj)
        )

    @classmethod
    def can_deserialize(cls, metadata: SerializationMetadata) -> bool:
        return metadata.encoding in (PARQUET, PICKLE)

    @classmethod
    def serialize(
        cls, obj: Any, format: SerializationFormat = SerializationFormat.STORAGE
    ) -> Blobs:
        content, encoding = _parquet(obj) if _is_frame(obj) else None, PARQUET
        if content is None:
            content, encoding = _pickled(obj), PICKLE
        metadata = SerializationMetadata(str(type(obj)), len(content), encoding, {})
        return [SerializedBlob(content, is_reference=False)], metadata

    @classmethod
    def deserialize(
        cls,
        data: list[bytes] | str,
        metadata: SerializationMetadata | None = None,
        format: SerializationFormat = SerializationFormat.STORAGE,
    ) -> Any:
        content = data[0]
        assert isinstance(content, bytes)
        if metadata is None or metadata.encoding == PICKLE:
            return _Unpickler(io.BytesIO(content)).load()
        from shared import frames

        return frames.from_parquet(content)


class _Pickler(pickle.Pickler):
    """Writes frames as calls that read Parquet."""

    def reducer_override(self, obj: Any) -> Any:
        if _is_frame(obj) and (content := _parquet(obj)) is not None:
            from shared import frames

            return frames.from_parquet, (content,)
        return NotImplemented


class _Unpickler(pickle.Unpickler):
    """Reads what older versions wrote: finds each type where it is today."""

    def find_class(self, module: str, name: str) -> Any:
        module = _module_of_today(MOVED_MODULES.get(module, module))
        try:
            found = super().find_class(module, name)
        except AttributeError:
            found = super().find_class(module, RENAMED_TYPES.get((module, name), name))
        fields = RENAMED_FIELDS.get((found.__module__, found.__qualname__))
        if fields:
            found.__setstate__ = _former_fields_reader(fields)
        return found


@functools.cache
def _module_of_today(module: str) -> str:
    """Return where a module of ours is: one that moved within its room is found by its name."""
    place, home = Path(*module.split(".")), Path(shared.__file__).parent
    here = home.parent / place
    if place.parts[0] != home.name or here.is_dir() or here.with_suffix(".py").is_file():
        return module
    found = list((home / place.parts[1]).rglob(f"{place.name}.py"))
    return ".".join(found[0].relative_to(home.parent).with_suffix("").parts) if found else module


def _former_fields_reader(fields: dict[str, str]) -> Callable[[Any, dict[str, Any]], None]:
    """Return a `__setstate__` that takes a pickle's fields by their former names, too."""

    def read(self: Any, state: dict[str, Any]) -> None:
        vars(self).update({fields.get(name, name): value for name, value in state.items()})

    return read


def _pickled(obj: Any) -> bytes:
    written = io.BytesIO()
    try:
        _Pickler(written, protocol=4).dump(obj)
    except TypeError as error:
        from metaflow.datastore.exceptions import UnpicklableArtifactException

        raise UnpicklableArtifactException() from error
    return written.getvalue()


def _parquet(frame: Any) -> bytes | None:
    from shared import frames

    return frames.to_parquet(frame)


def _is_frame(obj: Any) -> bool:
    # Where pandas was never imported, there is no frame: it is not imported to find out.
    pandas = sys.modules.get("pandas")
    return pandas is not None and type(obj) is pandas.DataFrame


register()
