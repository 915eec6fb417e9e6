"""A process gives large blocks back to the system as soon as they are free."""

import subprocess
import sys

import pytest

# Small blocks that stay hold large ones between them, once malloc keeps them in one place.
WORK = """
import ctypes
import os
from shared.serving import memory

def held():
    with open("/proc/self/statm") as told:
        return int(told.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

{setting}
library = ctypes.CDLL(None)
library.malloc.restype = library.realloc.restype = ctypes.c_void_p
take = lambda size: ctypes.memset(library.malloc(ctypes.c_size_t(size)), 1, size)
library.free(ctypes.c_void_p(take(16 * memory.MEBIBYTE)))
before, large, small = held(), [], []
for _ in range(50):
    large.append(take(4 * memory.MEBIBYTE))
    small.append(take(64))
during = held()
for block in large:
    library.free(ctypes.c_void_p(block))
print(during - before, held() - before)
"""


def left_of(setting: str) -> float:
    """Return how much of what it took a process still has, once it is free."""
    code = WORK.replace("{setting}", setting)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    taken, left = map(float, done.stdout.split())
    assert taken > 150
    return left / taken


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_large_blocks_are_given_back_whatever_small_ones_stay() -> None:
    assert left_of("memory.keep_large_blocks_apart()") < 0.1
