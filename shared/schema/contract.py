"""The contract: which columns a row has, and what may stand in them."""

from typing import Any, Literal, Self

import pandas as pd
from pydantic import BaseModel, ConfigDict

from shared.errors import Refusal
from shared.settings import Settings

ColumnType = Literal["number", "integer", "category", "boolean", "time", "text"]

# A text column with more distinct values than this is free text, not a category.
MOST_CATEGORIES = 1_000


class ContractColumn(BaseModel):
    """One column: its type, and what is allowed in it.

    `outside` says what becomes of a value that is not among the categories or not in the range:
    `refuse` (the server answers 422), or `accept` (predicted, logged, and left to the monitor).
    `format` is how a time's texts are written where they are not ISO 8601, as `strptime` has it;
    `truths` are the texts that stand for false and for true, where they are a pair of their own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    type: ColumnType
    nullable: bool = False
    minimum: float | None = None
    maximum: float | None = None
    categories: tuple[str, ...] | None = None
    outside: Literal["accept", "refuse"] = "accept"
    format: str | None = None
    truths: tuple[str, str] | None = None

    @property
    def out_of_range(self) -> str:
        """What is said of a value that is not in the range, where there is one."""
        if self.minimum is None:
            return f"above {self.maximum:g}"
        if self.maximum is None:
            return f"below {self.minimum:g}"
        return f"outside {self.minimum:g} to {self.maximum:g}"


class Contract(BaseModel):
    """The columns of a problem: key, time, target and features."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    time: str
    target: str
    features: tuple[str, ...]
    columns: tuple[ContractColumn, ...]

    def __getitem__(self, name: str) -> ContractColumn:
        return next(column for column in self.columns if column.name == name)

    @property
    def numeric(self) -> list[str]:
        """The features that a model sees as numbers (number, integer, boolean, time)."""
        return [name for name in self.features if self[name].type not in ("category", "text")]

    @property
    def categorical(self) -> list[str]:
        """The features that a model sees as categories."""
        return [name for name in self.features if self[name].type in ("category", "text")]

    @classmethod
    def infer(cls, frame: pd.DataFrame, settings: Settings) -> Self:
        """Infer what the settings do not say from the rows of a table.

        Inferred categories and ranges describe; only what the settings give is enforced. A number
        is nullable if the settings say so or if it was ever missing here.
        """
        names = [settings.key, settings.time, *settings.features, settings.target]
        if absent := [name for name in names if name not in frame]:
            raise Refusal(
                f"columns {absent} are named in the settings but not in the source, "
                f"which has {list(frame.columns)}"
            )
        return cls(
            key=settings.key,
            time=settings.time,
            target=settings.target,
            features=settings.features,
            columns=tuple(_infer_column(frame[name], settings) for name in names),
        )


def _infer_column(values: pd.Series, settings: Settings) -> ContractColumn:
    name = str(values.name)
    given = settings.contract.get(name)
    said = given.model_dump(exclude_none=True) if given else {}
    kind = said.get("type") or _infer_type(values, name, settings)
    column: dict[str, Any] = {"name": name, "type": kind}
    column["nullable"] = name == settings.target or (
        name not in (settings.key, settings.time) and bool(values.isna().any())
    )
    known = values.dropna()
    if kind in ("number", "integer") and len(known) and name != settings.key:
        column |= {"minimum": float(known.min()), "maximum": float(known.max())}
    if kind == "category":
        column["categories"] = tuple(sorted(known.astype(str).unique()))
    if {"minimum", "maximum"} & said.keys():
        column |= {"minimum": None, "maximum": None, "outside": "refuse"}
    return ContractColumn.model_validate(column | said)


def _infer_type(values: pd.Series, name: str, settings: Settings) -> ColumnType:
    known = values.dropna()
    if name == settings.time:
        return "time"
    if name == settings.key:
        return "integer" if pd.api.types.is_integer_dtype(values.dtype) else "text"
    if name == settings.target or pd.api.types.is_bool_dtype(known.infer_objects().dtype):
        return "boolean"
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return "time"
    if pd.api.types.is_numeric_dtype(values.dtype):
        return "integer" if pd.api.types.is_integer_dtype(values.dtype) else "number"
    return "category" if known.astype(str).nunique() <= MOST_CATEGORIES else "text"
