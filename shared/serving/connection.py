"""HTTP connections with limits, which send an answer's head along with its body, in one piece.

Uvicorn writes the two one after the other; to send so little takes as long as a model takes for it.
"""

import asyncio
from functools import partial
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from shared.serving.direct import PATHS, DirectAnswers
from shared.serving.protocols.json_rows import QUICK_BYTES
from shared.serving.routes.http import Headers
from shared.serving.security.connections import (
    FRAME_BYTES,
    HEAD_BYTES,
    HEAD_LINES,
    MOST_PIPELINED,
    Lobby,
)

WORDS = {
    408: "the head of the request did not come in time",
    429: "this address has as many connections as are taken from one: close some",
    431: f"a head may have {HEAD_BYTES:,} bytes, and {HEAD_LINES} lines",
    503: "the server has as many connections as it takes: try again later",
}

# So long a body is waited for before the application is given what is there.
HOLD_SECONDS = 0.25
_STATUS = {s.value: f"HTTP/1.1 {s.value} {s.phrase}\r\n".encode() for s in HTTPStatus}
_JSON_OF = b"content-type: application/json\r\ncontent-length: "


class Connection(HttpToolsProtocol):
    """Uvicorn's own, on a transport that gathers what is written in one turn of the event loop.

    It is known to the lobby, and ended where its heads are too large, or come too slowly.
    """

    # The headers of every answer, as uvicorn has them and as they are sent.
    _common: tuple[list[tuple[bytes, bytes]], bytes] = [], b""

    def __init__(
        self, *uvicorns: Any, lobby: Lobby, direct: DirectAnswers | None = None, **more: Any
    ) -> None:
        super().__init__(*uvicorns, **more)
        self._lobby, self._direct = lobby, direct
        # The body, as far as it came, of a request that is answered directly if it is short.
        self._held: list[bytes] | None = None
        self._holding: asyncio.TimerHandle | None = None
        self._socket: asyncio.Transport | None = None
        self._refused = self._has_head = self._too_large = False
        self._is_between = True
        # Bytes of the present request as they came, of its head and of its body; lines of its head.
        self._raw = self._head = self._body = self._lines = 0
        # Bytes of a piece that begins with a request, until that begins.
        self._opening = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._socket = transport
        client = transport.get_extra_info("peername")
        status = self._lobby.enter(self, client[0] if isinstance(client, tuple) else "")
        if status is not None:
            self.transport, self._refused = transport, True
            self._close_with(status)
            return
        self._out = _Gathering(transport, self.loop)
        super().connection_made(self._out)  # type: ignore[arg-type]

    def connection_lost(self, exc: Exception | None) -> None:
        self._lobby.leave(self)
        self._hold_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._opening = len(data) if self._is_between else 0
        self._raw += len(data)
        super().data_received(data)
        if self._held is not None and self._holding is None:
            # Many clients send a body after its head; one that comes later is waited for elsewhere.
            self._holding = self.loop.call_later(HOLD_SECONDS, self._let_go)
        most = HEAD_BYTES + (FRAME_BYTES + 3 * self._body if self._has_head else 0)
        self._too_large |= self._raw > most and not self._is_between
        if self._too_large and not self.transport.is_closing():
            self._close_with(431)

    def on_message_begin(self) -> None:
        self._raw, self._opening = self._opening, 0
        self._head = self._lines = self._body = 0
        self._has_head = self._is_between = False
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._head += len(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head += len(name) + len(value)
        self._lines += 1
        if self._head > HEAD_BYTES or self._lines > HEAD_LINES:
            self._too_large = True
        else:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._has_head = True
        self._too_large |= self._head > HEAD_BYTES or len(self.pipeline) >= MOST_PIPELINED
        if self._too_large:
            return
        if self._direct and self._is_plain():
            self._held = []
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._body += len(body)
        if self._too_large:
            return
        if self._held is None:
            super().on_body(body)
            return
        self._held.append(body)
        if self._body > QUICK_BYTES:
            self._let_go()

    def on_message_complete(self) -> None:
        self._is_between = True
        if self._too_large or self._begins_directly():
            return
        if self.cycle is None:
            return
        if not self.cycle.response_complete:
            self._lobby.ask(self)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        is_last = not self.pipeline
        super().on_response_complete()
        if is_last and not self.transport.is_closing():
            self._lobby.wait(self)

    def _is_plain(self) -> bool:
        """Return whether a request may be answered without the application, by its head."""
        parser = self.parser
        return (
            self.url in PATHS
            and parser.get_method() == b"POST"
            and parser.get_http_version() == "1.1"
            and parser.should_keep_alive()
            and not (self.expect_100_continue or parser.should_upgrade() or self.root_path)
            and not self.flow.write_paused
            and (self.cycle is None or self.cycle.response_complete)
        )

    def _begins_directly(self) -> bool:
        """Begin to answer a request that was held; what is not plain the application is given."""
        if self._held is None or self._direct is None:
            return False
        body = b"".join(self._held)
        scope: Any = self.scope
        path = {"path": PATHS[self.url], "raw_path": self.url}
        scope |= {"method": "POST", "query_string": b"", **path}
        exchange = _Exchange()
        if not self._direct.begin(scope, body, partial(self._send_answer, exchange)):
            self._let_go()
            return False
        self._hold_no_more()
        self.cycle = exchange  # type: ignore[assignment]
        self._lobby.ask(self)
        return True

    def _let_go(self) -> None:
        """Give the application a request that was held, as far as it came."""
        pieces = self._hold_no_more()
        if pieces is not None and not self.transport.is_closing():
            super().on_headers_complete()
            for piece in pieces:
                super().on_body(piece)

    def _hold_no_more(self) -> list[bytes] | None:
        pieces, self._held = self._held, None
        if self._holding:
            self._holding.cancel()
            self._holding = None
        return pieces

    def shutdown(self) -> None:
        self._let_go()
        super().shutdown()

    def _send_answer(
        self, exchange: "_Exchange", status: int, body: bytes, headers: Headers
    ) -> None:
        exchange.response_complete = True
        if exchange.disconnected:
            return
        parts = [_STATUS[status], self._common_headers()]
        for name, value in headers:
            parts += (name, b": ", value, b"\r\n")
        if not exchange.keep_alive:
            parts.append(b"connection: close\r\n")
        parts += (_JSON_OF, b"%d\r\n\r\n" % len(body), body)
        self._out.write_now(b"".join(parts))
        if not exchange.keep_alive:
            self.transport.close()
        elif self.pipeline:
            self.on_response_complete()
        else:
            # The lobby ends it where it waits too long: no timer of its own is needed.
            self.server_state.total_requests += 1
            self._lobby.wait(self)

    def _common_headers(self) -> bytes:
        """Return the headers of every answer, which are new once a second."""
        named = self.server_state.default_headers
        if named is not self._common[0]:
            lines = (b"%s: %s\r\n" % header for header in named)
            type(self)._common = named, b"".join(lines)
        return self._common[1]

    def unread_bytes(self) -> int:
        """Return how much of its answers was not taken yet."""
        return self._socket.get_write_buffer_size() if self._socket else 0

    def cut(self) -> None:
        """End it, without waiting for anything."""
        if self._socket:
            self._socket.abort()

    def give_up(self) -> bool:
        """End it as one whose head did not come in time; False where a body is still coming."""
        if self.cycle and not self.cycle.response_complete:
            return False
        if self.transport.is_closing():
            self.cut()
        elif self._raw and not self._has_head:
            self._close_with(408)
        else:
            self.transport.close()
        return True

    def _close_with(self, status: int) -> None:
        """Answer in a few words, where no other answer is on its way, and close."""
        if self.cycle and not self.cycle.response_complete:
            self.cut()
            return
        words = WORDS[status].encode()
        self.transport.write(
            b"HTTP/1.1 %d %s\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n"
            b"connection: close\r\n\r\n%s"
            % (status, HTTPStatus(status).phrase.encode(), len(words), words)
        )
        self.transport.close()


class _Exchange:
    """Stands for a request that is answered directly, where uvicorn keeps one and its answer."""

    # Nobody waits for it.
    message_event = asyncio.Event()

    def __init__(self) -> None:
        self.response_complete = self.disconnected = False
        self.keep_alive = True


class _Gathering:
    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> None:
        if not self._parts:
            self._loop.call_soon(self._send)
        self._parts.append(data)

    def write_now(self, data: bytes) -> None:
        self._parts.append(data)
        self._send()

    def close(self) -> None:
        self._send()
        self._transport.close()

    def _send(self) -> None:
        parts, self._parts = self._parts, []
        if parts and not self._transport.is_closing():
            self._transport.writelines(parts)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
