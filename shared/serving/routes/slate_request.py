"""A request for a slate: who asks in which context, what may be shown, and how much of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec
from uuid_utils import uuid7

from shared.log.refused_rows import RowFault, refused_rows
from shared.model.bundle import Bundle
from shared.policies import candidate_sets
from shared.schema import columns
from shared.schema.columns import Columns
from shared.schema.contract import ContractColumn
from shared.schema.reading import read_series
from shared.serving.protocols.json_rows import RowReader, not_json
from shared.serving.request_rows import reading
from shared.serving.request_rows.validation_errors import (
    FieldError,
    InvalidRows,
    body_error,
    shown,
    unreadable_body,
)
from shared.words import number_of

MOST_SHOWN = 1_000
LONGEST_NAME = 100
# Columns by which candidates were described in requests before this one.
FORMS_KEPT = 16
REQUESTS = "requests"
OWN = ("slate", "k", "candidates")


@dataclass(frozen=True, slots=True)
class SlateRequest:
    """What a slate is asked for: `k` of the candidates, for a context at a moment.

    `context` has a value of each feature that all candidates share, `rows` the values of the
    others. Candidates are the rows at these `places`, all where it is None; with `are_items` the
    rows are the bundle's items.
    """

    slate: str
    k: int
    time: datetime
    context: dict[str, Any]
    rows: Columns
    places: list[int] | None = None
    are_items: bool = False

    def given(self, item: str) -> str | None:
        """Return what a log keeps of candidates that the caller gave; None where all items are.

        `item` is the feature that names an item.
        """
        if not self.are_items:
            return candidate_sets.logged_text(self.rows)
        return None if self.places is None else candidate_sets.logged_text(self.values(item))

    @property
    def size(self) -> int:
        """How many candidates there are."""
        return columns.size(self.rows) if self.places is None else len(self.places)

    def values(self, name: str) -> list[Any]:
        """Return the candidates' values of a feature."""
        if name in self.context:
            return [self.context[name]] * self.size
        values = self.rows[name]
        return values if self.places is None else [values[at] for at in self.places]

    def shown(self, name: str, chosen: list[int]) -> list[Any]:
        """Return the values of a feature that some of the candidates have."""
        if name in self.context:
            return [self.context[name]] * len(chosen)
        values, places = self.rows[name], self.places
        return [values[at if places is None else places[at]] for at in chosen]


