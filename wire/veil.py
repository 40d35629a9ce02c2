"""Keeps secrets out of messages, logs and landed pages."""

from collections.abc import Iterable
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
