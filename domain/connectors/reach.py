"""How far a reading of a list goes: back to what it asks for, and over which rows of ours."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from domain.paging import Path

ENDLESS: Final = 1 << 62
"""A search gives as many records as there are."""


@dataclass(frozen=True)
class Since:
    """How to ask only for what changed.

    Attributes:
        mark: where a record says when it last changed; the latest one seen is where the next fetch begins.
        parameter: query parameter that takes the instant; "" where the interface has none: a list with the newest
            first is then read until it is older than the last fetch.
        into: place in the call's body, instead of a parameter.
        written: how: seconds or milliseconds since 1970, ISO 8601, a day.
        template: the parameter's text around `{since}`.
        overlap: how far back of the last mark the next fetch begins: records that changed while we read, and
            clocks that differ. What comes twice is recognised by its version.
        back: how far before the last mark a page is asked anew (see `window`), where the vendor may leave out what
            changed at that very instant.
    """

    mark: Path
    parameter: str = ""
    into: Path = ()
    written: Literal["epoch_s", "epoch_ms", "iso", "day", "sql"] = "iso"
    template: str = "{since}"
    overlap: timedelta = timedelta(minutes=5)
    back: timedelta = timedelta()

    @property
    def is_newest_first(self) -> bool:
        """Nothing can be asked for: the list is read from its newest end."""
        return not self.parameter and not self.into

    def text(self, instant: datetime) -> str | int:
        """An instant as the interface wants it."""
        at = instant.astimezone(UTC)
        match self.written:
            case "epoch_s":
                value: str | int = int(at.timestamp())
            case "epoch_ms":
                value = int(at.timestamp() * 1000)
            case "iso":
                value = at.strftime("%Y-%m-%dT%H:%M:%SZ")
            case "day":
                value = at.strftime("%Y-%m-%d")
            case "sql":
                value = at.strftime("%Y-%m-%d %H:%M:%S")
        return value if self.template == "{since}" else self.template.format(since=value)


@dataclass(frozen=True)
class Covers:
    """What a reading that ended whole covers: rows of ours within it that it did not show have been deleted.

    Attributes:
        by: name, in the parser's rows, of the instant that the list is asked by: rows from where the reading began
            are covered. "": all of them, as the list is read whole.
        tables: fact tables whose rows; empty: every one that the stream feeds.
        of: the stream whose rows it covers, where this list is read for that alone: its parser gives nothing but
            keys, and no row of it is published. "": its own.
        back: a reading goes back this far, once in `every`.
        every: how often; of a list of keys: how often it is read at all.
        along: of `tables`, those whose rows a list of keys does not show itself: they belong to a row that it shows,
            with whose key and a colon theirs begins, and are there as long as that is.
        total: where a page says how many records the list has: a reading that showed fewer is not believed, as where
            records of one instant have no order of their own. (): it does not say.
        keeps: the list shows the rows of this long alone: older ones have left it by their age. None: of all times.
        published: where a record says when it was published, of a list that shows its newest ones alone: covered is
            what was published between the last and the first of its first page, where these come newest first.
    """

    by: str = ""
    tables: tuple[str, ...] = ()
    of: str = ""
    back: timedelta = timedelta()
    every: timedelta = timedelta()
    along: tuple[str, ...] = ()
    total: Path = ()
    keeps: timedelta | None = None
    published: Path = ()
