"""The body of a request of the Open Inference Protocol, read tensor by tensor where it is large."""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from shared.serving.protocols.json_rows import QUICK_BYTES
from shared.serving.protocols.json_text import VALUE_BYTES, JsonText, ValueTooLarge
from shared.serving.protocols.tensors import Inference, ProtocolError, Tensor
from shared.serving.request_rows.validation_errors import InvalidRows, shown
from shared.words import number_of


def read_inference(content: bytes, most_rows: int, most_inputs: int) -> Inference:
    """Return what is asked; raises `ProtocolError` where it is no such request, or too large.

    Of more inputs than there are columns the first ones too many are returned: one of them is there
    twice, or is no column.
    """
    try:
        if len(content) <= QUICK_BYTES and (found := _read_quickly(content)):
            return found
        return Inference.model_validate(_body(JsonText(content), most_rows, most_inputs))
    except ValidationError as error:
        raise _refusal(error) from None
    except ValueTooLarge:
        words = f"a value that is no input's data has more than {VALUE_BYTES:,} bytes"
        raise ProtocolError(400, f"body: {words}") from None
    except InvalidRows as invalid:
        raise ProtocolError(400, f"body: {invalid.errors[0].problem}") from None
    except (ValueError, RecursionError) as error:
        words = "nested too deep" if isinstance(error, RecursionError) else str(error)
        raise ProtocolError(400, f"body: Invalid JSON: {words}") from None


def _read_quickly(content: bytes) -> Inference | None:
    """Read a small body; None where pydantic calls it no JSON, of which it would show all.

    It may be some: it can have half a character, or more digits than pydantic reads.
    """
    try:
        return Inference.model_validate_json(content)
    except ValidationError as error:
        if error.errors(include_url=False)[0]["type"] != "json_invalid":
            raise
        return None


def _body(text: JsonText, most_rows: int, most_inputs: int) -> Any:
    if text.peek() != "{":
        return text.value()
    body: dict[str, Any] = {}
    for name in text.members():
        is_inputs = name == "inputs" and text.peek() == "["
        body[name] = [] if is_inputs else text.value()
        for tensor in _tensors(text, most_rows) if is_inputs else ():
            body[name].append(tensor)
            if len(body[name]) > most_inputs:
                return body
    text.end()
    return body


def _tensors(text: JsonText, most_rows: int) -> Iterator[Tensor]:
    for at, _ in enumerate(text.items()):
        sent = text.value() if text.peek() != "{" else _tensor(text, most_rows)
        try:
            yield Tensor.model_validate(sent)
        except ValidationError as error:
            raise _refusal(error, "inputs", at) from None


def _tensor(text: JsonText, most_rows: int) -> dict[str, Any]:
    sent: dict[str, Any] = {}
    for name in text.members():
        try:
            sent[name] = text.value()
        except ValueTooLarge:
            if name != "data" or text.peek() != "[":
                raise
            sent[name] = _data(text, most_rows)
        if name == "data" and isinstance(sent[name], list) and len(sent[name]) > most_rows:
            raise _too_many(most_rows)
    return sent


def _data(text: JsonText, most_rows: int) -> list[Any]:
    """Return the values of a list, or of the lists in it, which is too large to be read at once."""
    values: list[Any] = []
    for at, _ in enumerate(text.items()):
        if at >= most_rows:
            raise _too_many(most_rows)
        for _ in text.items() if text.peek() == "[" else [None]:
            values.append(value := text.value())
            if isinstance(value, list | dict):
                words = f"an input's data has {shown(value)}, which is no value"
                raise ProtocolError(400, f"body: {words}")
            if len(values) > most_rows:
                raise _too_many(most_rows)
    return values


def _too_many(most_rows: int) -> ProtocolError:
    return ProtocolError(
        400, f"body: there are more than {number_of(most_rows, 'row')}: send them in parts"
    )


def _refusal(error: ValidationError, *place: str | int) -> ProtocolError:
    first = error.errors(include_url=False)[0]
    where = ".".join(map(str, (*place, *first["loc"]))) or "body"
    received = "" if first["type"] == "missing" else f" (received {shown(first['input'])})"
    return ProtocolError(400, f"{where}: {first['msg']}{received}")
