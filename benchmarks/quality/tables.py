"""A table as Markdown, as it stands in docs/quality.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Table:
    """Rows under named columns, with one line above."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]

    def markdown(self) -> str:
        """The table in Markdown."""
        head = [f"| {' | '.join(self.columns)} |", f"|{'---|' * len(self.columns)}"]
        body = [f"| {' | '.join(row)} |" for row in self.texts()["rows"]]
        return "\n".join([f"{self.title}:", "", *head, *body, ""])

    def texts(self) -> dict[str, Any]:
        """Title, columns and rows, each value as it is printed."""
        rows = [[_text(value) for value in row] for row in self.rows]
        return {"title": self.title, "columns": list(self.columns), "rows": rows}


Sections = dict[str, list[Table]]
"""Tables by the heading that they stand under; empty: under none of their own."""


def _text(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
