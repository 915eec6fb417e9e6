"""The board's server: one process at one address."""

import ctypes
import socket
from contextlib import suppress

import uvicorn

from shared import datastores
from shared.board import app
from shared.board.access.people import Access
from shared.board.board import Board
from shared.errors import Refusal
from shared.lineage import run_history

# Names in glibc's malloc.h, each with what it is set to: two pools for all threads, and memory that
# is given back once 128 KiB of it are free.
MALLOC = {
    "M_ARENA_MAX": (-8, 2),
    "M_TRIM_THRESHOLD": (-1, 131_072),
    "M_MMAP_THRESHOLD": (-3, 131_072),
}


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
    give_memory_back()
    board = Board(run_history.branch(), access=access)
    # Ctrl-C is how it is stopped, and no fault.
    with suppress(KeyboardInterrupt):
        print(f"the board is at http://{host}:{listening.getsockname()[1]}", flush=True)
        # The address of a connection is its own, whatever a header says: proxies are trusted by it.
        config = uvicorn.Config(
            app.create(board), log_level="warning", server_header=False, proxy_headers=False
        )
        uvicorn.Server(config).run(sockets=[listening])


def give_memory_back() -> None:
    """Let this process give back what one page has taken, where glibc holds its memory.

    By itself it holds as much for each thread as the largest page of that thread took.
    """
    with suppress(OSError, AttributeError):
        for name, value in MALLOC.values():
            ctypes.CDLL(None).mallopt(name, value)
