"""What a large request took is given back to the system as soon as it is free."""

import ctypes

# Settings of the C library's malloc, by their numbers in malloc.h: blocks of a mebibyte and more
# are apart from all others, for good, so that they go back when they are freed; there are few
# places from which threads take the others.
TRIM_THRESHOLD, MMAP_THRESHOLD, ARENAS = -1, -3, -8
MEBIBYTE = 1024 * 1024
SETTINGS = {MMAP_THRESHOLD: MEBIBYTE, TRIM_THRESHOLD: 8 * MEBIBYTE, ARENAS: 2}


def keep_large_blocks_apart() -> None:
    """Set up this process's malloc, where it is one that can be set up."""
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        for setting, value in SETTINGS.items():
            library.mallopt(setting, value)
