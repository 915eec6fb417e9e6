"""How runs keep frames: as Parquet, wherever in an artifact they are.

Steps assign frames and read them as ever. An artifact that is a frame is a Parquet file in the
datastore; inside dicts, lists and dataclasses, each frame is one within the pickle of the rest.
"""

import dataclasses
import io
import pickle
import sys
from typing import Any, TypeVar

from metaflow.datastore.artifacts import (
    ArtifactSerializer,
    SerializationFormat,
    SerializationMetadata,
    SerializedBlob,
    SerializerStore,
)

PARQUET, PICKLE = "parquet-v1", "pickle-v4"
PLACE = f"{__name__}.FrameSerializer"
Flow = TypeVar("Flow", bound=type)
Blobs = tuple[list[SerializedBlob], SerializationMetadata]


def parquet_frames(flow: Flow) -> Flow:
    """Let a flow keep its frames as Parquet; stands on the flow's class."""
    register()
    return flow


def register() -> None:
    """Let this process write and read such artifacts; to import this module does so."""
    SerializerStore.bootstrap_entries([(FrameSerializer.TYPE, PLACE)], source="millrace")


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
        return metadata.encoding == PARQUET

    @classmethod
    def serialize(
        cls, obj: Any, format: SerializationFormat = SerializationFormat.STORAGE
    ) -> Blobs:
        content, encoding = _parquet(obj) if _is_frame(obj) else None, PARQUET
        if content is None:
            content, encoding = _pickled(obj), PICKLE
        told = SerializationMetadata(str(type(obj)), len(content), encoding, {})
        return [SerializedBlob(content, is_reference=False)], told

    @classmethod
    def deserialize(
        cls,
        data: list[bytes] | str,
        metadata: SerializationMetadata | None = None,
        format: SerializationFormat = SerializationFormat.STORAGE,
    ) -> Any:
        from shared.tables import parquet

        content = data[0]
        assert isinstance(content, bytes)
        return parquet.from_parquet(content)


class _Pickler(pickle.Pickler):
    """Writes frames as calls that read Parquet."""

    def reducer_override(self, obj: Any) -> Any:
        if _is_frame(obj) and (content := _parquet(obj)) is not None:
            from shared.tables import parquet

            return parquet.from_parquet, (content,)
        return NotImplemented


def _pickled(obj: Any) -> bytes:
    written = io.BytesIO()
    try:
        _Pickler(written, protocol=4).dump(obj)
    except TypeError as error:
        from metaflow.datastore.exceptions import UnpicklableArtifactException

        raise UnpicklableArtifactException() from error
    return written.getvalue()


def _parquet(frame: Any) -> bytes | None:
    from shared.tables import parquet

    return parquet.to_parquet(frame)


def _is_frame(obj: Any) -> bool:
    # Where pandas was never imported, there is no frame: it is not imported to find out.
    pandas = sys.modules.get("pandas")
    return pandas is not None and type(obj) is pandas.DataFrame


register()
