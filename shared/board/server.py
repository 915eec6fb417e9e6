"""The board's server: one process at one address."""

import socket

import uvicorn

from shared import datastores
from shared.board import app
from shared.board.board import Board
from shared.board.people import Access
from shared.errors import Refusal
from shared.lineage import run_history


def run(host: str, port: int, access: Access) -> None:
    """Serve the board until it is stopped. Raises `Refusal` where the address cannot be had."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        reason = error.strerror or error
        raise Refusal(f"{host}:{port} cannot be had: {reason}; name another --port") from None
    listening.listen(128)
    datastores.share_clients()
    board = Board(run_history.branch(), access=access)
    print(f"the board is at http://{host}:{listening.getsockname()[1]}", flush=True)
    # The address of a connection is its own, whatever a header says: proxies are trusted by it.
    config = uvicorn.Config(
        app.create(board), log_level="warning", server_header=False, proxy_headers=False
    )
    uvicorn.Server(config).run(sockets=[listening])
