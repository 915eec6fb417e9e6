"""The board's server says why it cannot have an address."""

import socket

import pytest

from shared.board import server
from shared.board.people import Access
from shared.errors import Refusal


def test_an_address_that_is_taken_is_refused_in_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Refusal) as refused:
            server.run("127.0.0.1", port, Access())
    assert str(refused.value) == (
        f"127.0.0.1:{port} cannot be had: Address already in use; name another --port"
    )
