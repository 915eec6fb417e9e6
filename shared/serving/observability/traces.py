"""Where a request belongs in its caller's trace, as W3C's `traceparent` and `traceresponse` say it.

https://www.w3.org/TR/trace-context/
"""

import os
import re
from typing import NamedTuple

TRACEPARENT, TRACESTATE, TRACERESPONSE = b"traceparent", b"tracestate", b"traceresponse"
FORM = re.compile(rb"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
# What follows is for versions to come; the present one ends here.
FORM_BYTES, PRESENT = 55, b"00"


class Trace(NamedTuple):
    """A trace's id, the id of the request's own part in it, and whether that is recorded."""

    trace_id: str
    span_id: str
    recorded: bool = False

    @property
    def header(self) -> tuple[bytes, bytes]:
        """The header of an answer that says so."""
        said = f"00-{self.trace_id}-{self.span_id}-{int(self.recorded):02x}"
        return TRACERESPONSE, said.encode()


def trace_of(traceparent: bytes) -> Trace | None:
    """Return a request's own part in its caller's trace; None where the header is not W3C's."""
    found = FORM.match(traceparent)
    if not found:
        return None
    rest = traceparent[FORM_BYTES:]
    if rest and (traceparent[:2] == PRESENT or not rest.startswith(b"-")):
        return None
    return Trace(found[1].decode(), os.urandom(8).hex())
