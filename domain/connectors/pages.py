"""A page as it came, and the rows that a parser makes of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Row = dict[str, Any]
"""A row of a fact table: its columns' values as text, number, flag or None, instants as ISO 8601 with zone. The
table's own key and references are the vendor's keys, without the source's name. Any other name is an extra that
`columns:` in sources.yaml may read (custom fields, tags)."""

Rows = Mapping[str, Sequence[Row]]
"""Rows by fact table."""

Options = Mapping[str, Any]
"""What sources.yaml says under the source's `options:`, with the connector's defaults filled in."""


@dataclass(frozen=True)
class Page:
    """One page as it came.

    Attributes:
        body: the JSON of the page (the text of a feed).
        children: by (child's name, record's id): the bodies of the calls made for that record.
        each: the member of the stream's `per_option` that it is of.
    """

    body: Any
    children: Mapping[tuple[str, str], Sequence[Any]] = field(default_factory=dict[tuple[str, str], list[Any]])
    each: str = ""

    def of(self, child: str, key: object) -> Sequence[Any]:
        """The bodies that one child's calls gave for one record."""
        return self.children.get((child, str(key)), ())


Parse = Callable[[Page, Options], Rows]
"""A function of a module, like all functions of a connector: other processes are told them by name."""


def iso(epoch: float | str | None, *, per_second: int = 1) -> str | None:
    """Seconds (or parts of them) since 1970 as ISO 8601; None stays None.

    >>> iso(1600000000)
    '2020-09-13T12:26:40Z'
    """
    if epoch is None or epoch == "":
        return None
    return datetime.fromtimestamp(float(epoch) / per_second, UTC).isoformat().replace("+00:00", "Z")
