"""Halves of characters in JSON: an emoji cut in two is a text that no database takes."""

import re
from typing import Final

SIGN: Final = "\ufffd"
"""Stands for what cannot be read."""
_ESCAPE: Final = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
_HALF: Final = re.compile("[\ud800-\udfff]")


def without_halves(text: str) -> str:
    r"""A JSON text with a replacement sign in place of each half of a character (a surrogate without its other half).

    >>> without_halves(r'{"said": "cut \ud83d, whole \ud83d\ude00"}')
    '{"said": "cut �, whole \\ud83d\\ude00"}'
    """
    if "\\ud" in text or "\\uD" in text:
        text = _ESCAPE.sub(lambda found: SIGN if found[1] else found[0], text)
    if _HALF.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
