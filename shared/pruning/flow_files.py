"""The files of a flow in a store: which run each belongs to, and which blobs a run refers to."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from metaflow.metaflow_config import CARD_SUFFIX

from shared.pruning.stores import Store, Stored, read_many

DATA = re.compile(r"\d+\.data\.json")
CODE = "sysmeta_code-package_"


@dataclass
class FlowFiles:
    """A flow's files: by run those of the run and of its cards, and by digest those of a blob."""

    flow: str
    runs: dict[str, list[Stored]] = field(default_factory=lambda: defaultdict(list))
    cards: dict[str, list[Stored]] = field(default_factory=lambda: defaultdict(list))
    blobs: dict[str, list[Stored]] = field(default_factory=lambda: defaultdict(list))

    def written(self, run: str) -> datetime | None:
        """Return when anything of a run was last written; None where it has nothing here."""
        files = [*self.runs.get(run, ()), *self.cards.get(run, ())]
        return max((stored.written for stored in files), default=None)


def read(store: Store, flow: str) -> FlowFiles:
    """List a flow's files."""
    found = FlowFiles(flow)
    for stored in store.files(flow):
        parts = stored.path.removeprefix(f"{CARD_SUFFIX}/").split("/")
        if len(parts) < 3 or parts[1] == "_meta":
            continue
        if parts[1] == "data":
            # Beside a blob, a folder has what S3 keeps as an object's own metadata.
            found.blobs[parts[-1].removesuffix("_meta")].append(stored)
        elif parts[1] == "runs":
            found.cards[parts[2]].append(stored)
        else:
            found.runs[parts[1]].append(stored)
    return found


def references(store: Store, files: FlowFiles, runs: Iterable[str]) -> set[str]:
    """Return the digests of the blobs that runs refer to: their artifacts and their code."""
    listed = [stored.path for run in runs for stored in files.runs.get(run, ())]
    names = [(path, path.rpartition("/")[2]) for path in listed]
    wanted = [path for path, name in names if DATA.fullmatch(name) or name.startswith(CODE)]
    digests = set[str]()
    for content in read_many(store, wanted):
        kept = json.loads(content)
        # Metaflow writes a code package's facts as JSON within JSON.
        value = kept.get("value")
        code = json.loads(value).get("sha") if kept.get("field_name") == "code-package" else None
        digests |= {*kept.get("objects", {}).values(), *([code] if code else [])}
    return digests
