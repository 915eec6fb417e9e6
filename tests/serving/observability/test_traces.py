"""A caller's trace is taken as W3C has it, and a request's own part in it is told back."""

import re

import pytest

from shared.serving.observability.traces import trace_of

TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.mark.parametrize(
    "given", [f"00-{TRACE}-{CALLER}-01", f"00-{TRACE}-{CALLER}-00", f"cc-{TRACE}-{CALLER}-01-more"]
)
def test_a_request_has_a_part_of_its_own_in_its_caller_s_trace(given: str) -> None:
    trace = trace_of(given.encode())
    assert trace is not None
    assert trace.trace_id == TRACE
    assert re.fullmatch("[0-9a-f]{16}", trace.span_id)
    assert trace.span_id != CALLER
    assert trace.header == (b"traceresponse", f"00-{TRACE}-{trace.span_id}-00".encode())


@pytest.mark.parametrize(
    "given",
    [
        *("", "00", TRACE, f"00-{TRACE}-{CALLER}", f"00-{TRACE.upper()}-{CALLER}-01"),
        *(f"ff-{TRACE}-{CALLER}-01", f"00-{'0' * 32}-{CALLER}-01", f"00-{TRACE}-{'0' * 16}-01"),
        *(
            f"00-{TRACE}-{CALLER}-01-more",
            f"cc-{TRACE}-{CALLER}-01.more",
            f" 00-{TRACE}-{CALLER}-01",
        ),
    ],
)
def test_what_is_not_as_the_standard_has_it_is_no_trace(given: str) -> None:
    assert trace_of(given.encode()) is None
