"""Secrets that lie in Prefect: `block:acme-zendesk-token` in place of a variable's name. Nothing is read here."""

import re
from typing import Final

_PREFIX: Final = "block:"
_NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def block_in(text: str) -> str | None:
    """The name of the block that a text stands for; None: it is something else.

    >>> block_in("block:acme-zendesk-token")
    'acme-zendesk-token'
    """
    return text.removeprefix(_PREFIX) if text.startswith(_PREFIX) else None


def wrong_block(text: str) -> str | None:
    """What is wrong with a text that stands for a block; None: nothing, or it stands for none."""
    name = block_in(text)
    if name is None or _NAME.fullmatch(name):
        return None
    return f"expected block: and the name of a block, lower-case letters, digits and dashes, found '{text}'"
