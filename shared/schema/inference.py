"""The contract as a table and the settings have it: what the settings do not say is inferred."""

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NoReturn

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from shared.errors import Refusal
from shared.kinds import TARGET_TYPES
from shared.schema import arrow
from shared.schema.column_reading import NOT_OF_TYPE
from shared.schema.contract import ColumnType, Contract, ContractColumn
from shared.schema.numbers import fit_floats
from shared.schema.reading import column_of, plain_column, read_column
from shared.settings import Settings
from shared.settings_text import settings_key
from shared.words import nearest_names, number_of

# A text column with more distinct values than this is free text, not a category.
MOST_CATEGORIES = 1_000
MOST_SHOWN = 5
# A number with more distinct values than this makes no groups.
MOST_GROUPS = 50


def infer_contract(
    table: pd.DataFrame | pa.Table,
    settings: Settings,
    known: Mapping[str, ColumnType] = MappingProxyType({}),
    truths: tuple[str, str] | None = None,
) -> Contract:
    """Infer what the settings do not say from the rows of a table.

    The types of columns that are `known` otherwise are not inferred, nor are the target's `truths`,
    which a table that was read has no more.

    Inferred categories and ranges describe; only what the settings give is enforced. A column is
    nullable if the settings say so or if a value was ever missing here.
    Raises `Refusal` where a column is not there, or nothing tells its type.
    """
    names = refuse_absent(_names(table), settings)
    contract = Contract(
        key=settings.key,
        time=settings.time,
        target=settings.target,
        features=settings.features,
        columns=tuple(
            _column(n, column_of(table, n), settings, known.get(n), truths) for n in names
        ),
        kind=settings.kind,
        interval=settings.interval.coverage if settings.interval else None,
        ranking=settings.ranking,
        action=settings.action,
    )
    if settings.interval:
        _refuse_continuous(table, contract, settings.interval.by)
    return contract


def infer_target(table: pd.DataFrame | pa.Table, settings: Settings) -> ContractColumn:
    """Infer the target alone, as `infer_contract` does, and raise `Refusal` as it does."""
    refuse_absent(_names(table), settings)
    return _column(settings.target, column_of(table, settings.target), settings, None, None)


def _names(table: pd.DataFrame | pa.Table) -> list[str]:
    return [str(name) for name in (table.column_names if isinstance(table, pa.Table) else table)]


def refuse_absent(there: Sequence[str], settings: Settings) -> list[str]:
    """Return the columns that a contract has; raises `Refusal` where one is not `there`."""
    names = [settings.key, settings.time, *settings.features, settings.target, *settings.others]
    if settings.propensity and settings.propensity not in there:
        names.remove(settings.propensity)
    if absent := [name for name in names if name not in there]:
        raise Refusal(
            f"columns {absent} are named in the settings but not in the source, which has "
            f"{there}{nearest_names(absent, there)}"
        )
    return names


def _refuse_continuous(
    table: pd.DataFrame | pa.Table, contract: Contract, by: Sequence[str]
) -> None:
    """Raise `Refusal` where intervals are asked for by groups that have hardly a row each."""
    # Who ingests may ask for the columns of the origin alone.
    for name in (each for each in by if each in contract.features):
        distinct = len(column_of(table, name).unique())
        if not contract[name].has_classes and distinct > MOST_GROUPS:
            raise Refusal(
                f"[interval] by has {name!r}, a {contract[name].type} with {distinct:,} different "
                "values: give features of few values, or a column with what they are grouped into"
            )


def _column(
    name: str,
    values: pa.ChunkedArray,
    settings: Settings,
    known_type: ColumnType | None,
    truths: tuple[str, str] | None,
) -> ContractColumn:
    given = settings.contract.get(name)
    said = given.model_dump(exclude_none=True) if given else {}
    kind = said.get("type") or known_type or _type(name, values, settings)
    if given and (fault := given.fault_of(kind)):
        raise Refusal(f"[contract] {settings_key(name)}: {fault}, by its values: say its type, too")
    column: dict[str, Any] = {"name": name, "type": kind}
    if name == settings.target and kind == "boolean":
        column["truths"] = truths or _truths(values, settings)
    reading = read_column(values, ContractColumn.model_validate(column | said))
    unreadable = sum(int(rows.sum()) for rows in reading.unreadable.values())
    column["nullable"] = name in (settings.target, *settings.others) or (
        name not in (settings.key, settings.time) and reading.values.null_count > unreadable
    )
    known = reading.values.drop_null()
    if (
        kind in ("number", "integer")
        and len(known)
        and name not in (settings.key, *settings.others)
    ):
        ends = pc.min_max(known).as_py()
        column |= {"minimum": float(ends["min"]), "maximum": float(ends["max"])}
    if name == settings.train.weigh_by:
        column |= {"minimum": 0.0, "outside": "refuse"}
    if kind == "category":
        texts = sorted(known.unique().cast(pa.string()).to_pylist())
        if name == settings.target and all(text.removeprefix("-").isdecimal() for text in texts):
            texts = sorted(texts, key=int)
        column["categories"] = tuple(texts)
    if {"minimum", "maximum"} & said.keys():
        column |= {"minimum": None, "maximum": None, "outside": "refuse"}
    return ContractColumn.model_validate(column | said)


