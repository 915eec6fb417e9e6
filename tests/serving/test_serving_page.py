"""The limits that docs/serving.md shows are those that hold."""

from shared.sections.operation import Serve
from shared.serving.protocols import arrow_messages, json_rows, json_text, parquet_pages, table_rows
from shared.serving.request_rows import reading_thread
from shared.serving.request_rows.validation_errors import MAX_ERRORS
from shared.serving.security import connections, limits
from tests.conftest import ROOT

PAGE = " ".join((ROOT / "docs" / "serving.md").read_text().split())


def test_each_limit_is_shown_as_it_is() -> None:
    waits = connections.ConnectionLimits()
    mebibyte = limits.MEBIBYTE
    shown = [
        f"| rows of a request | {Serve().json_rows:,} as JSON, {Serve().table_rows:,} as a table |",
        f"| bytes of a body | {limits.MAX_BODY_BYTES // mebibyte} MiB |",
        f"in a body of more than {json_rows.QUICK_BYTES // 1024} KiB | {json_text.VALUE_BYTES:,} |",
        f"take, one by one | {table_rows.MAX_UNPACKED_BYTES:,} |",
        f"| bytes of all large bodies together | {limits.HELD_BYTES // mebibyte} MiB |",
        f"| large bodies that wait to be read | {reading_thread.MOST_WAITING} |",
        f"| seconds for a body | {limits.BODY_SECONDS:g} |",
        f"lines of a head | {connections.HEAD_BYTES:,} and {connections.HEAD_LINES} |",
        f"or the last answer on | {waits.wait_seconds:g} |",
        f"| connections in all | {waits.most:,}; of the address",
        f"that wait for their turn | {connections.MOST_PIPELINED} |",
        f"of an answer has to be read | {waits.unread_seconds:g} |",
        f"| errors that are found and sent | {MAX_ERRORS} |",
        f"in up to {arrow_messages.MOST_MESSAGES:,} batches",
        f"have up to {parquet_pages.MOST_PAGES:,} pages",
        f"a footer of up to {parquet_pages.MOST_FOOTER_BYTES // mebibyte} MiB",
        f"shorter than the server's {waits.wait_seconds:g} s",
        f"client_max_body_size {limits.MAX_BODY_BYTES // mebibyte}m;",
    ]
    assert [words for words in shown if words not in PAGE] == []
    assert waits.most_of_one == waits.most // 2