class SlateReader:
    """Reads requests for slates of one bundle; raises `InvalidRows` for any error.

    `k` is how many are shown where a request does not say, `most` how many candidates there may be.
    """

    def __init__(self, bundle: Bundle, most: int) -> None:
        contract, ranking = bundle.contract, bundle.contract.ranking
        assert ranking
        self._contract, self.item, self._k = contract, ranking.item, ranking.k
        self.most = most
        # Of each feature of an item all values, as they are logged.
        self.items = _items(bundle)
        self._places = {one: at for at, one in enumerate(self.items.get(self.item, ()))}
        self._body = msgspec.json.Decoder(dict[str, msgspec.Raw])
        self._readers = lru_cache(FORMS_KEPT)(self._make_readers)

    def context_columns(self, candidate_names: Sequence[str]) -> list[ContractColumn]:
        """Return what a request says of itself where candidates have features of these names."""
        time = self._contract[self._contract.time].model_copy(update={"nullable": True})
        names = [name for name in self._contract.features if name not in candidate_names]
        return [time, *(self._contract[name] for name in names)]

    def candidate_columns(self, names: Sequence[str]) -> list[ContractColumn]:
        """Return the columns of a candidate that has features of these names."""
        known = (self._contract[name] for name in self._contract.features if name in names)
        needed = {"nullable": False}
        return [c.model_copy(update=needed) if c.name == self.item else c for c in known]

    def read(self, content: bytes) -> SlateRequest:
        """Read a body of JSON."""
        try:
            body = self._body.decode(content)
        except msgspec.ValidationError as error:
            raise body_error(
                "the body is no object, which asks for one slate", str(error)
            ) from None
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise not_json(error) from None
        slate, k, given = (self._own(name, body.pop(name, None)) for name in OWN)
        rows, places, are_items = self._candidates(given)
        context = self._context(body, tuple(rows))
        size = columns.size(rows) if places is None else len(places)
        if k is not None and type(k) is not int:
            raise _wrong("k", "not a whole number", k)
        if k is not None and not 1 <= k <= min(size, MOST_SHOWN):
            there = f"of {number_of(size, 'candidate')} a slate shows 1 to {min(size, MOST_SHOWN)}"
            raise _wrong("k", there, k)
        name = uuid7().hex if slate is None else _name(slate)
        time = context.pop(self._contract.time) or datetime.now(UTC)
        shown = min(k or self._k, size)
        return SlateRequest(name, shown, time, context, rows, places, are_items)

    def _own(self, name: str, raw: Any) -> Any:
        try:
            return None if raw is None else msgspec.json.decode(raw)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise _wrong(name, f"is not JSON: {error}", None) from None

    def _context(self, body: dict[str, Any], candidate_names: tuple[str, ...]) -> dict[str, Any]:
        reader, _ = self._readers(candidate_names)
        rows, _ = reader.read_json(msgspec.json.encode(body))
        return dict(zip((column.name for column in reader.columns), rows[0], strict=True))

    def _candidates(self, given: Any) -> tuple[Columns, list[int] | None, bool]:
        """Return rows, at which places candidates are, and whether rows are the bundle's items."""
        if given is None:
            if not self.items:
                raise _wrong("candidates", "the bundle has no items: give them here", None)
            if self.most < len(self._places):
                raise _wrong("candidates", f"there are {len(self._places):,}: name some", None)
            return self.items, None, True
        if not isinstance(given, list):
            raise _wrong("candidates", "not a list of items", given)
        if not given:
            more = ", or leave it out for all that there are" if self.items else ""
            raise _wrong("candidates", f"none is there: give at least one{more}", given)
        if len(given) > self.most:
            raise _wrong("candidates", f"more than {self.most:,}", f"{len(given):,} of them")
        if all(isinstance(one, dict) for one in given):
            return self._described(given), None, False
        if any(isinstance(one, dict) for one in given):
            how = "some are objects, some are not: give all with their features, or all by name"
            at = next(at for at, one in enumerate(given) if type(one) is not type(given[0]))
            raise _wrong("candidates", how, given[at], at)
        return self.items, self._named(given), True

    def _named(self, given: list[Any]) -> list[int]:
        """Return the places of items that are given by their names."""
        if not self.items:
            raise _wrong("candidates", "the bundle has no items: give their features, too", given)
        places = [self._places.get(one, -1) if type(one) is str else -1 for one in given]
        if -1 in places:
            column = self.candidate_columns([self.item])
            found = reading.read_columns({self.item: given}, len(given), column)
            places = [self._places.get(one, -1) for (one,) in found]
        if -1 in places:
            at = places.index(-1)
            raise self._wrong_item("none of the bundle's items", given[at], at)
        self._refuse_twice(places, given)
        return places

    def _described(self, given: list[dict[str, Any]]) -> Columns:
        """Return the columns of candidates that are given with their features."""
        known = self.items or given[0]
        names = tuple(name for name in self._contract.features if name in (self.item, *known))
        expected = self._readers(names)[1]
        rows = reading.read_rows(given, expected, self.most)
        found = columns.named((column.name for column in expected), rows)
        self._refuse_twice(found[self.item], given)
        return found

    def _refuse_twice(self, keys: list[Any], given: list[Any]) -> None:
        if len({*keys}) == len(keys):
            return
        first: dict[Any, int] = {}
        at = next(at for at, key in enumerate(keys) if first.setdefault(key, at) < at)
        raise self._wrong_item("there twice", given[at], at)

    def _wrong_item(self, problem: str, received: Any, row: int) -> InvalidRows:
        errors = _wrong(self.item, problem, received, row).errors
        return InvalidRows(
            errors, refused_rows(1, {(self.item, problem): RowFault(1, shown(received))})
        )

    def _make_readers(self, names: tuple[str, ...]) -> tuple[RowReader, list[ContractColumn]]:
        return RowReader(self.context_columns(names), 1, OWN), self.candidate_columns(names)


def _items(bundle: Bundle) -> Columns:
    """Return the columns of a bundle's items as Python's values; none where it has no items."""
    frame, contract = bundle.items(), bundle.contract
    if frame is None:
        return {}
    named = (name for name in contract.features if name in frame)
    values = {name: read_series(frame[name], contract[name]).values for name in named}
    return {name: reading.python_values(column) for name, column in values.items()}


def _name(slate: Any) -> str:
    if type(slate) is str and 0 < len(slate) <= LONGEST_NAME and slate.isprintable():
        return slate
    raise _wrong("slate", f"not a printable text of 1 to {LONGEST_NAME} characters", slate)


def _wrong(field: str, problem: str, received: Any, row: int | None = None) -> InvalidRows:
    error = FieldError(row=row, field=field, problem=problem, received=shown(received))
    return InvalidRows([error], unreadable_body(f"{field}: {problem}"))
