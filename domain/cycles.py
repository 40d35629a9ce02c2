"""Python's search for objects that hold each other, put off where many objects are made that do not."""

import atexit
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


@contextmanager
def staying() -> Generator[None]:
    """Put it off where much is imported that stays, and leave that out ever after, when the process ends too."""
    with unsearched():
        try:
            yield
        finally:
            gc.freeze()
            atexit.register(gc.freeze)  # else the interpreter goes through all that is there once more
