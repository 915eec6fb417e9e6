"""What the sections of the settings have in common."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from shared.utc import as_utc

Share = Annotated[float, Field(ge=0, le=1)]
# Five fields: minute, hour, day of the month, month, day of the week.
CRON = r"^$|^[\d*/,-]+( [\d*/,-]+){2} [\w*/,-]+ [\w*/,-]+$"
# What generators of random numbers take.
Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]
Moment = Annotated[datetime, AfterValidator(as_utc)]
Number = int | Annotated[float, Field(allow_inf_nan=False)]


class Section(BaseModel):
    """A part of the settings: frozen, closed to unknown keys, and with numbers that are such."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _numbers_are_numbers(cls, given: Any, info: ValidationInfo) -> Any:
        kind = cls.model_fields[str(info.field_name)].annotation
        if _leaves(kind) <= {int, float} and any(isinstance(v, bool | str) for v in _held(given)):
            raise ValueError("give a number, without quotes")
        return given


def _leaves(kind: Any) -> set[Any]:
    """Return the types that a key's values may have, also of each of a dict."""
    among = [each for each in get_args(kind) if each is not NoneType]
    if get_origin(kind) is Annotated:
        return _leaves(among[0])
    if get_origin(kind) is dict:
        return _leaves(among[1])
    if get_origin(kind) in (Union, UnionType):
        return set().union(*map(_leaves, among))
    return {kind}


def _held(given: Any) -> Iterator[Any]:
    if isinstance(given, Mapping):
        for each in given.values():
            yield from _held(each)
    else:
        yield given
