"""What is secret is in the environment, and nowhere that a full run leaves anything."""

import gzip
from collections.abc import Iterator

from tests.rehearsal.conftest import ALERT, KEY, PASSWORD, Rehearsed, Stage
from tests.rehearsal.servers import KEYS

SECRETS = {
    "the log's password": PASSWORD,
    "an address of alerts": ALERT,
    "an API key": KEY,
    "the bucket's key": KEYS["AWS_SECRET_ACCESS_KEY"],
    "the bucket's key's name": KEYS["AWS_ACCESS_KEY_ID"],
}


def left(stage: Stage) -> Iterator[tuple[str, bytes]]:
    """Yield all that the runs left: the bucket's objects, what pods said, and what was created."""
    for key, content in stage.s3.contents():
        yield key, content
        if content.startswith(b"\x1f\x8b"):
            yield f"{key} (unpacked)", gzip.decompress(content)
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
    assert {"TrainFlow", "PackageFlow", "ReviewFlow", "MonitorFlow", "mf.cards", "output"} <= seen


def test_the_runs_had_the_secrets(stage: Stage, rehearsed: Rehearsed) -> None:
    """The log was read by its address, and the alert was delivered to its own."""
    assert PASSWORD in stage.log
    assert [body for body in stage.hook.received if "title" in body]