def _type(name: str, values: pa.ChunkedArray, settings: Settings) -> ColumnType:
    if name == settings.time:
        return "time"
    if name == settings.target:
        return TARGET_TYPES[settings.kind]
    if name == settings.key:
        # That of an impression that was served is its slate's name with its place.
        return "integer" if not settings.ranking and _is_whole(name, values) else "text"
    if name in settings.others:
        return settings.others[name]
    return _type_of_feature(name, values)


def _is_whole(name: str, values: pa.ChunkedArray) -> bool:
    """Tell whether a key is a whole number that fits; larger ones are kept as texts."""
    kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
    if pa.types.is_string(kind) or pa.types.is_boolean(kind):
        return False
    return not read_column(values, ContractColumn(name=name, type="integer")).unreadable


def _type_of_feature(name: str, values: pa.ChunkedArray) -> ColumnType:
    kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
    if values.null_count == len(values):
        raise Refusal(
            f"column {name!r} has no value in any row, so that nothing tells its type: say it, "
            f'[contract] {settings_key(name)} = {{ type = "number" }}, or leave the column out of '
            "the features"
        )
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return "time"
    if pa.types.is_integer(kind) and fit_floats(plain_column(values)):
        return "integer"
    is_number = pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    if is_number and fit_floats(plain_column(values)):
        return "number"
    texts = read_column(values, ContractColumn(name=name, type="text"))
    if texts.values.null_count == len(values):
        raise Refusal(
            f"column {name!r} holds {values.type}, which no column of a contract can be: "
            "make it a number, a text, a boolean or a time"
        )
    # Arrow counts no distinct values of a dictionary, which a frame's categories are.
    return "category" if len(texts.values.drop_null().unique()) <= MOST_CATEGORIES else "text"


def _truths(values: pa.ChunkedArray, settings: Settings) -> tuple[str, str] | None:
    """Return the target's own texts for false and true; None where they are known words.

    Raises `Refusal` that shows the values found where nothing says which of them is true.
    """
    readable = read_column(values, ContractColumn(name=settings.target, type="boolean"))
    if settings.positive is None and not readable.unreadable:
        return None
    if pa.types.is_boolean(values.type) and settings.positive in ("true", "True"):
        return None
    read = read_column(values, ContractColumn(name=settings.target, type="text"))
    texts, are_texts = read.values, NOT_OF_TYPE["text"] not in read.unreadable
    # What is no text is shown as it is.
    texts = texts if are_texts else arrow.texts(plain_column(values))
    found = sorted(texts.drop_null().unique().cast(pa.string()).to_pylist())
    others = [text for text in found if text != settings.positive]
    is_one_of_two = settings.positive in found and len(others) == 1
    if settings.positive and is_one_of_two and are_texts:
        return others[0], settings.positive
    if len(found) > 2:
        _refuse_many(texts, readable.values, settings)
    if settings.positive and found == [settings.positive]:
        raise Refusal(
            f"the target {settings.target!r} holds {settings.positive!r} and nothing else: where, "
            "in a CSV file, its other text is one that stands for no value, such as 'None', say "
            "[csv] missing without it"
        )
    raise Refusal(
        f"the target {settings.target!r} holds {_listed(list(map(repr, found)))}: give true and "
        "false, or yes and no, or say which of two is true: "
        f'target = {{ name = "{settings.target}", positive = "{found[-1] if found else "…"}" }}'
    )


def _refuse_many(texts: pa.ChunkedArray, read: pa.ChunkedArray, settings: Settings) -> NoReturn:
    """Refuse a target of more than two values by the odd ones, the most frequent first."""
    words = "more than two values"
    # A known word without its opposite, such as f, may as well be a grade.
    if settings.positive is None and len(read.drop_null().unique()) == 2:
        texts, words = texts.filter(read.is_null()), "values beside true and false"
    counts = Counter(texts.drop_null().cast(pa.string()).to_pylist())
    counted = [f"{text!r} ({count:,})" for text, count in counts.most_common()]
    raise Refusal(
        f"the target {settings.target!r} holds {words}: {_listed(counted)}: mend or "
        'empty what is neither true nor false, or say kind = "multiclass", or "regression" for '
        "a number"
    )


def _listed(values: list[str]) -> str:
    count = len(values) - MOST_SHOWN
    more = f" and {number_of(count, 'more value')}" if count > 0 else ""
    return ", ".join(values[:MOST_SHOWN]) + more or "no value"
