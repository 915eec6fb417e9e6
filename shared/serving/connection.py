"""HTTP connections with limits, which send an answer's head along with its body, in one piece.

Uvicorn writes the two one after the other; to send so little takes as long as a model takes for it.
"""

import asyncio
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

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


class Connection(HttpToolsProtocol):
    """Uvicorn's own, on a transport that gathers what is written in one turn of the event loop.

    It is known to the lobby, and ended where its heads are too large, or come too slowly.
    """

    def __init__(self, *uvicorns: Any, lobby: Lobby, **more: Any) -> None:
        super().__init__(*uvicorns, **more)
        self._lobby = lobby
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
        super().connection_made(_Gathering(transport, self.loop))  # type: ignore[arg-type]

    def connection_lost(self, exc: Exception | None) -> None:
        self._lobby.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._opening = len(data) if self._is_between else 0
        self._raw += len(data)
        super().data_received(data)
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
        if not self._too_large:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._body += len(body)
        if not self._too_large:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._is_between = True
        if not self._too_large:
            if not self.cycle.response_complete:
                self._lobby.ask(self)
            super().on_message_complete()

    def on_response_complete(self) -> None:
        is_last = not self.pipeline
        super().on_response_complete()
        if is_last and not self.transport.is_closing():
            self._lobby.wait(self)

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


class _Gathering:
    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> None:
        if not self._parts:
            self._loop.call_soon(self._send)
        self._parts.append(data)

    def close(self) -> None:
        self._send()
        self._transport.close()

    def _send(self) -> None:
        parts, self._parts = self._parts, []
        if parts and not self._transport.is_closing():
            self._transport.writelines(parts)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
