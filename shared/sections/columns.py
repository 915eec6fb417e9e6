"""What the settings say of a table's columns, and of files that hold them."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StrictBool, model_validator

from shared.sections.section import Section

# A character of ASCII, but for a quote and the ends of lines.
DELIMITER = r"^[\x01-\x09\x0b\x0c\x0e-\x21\x23-\x7f]$"
# What strptime and pandas read alike of a date and a time of day.
DIRECTIVES = "YymbBdjHIpMSfzZaA"
# Formats of numbers, in which times have passed since 1970: so many microseconds each.
SINCE_1970 = {"seconds": 1_000_000, "milliseconds": 1_000}


class Column(Section):
    """What the settings say of one column; what they leave out is inferred from the data.

    `format` is how a time's texts are written where they are not ISO 8601, as `strptime` has it.
    """

    type: Literal["number", "integer", "category", "boolean", "time", "text"] | None = None
    """What its values are; left out, what they look like."""
    nullable: StrictBool | None = None
    """Whether a value may be missing; left out, where some are."""
    minimum: float | None = None
    """The least value, of a number; left out, what was seen (and less is accepted)."""
    maximum: float | None = None
    """The largest value, likewise."""
    categories: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    """The values of a category; left out, those that were seen."""
    outside: Literal["accept", "refuse"] | None = None
    """What becomes of a value outside the range or the categories: it is refused, or accepted and
    left to the monitor."""
    format: str | None = None
    """How a time's texts are written that are not ISO 8601, as `strptime` has it: by directives, of
    a date and no more than once each, such as `"%d/%m/%Y %H:%M"`; without a day, `"%b-%Y"`, of the
    month's first one. `"seconds"` and `"milliseconds"` are of numbers since 1970, in UTC. It makes
    the column a time."""

    made: StrictBool | None = None
    """Whether rows of files may lack it, which only the key and the time may be: a key is then the
    file's name and the row's place in it, as `days.csv:17`, and a time is when the file is read."""

    @model_validator(mode="before")
    @classmethod
    def _a_format_is_of_a_time(cls, said: Any) -> Any:
        if isinstance(said, dict) and said.get("format") is not None:
            return said | {"type": said.get("type") or "time"}
        return said

    @model_validator(mode="after")
    def _range_has_values(self) -> Self:
        if self.minimum is None or self.maximum is None:
            return self
        if self.minimum > self.maximum:
            raise ValueError(
                f"minimum = {self.minimum:g} is above maximum = {self.maximum:g}: no value is "
                "between"
            )
        return self

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        if self.type and (fault := self.fault_of(self.type)):
            raise ValueError(fault)
        return self

    def fault_of(self, kind: str) -> str:
        """Return what is said here that no column of a type has; nothing where all fits."""
        if self.categories is not None and kind != "category":
            return f'categories are of type = "category", and this is {kind!r}'
        if (self.minimum, self.maximum) != (None, None) and kind not in ("number", "integer"):
            return f"minimum and maximum are of a number or an integer, and this is {kind!r}"
        return ""

    def fault_as(self, kinds: tuple[str, ...], *, is_needed: bool) -> str:
        """Return what is said here that a column of one of these types, which is needed, has not.

        Nothing where all fits.
        """
        if self.type and self.type not in kinds:
            return f"type = {self.type!r} is none of {', '.join(kinds)}: leave it out"
        if self.nullable and is_needed:
            return "nullable = true, and no row is one without it: leave it out"
        return self.fault_of(kinds[0])

    @model_validator(mode="after")
    def _format_can_be_read(self) -> Self:
        if self.format is None:
            return self
        if self.type != "time":
            raise ValueError(f"format says how a time is written, and type is {self.type!r}")
        if self.format in SINCE_1970:
            return self
        given = re.findall(r"%(.?)", self.format.replace("%%", ""))
        known, named = [one for one in given if one in {*DIRECTIVES}], {*given}
        month = "j" in named or named & {*"mbB"}
        if len({*known}) < len(given) or not (month and named & {*"yY"}):
            raise ValueError(
                f"format {self.format!r} is none of a date: it needs a year and a month, as "
                f'"%d/%m/%Y %H:%M" has them, each directive once, of %{" %".join(DIRECTIVES)}; or '
                f"is {' or '.join(SINCE_1970)}, of numbers since 1970"
            )
        return self


class Csv(Section):
    """How CSV files are written: these hold for every CSV file that is read for the problem.

    `missing` are the texts that stand for no value where a number, boolean or time is expected, as
    in a target of two texts, but for the one that is true, and in one of several classes, but for
    `None` and for those that [contract] lists; an empty cell is missing everywhere.
    """

    delimiter: Annotated[str, Field(pattern=DELIMITER)] = ","
    """What stands between cells: a single character; `"\\t"` is a tab."""
    decimal: Literal[".", ","] = "."
    """The decimal sign of numbers."""
    thousands: Literal["", ".", ",", " ", "'"] = ""
    """What stands between the thousands of numbers, as in 1.234,50; nothing as a rule."""
    encoding: str = "utf-8"
    """The encoding of the texts, as Python names it."""
    missing: tuple[str, ...] = ("NA", "N/A", "NaN", "nan", "null", "NULL", "None", "#N/A")
    """Texts that stand for no value where a number, boolean or time is expected."""

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        if self.delimiter == self.decimal:
            raise ValueError(f"csv: {self.decimal!r} cannot be the delimiter and the decimal sign")
        if self.thousands == self.decimal:
            raise ValueError(
                f"csv: {self.decimal!r} cannot be the decimal sign and between thousands"
            )
        try:
            "".encode(self.encoding)
        except LookupError:
            raise ValueError(
                f"csv: no encoding of texts is called {self.encoding!r} here"
            ) from None
        return self


# What people and programs write where there is no value, in lower case.
TEXTS_FOR_NOTHING = frozenset(text.casefold() for text in Csv().missing) | {
    *("", "-", "--", "?", "nil", "<na>", "(null)", "undefined", "missing", "\\n"),
}
