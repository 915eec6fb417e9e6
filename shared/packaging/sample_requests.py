"""The bad requests that verification sends: at least ten kinds."""

import json
from collections.abc import Iterator
from typing import Any

from shared.schema.contract import Contract


def bad(good: dict[str, Any], contract: Contract) -> Iterator[tuple[str, str, bytes]]:
    """Yield (kind of mistake, field that an answer must name, body) for at least ten kinds.

    Kinds that a contract has no column for (a range, a fixed list) are left out.
    """
    first = contract.features[0]
    number = next(iter(contract.numeric), None)
    text = next(iter(contract.categorical), None)

    def body(**changed: Any) -> bytes:
        return json.dumps(good | changed).encode()

    yield "a body that is not JSON", "body", b"{not json"
    yield "a list inside a list", "body", json.dumps([[good]]).encode()
    yield "an empty list of rows", "body", b"[]"
    yield "an unknown field", "not_a_column", body(not_a_column=1)
    for name in (contract.key, contract.time):
        others = {k: good[k] for k in good if k != name}
        yield f"a row without {name}", name, json.dumps(others).encode()
    yield "a key that is null", contract.key, body(**{contract.key: None})
    yield "an invalid time", contract.time, body(**{contract.time: "soon"})
    yield "an object for a value", first, body(**{first: {"a": 1}})
    yield "a list for a value", first, body(**{first: [1, 2]})
    yield "a bad second row", first, json.dumps([good, good | {first: {"a": 1}}]).encode()
    if number:
        yield "text for a number", number, body(**{number: "many"})
        yield "an infinite number", number, body(**{number: float("inf")})
    if text:
        yield "a number for a text", text, body(**{text: 1.5})
    for name in contract.features:
        most = contract[name].maximum
        if contract[name].outside == "refuse" and most is not None:
            yield "a number above its range", name, body(**{name: 10 * abs(most or 1) + 1})
            break
    for name in contract.features:
        if not contract[name].nullable:
            yield "a required value that is null", name, body(**{name: None})
            break
