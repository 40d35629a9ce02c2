"""Keeps secrets out of messages, logs, positions and the URLs of landed pages."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus

HIDDEN = "•••"
"""Stands where a secret stood."""
_SHORTEST = 4


class Veil:
    """Hides every secret it knows of, as it is written and as URLs and JSON write it."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._hidden: set[str] = set()
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Hide this one too; shorter ones than 4 characters are no secrets and would riddle every text."""
        lines = [line for line in secret.splitlines() if not line.startswith("-----")]
        for text in (secret, *lines):
            if len(text) >= _SHORTEST:
                escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
                self._hidden.update((text, quote(text, safe=""), quote(text), quote_plus(text), escaped))

    def over(self, text: str) -> str:
        """The text without secrets."""
        for secret in sorted(self._hidden, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        return text

    def __repr__(self) -> str:
        return f"Veil({len(self._hidden)} hidden)"


class Placeholders:
    """Writes URLs with `${VARIABLE}` where a variable's value stands, so that they can be kept and asked again.

    `${VARIABLE:url}` stands for the value as a URL escapes it.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values: dict[str, str] = {}
        for name, value in values.items():
            if len(value) >= _SHORTEST:
                self._values |= {f"${{{name}}}": value, f"${{{name}:url}}": quote(value, safe="")}

    def put_into(self, url: str) -> str:
        """The URL without the values, the longest first."""
        names = {value: name for name, value in reversed(self._values.items())}
        return _replaced(url, dict(sorted(names.items(), key=lambda held: len(held[0]), reverse=True)))

    def filled(self, url: str) -> str:
        """The inverse, with the values as they are now."""
        return _replaced(url, self._values)

    def __repr__(self) -> str:
        return f"Placeholders({', '.join(self._values)})"


def _replaced(text: str, others: Mapping[str, str]) -> str:
    """At once: what took a text's place is not looked into again."""
    if not others:
        return text
    return re.sub("|".join(map(re.escape, others)), lambda found: others[found[0]], text)
