"""Which of a source's rows a training takes."""

from collections.abc import Iterator
from contextlib import contextmanager

from shared.errors import Refusal
from shared.schema.cells import cells_of_settings
from shared.schema.contract import ContractColumn
from shared.schema.inference import refuse_absent
from shared.settings import Settings
from shared.tables import file_rows, sources, table_files
from shared.tables.even_sample import EvenSample, Rows, SampledBy, even_sample
from shared.training.pinned import Pinned, source_parts


def sample(settings: Settings, pinned: Pinned) -> EvenSample | None:
    """Return which rows of what is pinned are read, by the settings' [train] rows; None are all.

    The key, or the slate, and the time of all rows are read for it, in batches. Raises `Refusal`
    where one of the columns is not there, or rows cannot be told apart.
    """
    most = settings.train.rows
    if most is None:
        return None
    said = settings.contract.get(settings.time)
    time = {"name": settings.time, "type": "time", "format": said.format if said else None}
    key = settings.ranking.slate if settings.ranking else settings.key
    by = SampledBy(
        key, None if settings.ranking else ContractColumn.model_validate(time), settings.seed
    )
    cells = cells_of_settings(settings)
    if sources.is_files(pinned.address):
        listed = table_files.list_files(pinned.address, pinned.version)
        if listed.files:
            schema = file_rows.table_schema(listed.address, listed.files, cells)
            refuse_absent(schema.names, settings)

        def parts() -> Iterator[Rows]:
            return source_parts(pinned, by.columns, cells)
    else:
        (whole,) = source_parts(pinned, by.columns, cells)
        refuse_absent([*map(str, whole)], settings)

        def parts() -> Iterator[Rows]:
            return iter([whole])

    found = even_sample(parts, most, by)
    # Rows with a key in common are taken together or not at all.
    if not found.is_whole and found.rows < most / 2:
        raise Refusal(
            f"[train] rows = {most} takes rows by {key!r}, of which single values stand in so many "
            f"rows that only {found.rows:,} are taken: raise it, or choose a key that each row has "
            "for itself"
        )
    return found


def sample_words(sampled: EvenSample | None) -> str:
    """Return in words that not all rows of the source are taken; nothing where they are."""
    if sampled is None or sampled.is_whole:
        return ""
    return f"[train] rows: {sampled.words} are read"


@contextmanager
def telling_of(sampled: EvenSample | None) -> Iterator[None]:
    """Say in a refusal that comes from this block that the rows are a sample, if they are."""
    try:
        yield
    except Refusal as refusal:
        if sampled is None or sampled.is_whole:
            raise
        raise Refusal(f"{refusal} ([train] rows: {sampled.words})") from None
