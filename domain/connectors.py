"""What a connector is: facts about a vendor's interface, and one pure parser for each stream of it.

A connector declares; `wire` calls, waits, pages and retries; `tasks/extract/connectors/` holds one module a
vendor. Its parser turns a page into rows of fact tables, whose values are typed, checked and prefixed by the
same code that reads files.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from domain.paging import Answer, Once, Paging, Path, Request, inside

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


def _every(_: Mapping[str, Any]) -> bool:
    return True


def _never(_: Answer) -> bool:
    return False


def _no_refusal(_: Answer) -> str | None:
    return None


# ---- who asks -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Secret:
    """One secret a connector needs.

    Attributes:
        name: how the connector's facts call it.
        variable: the environment variable it is read from, unless `secrets:` in sources.yaml names another.
        meaning: what it is and where the vendor gives it.
    """

    name: str
    variable: str
    meaning: str


@dataclass(frozen=True)
class Basic:
    """HTTP Basic. `{name}` stands for a secret."""

    user: str
    password: str


@dataclass(frozen=True)
class Token:
    """A header with a token. `{name}` stands for a secret."""

    value: str = "Bearer {token}"
    header: str = "Authorization"


@dataclass(frozen=True)
class SignedToken:
    """A short-lived token that we sign: App Store Connect (ES256).

    Attributes:
        key, key_id, issuer: names of secrets: the private key (PEM), its id, the issuer.
    """

    key: str
    key_id: str
    issuer: str
    audience: str
    lifetime: timedelta = timedelta(minutes=15)


@dataclass(frozen=True)
class ServiceAccount:
    """A token that a signed request is exchanged for: Google.

    Attributes:
        account: name of the secret that holds the account's JSON key.
    """

    account: str
    scope: str


@dataclass(frozen=True)
class Public:
    """Anyone may read it: a feed."""


Auth = Basic | Token | SignedToken | ServiceAccount | Public


# ---- what is asked --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rate:
    """What the vendor allows: `n` calls in `per_s` seconds. We take the share of it that `quota:` says."""

    n: float
    per_s: float


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


@dataclass(frozen=True)
class Option:
    """Something sources.yaml may say about this kind of source.

    Attributes:
        type: how it is written: a text, a whole number, a flag, a list of texts, or a mapping.
        default: None with `is_required`: it must be written.
        check: raises SourcesError where what is written does not hold, before anything is asked.
    """

    name: str
    meaning: str
    type: Literal["text", "whole", "flag", "texts", "mapping"] = "text"
    default: Any = None
    is_required: bool = False
    check: Callable[[Any], object] | None = None


@dataclass(frozen=True)
class Connector:
    """One vendor's interface.

    Attributes:
        kind: what `kind:` in sources.yaml says.
        title: the vendor's name.
        address: where it is; `{option}`s are filled in; `address:` in sources.yaml takes its place.
        headers: sent with each call.
        rate: what the vendor allows.
        per_day: calls that the vendor allows in a day, whose share is ours too; None: there is no such limit.
        is_day_spent: a refusal says that they are spent, whoever spent them.
        delay: how recent a change may be for the vendor not to show it yet: nothing younger counts as complete.
        refusal: what an answer with status 200 says went wrong (Slack); None: nothing.
        deadline: the longest one fetch of one stream may take before it stops and goes on next time.
        keeps: how far back the interface looks (Google Play: 7 days): a longer pause is told as days missed.
        parser_version: to be raised whenever rows come out of the same page otherwise than before, other columns or
            extras among them: pages that were read before are then told as such, until they are read again.
    """

    kind: str
    title: str
    address: str
    auth: Auth
    secrets: tuple[Secret, ...]
    streams: tuple[Stream, ...]
    options: tuple[Option, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    rate: Rate = Rate(60, 60)
    per_day: int | None = None
    is_day_spent: Callable[[Answer], bool] = _never
    delay: timedelta = timedelta(minutes=1)
    refusal: Callable[[Answer], str | None] = _no_refusal
    deadline: timedelta = timedelta(hours=2)
    keeps: timedelta | None = None
    parser_version: int = 1

    def stream(self, name: str) -> Stream:
        """The stream called `name`; KeyError if there is none."""
        return next(stream for stream in self.streams if stream.name == name)

    def covered(self, name: str) -> Sequence[str]:
        """Fact tables of a stream whose rows some reading covers, its own or one of a list of keys."""
        own = self.stream(name)
        found = own.covers or next((one.covers for one in self.streams if one.covers and one.covers.of == name), None)
        return () if found is None else found.tables or own.feeds


def iso(epoch: float | str | None, *, per_second: int = 1) -> str | None:
    """Seconds (or parts of them) since 1970 as ISO 8601; None stays None.

    >>> iso(1600000000)
    '2020-09-13T12:26:40Z'
    """
    if epoch is None or epoch == "":
        return None
    return datetime.fromtimestamp(float(epoch) / per_second, UTC).isoformat().replace("+00:00", "Z")
