"""A file of answers, which is there when it is whole."""

import uuid
from collections.abc import Collection

import pyarrow as pa
import pyarrow.parquet as pq

from shared.scoring.partitions import NOTE, path_of
from shared.tables import storage


class Output:
    """A Parquet file that takes the place of an earlier one when it is finished, and not before."""

    def __init__(self, address: str, folder: str, name: str, repeated: Collection[str]) -> None:
        self._where = where = storage.place(address)
        self._path, self._repeated = path_of(where, folder, name), {*repeated}
        # What begins with an underscore is no data to whoever reads the folder meanwhile.
        self._unfinished = path_of(where, folder, f"_{name}.{uuid.uuid4().hex}")
        self._writer: pq.ParquetWriter | None = None

    def __enter__(self) -> "Output":
        return self

    def write(self, table: pa.Table) -> None:
        with storage.reaching(self._where.address):
            if self._writer is None:
                self._where.files.create_dir(self._path.rpartition("/")[0])
                repeated = [*self._repeated & {*table.column_names}]
                self._writer = pq.ParquetWriter(
                    self._unfinished,
                    table.schema,
                    filesystem=self._where.files,
                    use_dictionary=repeated,
                )
            self._writer.write_table(table)

    def finish(self, note: bytes | None) -> None:
        """Put the file in its place with a note; without any row there is to be none."""
        with storage.reaching(self._where.address):
            if self._writer is None:
                if self._where.files.get_file_info(self._path).is_file:
                    self._where.files.delete_file(self._path)
                return
            if note:
                self._writer.add_key_value_metadata({NOTE: note})
            self._writer.close()
            self._where.files.move(self._unfinished, self._path)
            self._writer = None

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()
            self._where.files.delete_file(self._unfinished)
