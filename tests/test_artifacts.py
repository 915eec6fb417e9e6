"""Artifacts: a frame is Parquet, wherever in them it stands; the rest is as Metaflow has it."""

import pickle
import pickletools
from dataclasses import dataclass
from typing import Any

import pandas as pd
from metaflow.datastore.artifacts import SerializationMetadata, SerializerStore

from shared import artifacts

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
