"""Memory that is free, given back to the machine."""

import ctypes
from collections.abc import Callable
from functools import cache


def give_back() -> None:
    """Return what the C library keeps of memory that is free: a heap for each thread, as large as it ever was.

    Nothing where that library is another one than GNU's.
    """
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    try:
        return ctypes.CDLL("libc.so.6").malloc_trim
    except (OSError, AttributeError):
        return None
