"""Libraries of the extra `text`, loaded when they are first needed: the rest works without them."""

import importlib
import importlib.metadata
import importlib.util
from functools import lru_cache
from typing import Any, Final

TONE: Final = ("sklearn",)
LANGUAGE: Final = ("py3langid",)
LEXICON: Final = ("vaderSentiment",)
_RELEASED: Final = ("py3langid", "scikit-learn", "vaderSentiment")


def has(names: tuple[str, ...]) -> bool:
    """Whether these are installed."""
    return all(importlib.util.find_spec(name) is not None for name in names)


def is_complete() -> bool:
    """Whether all of them are installed: the loop reads no text without."""
    return has((*TONE, *LANGUAGE, *LEXICON))


def hint() -> str | None:
    """What is missing and what to do, in one sentence; None: nothing is missing.

    Without the libraries the functions here say `unknown` of every language and tone, and the loop reads no text.
    """
    missing = [name for name in (*TONE, *LANGUAGE, *LEXICON) if not has((name,))]
    if not missing:
        return None
    return f"What customers write is not read: {', '.join(missing)} not installed. Install cxloop's extra: text."


@lru_cache
def loaded(name: str) -> Any:
    """The module of this name; its types are not known.

    Raises:
        ImportError: it is not installed; ask `has` before.
    """
    return importlib.import_module(name)


def versions() -> list[str]:
    """Which releases of them are installed: another one may read otherwise."""
    return [f"{name} {importlib.metadata.version(name)}" for name in _RELEASED]
