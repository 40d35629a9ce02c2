"""Python's search for objects that hold each other, put off where many objects are made that do not."""

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def unsearched() -> Generator[None]:
    """Put it off: rows have no cycles and modules stay, and it would go through them again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
