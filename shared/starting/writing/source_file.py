"""The source.py of a problem whose table lacks a key or a time: it adds them, and says so."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from shared.kinds import TARGET_TYPES
from shared.starting.guessing.guess import MADE_DAYS, Guess
from shared.tables import storage, table_files
from shared.tables.storage import near_place

CODE = '''"""The rows of {title}, with what the table lacks: {lacks}."""

{imports}
from shared.schema.cells import Cells
from shared.sections.columns import Csv
{made}from shared.tables.sources import read_source

TABLE = {table}
WRITTEN = Csv({csv})


def table() -> pd.DataFrame:
    """Return a row per row of the table."""
    cells = Cells(WRITTEN, {types}{truths})
{read}{steps}    return rows
'''
READ = """    rows = read_source({address}, cells=cells)
"""
# As `[contract] … = {{ made = true }}` has it made of newer files.
READ_KEYED = """\
    # A row's key is its file's name and its place in it, as that of a newer file's row will be: it
    # stays the same as long as rows are only added at a file's end.
    rows = read_source({address}, cells=cells, made=MadeColumns(key={key}))
"""
ARRIVED = """\
    # Made up: the rows have no time. Each has a moment of its own in these days, by {by}
    # and not in the table's order, so that a split by it is random, and stays when rows are added.
    # Put the true time here as soon as there is one.
    told_apart = rows[{key}].astype(str){place}
    places = pd.util.hash_pandas_object(told_apart, index=False) / 2**64
    seconds = pd.to_timedelta((places * {days} * 86_400).astype("int64"), unit="s")
    rows[{time}] = pd.Timestamp("{start}", tz="UTC") + seconds
"""
EMPTIED = """\
    # These texts stand for no outcome.
    rows[{target}] = rows[{target}].mask(rows[{target}].isin({texts}))
"""


def source_code(found: Guess, folder: Path, start: str) -> str | None:
    """Return the code of a source that adds what a table lacks; None where it lacks nothing.

    `start` is the first of the days over which rows without a time are spread.
    """
    steps, lacks = "", [] if found.key else ["a key"]
    key = _quoted(found.key_name)
    if not found.time:
        lacks.append("a time")
        steps += _arrived(found, start)
    if emptied := found.look.emptied:
        lacks.append("empty cells in its target")
        target = _quoted(found.target.name)
        steps += EMPTIED.format(target=target, texts=_quoted_list(emptied))
    if not lacks:
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
        made="" if found.key else "from shared.tables.made_columns import MadeColumns\n",
        read=(READ if found.key else READ_KEYED).format(
            address="str(TABLE.resolve())" if is_here else "TABLE", key=key
        ),
        csv=_csv(found),
        types=_types(found),
        truths=_truths(found),
        steps=steps,
    )


def _arrived(found: Guess, start: str) -> str:
    """Return the step that gives each row a moment: a file's new name changes none of them."""
    by_place = not found.key and found.look.address.endswith(table_files.ENDINGS)
    return ARRIVED.format(
        by="its place in the file" if by_place else "its key",
        place='.str.rpartition(":")[2]' if by_place else "",
        key=_quoted(found.key_name),
        time=_quoted(found.time_name),
        days=MADE_DAYS,
        start=start,
    )


def _place(address: str, folder: Path) -> str:
    """Return where the table is: from here on, where it lies near the working folder."""
    if not near_place(address):
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
    types = {found.time.name: "time"} if found.time else {}
    kind = TARGET_TYPES[found.target.kind]
    if found.target.positive is None and kind != "category":
        types[found.target.name] = kind
    types |= {found.key: "text"} if found.key else {}
    return json.dumps(types, ensure_ascii=False)
