"""What is secret is in the environment, and nowhere that a full run leaves anything."""

import gzip
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from tests.rehearsal.acts import Rehearsed, artifact
from tests.rehearsal.servers import KEYS
from tests.rehearsal.stage import ALERT, FLOWS, KEY, PASSWORD, SOURCE, Stage

SECRETS = {
    "the log's password": PASSWORD,
    "the source's password": SOURCE,
    "an address of alerts": ALERT,
    "an API key": KEY,
    "the bucket's key": KEYS["AWS_SECRET_ACCESS_KEY"],
    "the bucket's key's name": KEYS["AWS_ACCESS_KEY_ID"],
}


def texts(content: bytes) -> bytes:
    """Return every text that a Parquet file holds, which is packed in it."""
    table = pq.read_table(pa.BufferReader(content))
    found = [*(table.schema.metadata or {}).values()]
    for column in table.columns:
        if pa.types.is_string(column.type) or pa.types.is_dictionary(column.type):
            found += [str(text).encode() for text in column.unique().to_pylist()]
    return b"\n".join(found)


def left(stage: Stage) -> Iterator[tuple[str, bytes]]:
    """Yield all that the runs left: the bucket's objects, what pods said, and what was created."""
    for key, content in stage.s3.contents():
        yield key, content
        unpacked = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
        yield f"{key} (unpacked)", unpacked
        if unpacked.startswith(b"PAR1"):
            yield f"{key} (its texts)", texts(unpacked)
    for number, said in enumerate(stage.cluster.said):
        yield f"output {number}", said.encode()
    for name, thing in stage.api.created.items():
        yield str(name), str(thing).encode()


def test_no_secret_is_left_by_a_full_run(stage: Stage, rehearsed: Rehearsed) -> None:
    found, seen = [], set()
    for name, content in left(stage):
        seen.add(name.split("/")[1] if "/" in name else name.split()[0])
        found += [(what, name) for what, secret in SECRETS.items() if secret.encode() in content]
    assert found == []
    # Nothing was found where there was something to look into.
    assert {*FLOWS, "mf.cards", "flights", "flights.rejected", "output"} <= seen


def test_the_runs_had_the_secrets(stage: Stage, rehearsed: Rehearsed) -> None:
    """The databases were read by their addresses, and the alert was delivered to its own."""
    addresses = list(stage.cluster.secrets.values())
    assert all(secret in str(addresses) for secret in (PASSWORD, SOURCE, ALERT))
    assert artifact(stage, rehearsed.ingest, "ingested['received']") > 0
    assert [body for body in stage.hook.received if "title" in body]
