"""Modules that a library imports and that nobody here uses: imported when something of them is asked for."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from threading import Lock
from types import ModuleType
from typing import Any, Final

_ONE_AT_A_TIME: Final = Lock()


class Postponed(ModuleType):
    """Stands for a module until something of it is asked for, which then imports it."""

    def __getattr__(self, name: str) -> Any:
        """What the module itself has under this name."""
        with _ONE_AT_A_TIME:
            if sys.modules.get(self.__name__) is self:
                del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


@contextmanager
def postponed(*names: str) -> Generator[None]:
    """What is imported inside gets a stand-in for each of these modules; elsewhere they are imported as ever.

    >>> import sys
    >>> with postponed("colorsys"):
    ...     import colorsys
    >>> "colorsys" in sys.modules
    False
    >>> colorsys.rgb_to_hsv(0, 0, 0)[2], "colorsys" in sys.modules
    (0, True)
    """
    for_now = {name: Postponed(name) for name in names if name not in sys.modules}
    sys.modules.update(for_now)
    try:
        yield
    finally:
        with _ONE_AT_A_TIME:
            for name, stand_in in for_now.items():
                if sys.modules.get(name) is stand_in:
                    del sys.modules[name]
