"""One list of an interface: how it is asked, and what its records must have."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from domain.connectors.pages import Parse
from domain.connectors.reach import Covers, Since
from domain.paging import Once, Paging, Path, Request, inside


@dataclass(frozen=True)
class Rate:
    """What the vendor allows: `n` calls in `per_s` seconds. We take the share of it that `quota:` says."""

    n: float
    per_s: float


def _every(_: Mapping[str, Any]) -> bool:
    return True


@dataclass(frozen=True)
class Field:
    """One field of a record that the parser needs: a page without it, or with another type, stops the stream.

    Attributes:
        at: where in a record.
        type: what it must be, unless it is null.
        words: all values the parser knows; a new one is a warning with its count.
        is_required: the field must be there (its value may still be null).
    """

    at: Path
    type: Literal["text", "number", "flag", "list", "object", "any"] = "any"
    words: tuple[str, ...] = ()
    is_required: bool = True


@dataclass(frozen=True)
class Child:
    """A call made for each record of a page: the comments of a ticket.

    Attributes:
        request: `{id}` in its path or query stands for the record's key.
        wanted: which records; by default all.
        is_optional: older versions of the interface lack it: that none has it is no error.
    """

    name: str
    request: Request
    paging: Paging = field(default_factory=Once)
    records: Path = ()
    wanted: Callable[[Mapping[str, Any]], bool] = _every
    is_optional: bool = False


@dataclass(frozen=True)
class Job:
    """An export that has to be ordered, waited for and picked up (Qualtrics).

    Attributes:
        started: where the answer to the stream's own request names the job.
        progress: the call that tells how far it is; `{job}` stands for it.
        state: where that answer says so. done, failed: the words.
        file: where that answer names the file.
        pick_up: the call for the file (JSON, may be zipped); `{file}` stands for it.
    """

    started: Path
    progress: Request
    state: Path
    done: str
    failed: str
    file: Path
    pick_up: Request


@dataclass(frozen=True)
class Stream:
    """One list of the interface.

    Attributes:
        name: as cursors, logs and `streams:` call it.
        request: the first call; `{option}`s in its path, query and body are filled in.
        parse: a page's rows by fact table: pure.
        feeds: fact tables it may give rows for.
        records: where the page's list is.
        key: where a record has its key.
        since: how to ask for what changed; None: the whole list each time.
        keeps_token: the paging's last token is kept, and the next fetch goes on from it.
        token: where that token is in the body.
        fields: what a record must have.
        window: records that one search gives at most, the oldest change first: each page is asked anew from the
            last mark, so that nothing moves between two pages; by its number only where a page holds one mark alone.
            ENDLESS: any number.
        per_option: name of an option that holds a list or a mapping: the stream is read once for each of its
            members (its keys), which `{each}` stands for; the parser finds it as the option `each`.
        rate: this list's own limit, where it is not the connector's.
        decode: what makes a body of names and lists of an answer that is text, not JSON (a feed).
        leaves_out_empty: a page without its list has no records (Google).
        covers: what its readings tell of rows that they no longer show; None: nothing.
    """

    name: str
    request: Request
    parse: Parse
    feeds: tuple[str, ...]
    records: Path = ()
    key: Path = ("id",)
    paging: Paging = field(default_factory=Once)
    since: Since | None = None
    keeps_token: str = ""
    token: Path = ()
    fields: tuple[Field, ...] = ()
    children: tuple[Child, ...] = ()
    window: int | None = None
    job: Job | None = None
    per_option: str = ""
    rate: Rate | None = None
    decode: Callable[[Any], Any] | None = None
    leaves_out_empty: bool = False
    covers: Covers | None = None

    def records_of(self, body: Any) -> list[Any]:
        """The page's records; TypeError where its list is no list."""
        found = inside(self.decode(body) if self.decode else body, self.records)
        if found is None and self.leaves_out_empty:
            return []
        if found is None and self.records:
            raise KeyError(".".join(self.records))
        if not isinstance(found, list):
            raise TypeError(type(found).__name__)
        return found  # pyright: ignore[reportUnknownVariableType]
