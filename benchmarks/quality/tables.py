"""A table as Markdown, as it stands in docs/quality.md."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """Rows under named columns, with one line above."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]

    def markdown(self) -> str:
        """The table in Markdown."""
        head = [f"| {' | '.join(self.columns)} |", f"|{'---|' * len(self.columns)}"]
        body = [f"| {' | '.join(_text(value) for value in row)} |" for row in self.rows]
        return "\n".join([f"{self.title}:", "", *head, *body, ""])


def _text(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
