"""The source.py of a problem whose table lacks a key or a time: it adds them, and says so."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from shared.starting.guess import MADE_DAYS, Guess
from shared.tables import storage
from shared.tasks.kinds import TARGET_TYPES

CODE = '''"""The rows of {title}, with what the table lacks: {lacks}."""

{imports}
from shared.schema.cells import Cells
from shared.sections.columns import Csv
from shared.tables.sources import read_source

TABLE = {table}
WRITTEN = Csv({csv})


def table() -> pd.DataFrame:
    """Return a row per row of the table."""
    rows = read_source({read}, cells=Cells(WRITTEN, {types}{truths}))
{steps}    return rows
'''
ROW = """    # Its place in the table: it stays the same as long as rows are only added at the end.
    rows["{key}"] = range(1, len(rows) + 1)
"""
ARRIVED = """\
    # Made up: the rows have no time. Each has a place of its own in these days, by its key and not
    # by its place in the table, so that a split by it is random, and stays when rows are added.
    # Put the true time here as soon as there is one.
    places = pd.util.hash_pandas_object(rows["{key}"].astype(str), index=False) / 2**64
    seconds = pd.to_timedelta((places * {days} * 86_400).astype("int64"), unit="s")
    rows["{time}"] = pd.Timestamp("{start}", tz="UTC") + seconds
"""
EPOCH = """    rows["{time}"] = pd.to_datetime(rows["{time}"], unit="{unit}", utc=True)
"""


EMPTIED = """\
    # These texts stand for no outcome.
    rows[{target}] = rows[{target}].mask(rows[{target}].isin({texts}))
"""


def source_code(found: Guess, folder: Path, start: str) -> str | None:
    """Return the code of a source that adds what a table lacks; None where it lacks nothing.

    `start` is the first of the days over which rows without a time are spread.
    """
    steps, lacks = "", []
    if not found.key:
        steps, lacks = steps + ROW.format(key=found.key_name), ["a key"]
    if not found.time:
        lacks.append("a time")
        steps += ARRIVED.format(
            key=found.key_name, time=found.time_name, days=MADE_DAYS, start=start
        )
    elif found.time.unit:
        lacks.append("a time that is no number")
        steps += EPOCH.format(time=found.time.name, unit=found.time.unit)
    if emptied := found.look.emptied:
        lacks.append("empty cells in its target")
        target = _quoted(found.target.name)
        steps += EMPTIED.format(target=target, texts=_quoted_list(emptied))
    if not steps:
        return None
    address = found.look.address
    is_here = not address.startswith(storage.S3)
    imports = ["from pathlib import Path", "", "import pandas as pd", ""] if is_here else []
    return CODE.format(
        # Within the docstring, which quotes would end.
        title=Path(address).name.replace('"', "'").replace("\\", "/"),
        lacks=" and ".join(lacks),
        imports="\n".join(imports or ["import pandas as pd", ""]),
        table=_place(address, folder) if is_here else repr(address),
        read="str(TABLE.resolve())" if is_here else "TABLE",
        csv=_csv(found),
        types=_types(found),
        truths=_truths(found),
        steps=steps,
    )


def _place(address: str, folder: Path) -> str:
    """Return where the table is: from here on, where it lies within the working folder."""
    if not Path(address).is_relative_to(Path.cwd()):
        return f"Path({_quoted(address)})"
    there = Path(os.path.relpath(address, folder.resolve())).as_posix()
    return f"Path(__file__).parent / {_quoted(there)}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _quoted_list(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"


def _csv(found: Guess) -> str:
    said = found.look.csv.model_dump(exclude_defaults=True)
    return ", ".join(f"{name}={value!r}" for name, value in said.items())


def _truths(found: Guess) -> str:
    target = found.target
    return f", {{{_quoted(target.name)}: [{_quoted(target.positive)}]}}" if target.positive else ""


def _types(found: Guess) -> str:
    """Return what the cells of a column stand for where all of them do not say it by themselves."""
    types = {found.time.name: "time"} if found.time and not found.time.unit else {}
    kind = TARGET_TYPES[found.target.kind]
    if found.target.positive is None and kind != "category":
        types[found.target.name] = kind
    types |= {found.key: "text"} if found.key else {}
    return json.dumps(types, ensure_ascii=False)
