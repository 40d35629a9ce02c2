"""Reads a list of a vendor's interface, page by page, from where the last fetch left it.

Each page is handed on whole, with the position after it: a fetch that is cut off goes on there. What comes twice (an
overlap, a tie at a window's edge, a page read again) is the same record again, recognised by its key and version.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from domain.connectors import Stream
from domain.coverage import Reading
from domain.errors import SourceChangedError, SourceError, SourceRefusedError, SourceUnavailableError
from domain.paging import Request
from wire.beginning import asked_from, asks_of, begun, is_due
from wire.children import following
from wire.containers import packed
from wire.covered import reading_of, seeing_newest
from wire.drift import names_in
from wire.edges import Edge
from wire.filling import filled
from wire.got import GotPage
from wire.http import Caller, DeadlineError
from wire.one_page import Pages
from wire.progress import Pace, Progress
from wire.refusals import BadRequestError, MissingError
from wire.sweeps import EndlessError, Kept, Position, Sweep

_TOLD: Final = "What came before is kept."


@dataclass(frozen=True)
class Fetched:
    """One page.

    Attributes:
        content: what is landed: the answers as they came; `wire.containers.page_of` reads it.
        n_records: of the page itself, without children.
        position: where to go on after it, as JSON values.
        is_last: the sweep is over: every change until `through` of the position has been seen.
        each: the member of the stream's `per_option`.
        new_words: (field, word) that the parser does not know, counted.
        seen_fields: names of the records' fields.
        reading: what has been read whole with this page, where the stream covers something; None: nothing yet.
    """

    content: bytes
    n_records: int
    position: Mapping[str, Any]
    is_last: bool
    each: str
    new_words: Counter[tuple[str, str]]
    seen_fields: frozenset[str]
    reading: Reading | None = None


def fetch(
    caller: Caller,
    stream: Stream,
    position: Mapping[str, Any] | None,
    *,
    start: date | datetime | None,
    options: Mapping[str, Any],
    now: datetime,
    deadline: timedelta,
    told: Callable[[Progress], None] = lambda _: None,
) -> Iterator[Fetched]:
    """Everything that changed since the last sweep, or the rest of one that was cut off.

    Args:
        caller: the line to the vendor.
        stream: the list.
        position: of the last page that was handed on; None: the first fetch.
        start: where a first sweep begins; None: with the first record there is.
        options: of sources.yaml, with defaults.
        now: by our clock.
        deadline: how long this fetch may take; it then stops between pages, the last of which is not `is_last`.
        told: hears about each page after it was handed on.

    Raises:
        SourceUnavailableError: the vendor does not answer, or not one page came in time.
        SourceRefusedError: the key is refused.
        SourceChangedError: an answer or a page is not as expected, and nothing of it was handed on; or the pages
            do not end. Of a stream read once for each member of an option, both are raised after the last member,
            for those that could not be read; none of its pages `is_last` then.
    """
    reader = _Reader(caller, stream, options, _instant(start), now, caller.clock.monotonic() + deadline.total_seconds())
    at, pace, has_come = reader.resumed(position), Pace(caller.clock), False
    while (begun_at := reader.under_way(at)) is not None and (sweep := begun_at.sweep) is not None:
        try:
            step = reader.step(begun_at, sweep)
        except DeadlineError:
            if has_come:
                return
            raise SourceUnavailableError(
                f"{reader.where}: not one page came within {deadline}. Raise `quota:`, or ask for fewer records a page."
            ) from None
        if step.fetched is not None:
            yield step.fetched
            has_come = True
        at = step.at
        if step.read is not None:
            told(pace.progress(step.read, stream.since))
        if step.failure is not None:
            raise step.failure
        if at.sweep is None or caller.clock.monotonic() >= reader.until:
            return


@dataclass(frozen=True)
class _Step:
    """What one page brought: the sweep with it (None: it could not be read), the position after it, and its failure."""

    fetched: Fetched | None
    read: Sweep | None
    at: Position
    failure: SourceError | None


class _Reader:
    """Reads the pages of one stream."""

    def __init__(
        self, caller: Caller, stream: Stream, options: Mapping[str, Any], start: datetime | None, now: datetime,
        until: float,
    ) -> None:  # fmt: skip
        self._caller, self._stream, self._options = caller, stream, options
        self._start, self._now, self.until = start, now, until
        connector = caller.connector
        self.where = f"{connector.title}, {stream.name} (docs/sources/{connector.kind}.md)"
        self._members = [str(each) for each in options[stream.per_option]] if stream.per_option else [""]
        self._failures: list[SourceError] = []
        self._pages = Pages(caller, stream, self._values, self.where, until)

    def resumed(self, held: Mapping[str, Any] | None) -> Position:
        """The position, without members that are no more."""
        return Position.from_json(held).only(self._members)

    def under_way(self, at: Position) -> Position | None:
        """The position with a sweep under way: the one that was cut off, or a new one; None: nothing is to be read."""
        sweep, covers = at.sweep, self._stream.covers
        if sweep and sweep.each in self._members and sweep.asks == asks_of(self._stream, self._values(sweep.each)):
            return at
        if covers and covers.of and not any(is_due(covers, at.of(each), self._now) for each in self._members):
            return None
        return Position(at.kept, self._begun(at.kept, self._members[0])) if self._members else None

    def step(self, at: Position, sweep: Sweep) -> _Step:
        """One page; of a member that cannot be read none, where there are others to go on with."""
        try:
            sweep, page = self._pages.next(sweep)
            read, after, problem = self.after(at, seeing_newest(self._stream, sweep, page, self.where), page)
        except (SourceChangedError, SourceRefusedError) as found:
            is_unfit = isinstance(found, BadRequestError | MissingError)
            if is_unfit and sweep.is_from_token and sweep.n_pages == 0:
                return self.step(*self._without_token(at, sweep))
            if len(self._members) == 1:
                raise
            after, dead = self._passed_over(at, sweep, found)
            if after.sweep is not None:
                return _Step(None, None, after, None)
            # where nothing was read at all, as with a key that is refused, everything stays as it was
            nothing = None if len(dead) == len(self._members) else _unread(sweep.each, after)
            return _Step(nothing, None, after, self._about(dead))
        failure, dead = None, read.dead
        is_over = not problem and (after.sweep is None or after.sweep.each != sweep.each)
        delay = self._caller.connector.delay
        reading = reading_of(self._stream, read, page, self._now, delay) if is_over else None
        if problem:
            failure = SourceChangedError(f"{self.where}: {problem}. {_TOLD} The next fetch begins this sweep anew.")
            if len(self._members) > 1:
                after, dead = self._passed_over(at, sweep, failure)
                failure = None
        if after.sweep is None and dead:
            failure = self._about(dead)
        fetched = Fetched(
            packed(page.parts), len(page.records), after.to_json(), after.sweep is None and failure is None,
            sweep.each, page.new_words, names_in(page.records), reading,
        )  # fmt: skip
        return _Step(fetched, read, after, failure)

    def _without_token(self, at: Position, sweep: Sweep) -> tuple[Position, Sweep]:
        """The sweep begun by time: the token that was kept is not taken any more."""
        kept = {**at.kept, sweep.each: replace(at.of(sweep.each), token=None)}
        anew = self._begun(kept, sweep.each, sweep.done, sweep.dead)
        return Position(kept, anew), anew

    def _passed_over(self, at: Position, sweep: Sweep, why: SourceError) -> tuple[Position, Mapping[str, str]]:
        """The position without the member that cannot be read, and all such members of the sweep."""
        self._failures.append(why)
        dead = {**sweep.dead, sweep.each: str(why)}
        return self._onward(at.kept, (*sweep.done, sweep.each), dead), dead

    def _about(self, dead: Mapping[str, str]) -> SourceError:
        """What was wrong with the members that could not be read."""
        is_key = self._failures and all(isinstance(why, SourceRefusedError) for why in self._failures)
        found = " ".join(f"'{each}': {why}" for each, why in dead.items())
        return (SourceRefusedError if is_key else SourceChangedError)(
            f"{self.where}: of the {len(self._members)} members of `{self._stream.per_option}`, {len(dead)} could not "
            f"be read; what the others had is kept. {found} Mend them, or take them out of the option."
        )

    def after(self, at: Position, sweep: Sweep, page: GotPage) -> tuple[Sweep, Position, str]:
        """The sweep with a page, the position after it, and how it shows that the list does not end.

        Such a list may have left out records on its way: its sweep is begun anew.

        Raises:
            SourceChangedError: the page says nothing that can be followed.
        """
        try:
            read = sweep.with_page(page.records, page.mark)
            request, is_anew = self._next(sweep, read, page)
            if request is not None:
                guard = read.guard.seeing(page.identity(self._stream.key)).asking(request)
                onward = replace(
                    read, request=request, guard=guard, edge=Edge() if is_anew else self._edge(sweep, page)
                )
                if is_anew:
                    onward = replace(onward, window_from=self._window(read), n_in_window=0)
                return read, Position(at.kept, onward), ""
        except EndlessError as problem:
            return sweep, Position(at.kept), str(problem)
        before = at.of(sweep.each)
        ended = Position({**at.kept, sweep.each: read.kept(before, page.token or before.token)})
        return read, self._onward(ended.kept, (*sweep.done, sweep.each), sweep.dead), ""

    def _edge(self, sweep: Sweep, page: GotPage) -> Edge:
        """Where a page of a counted list ended; one that is asked anew, by time, has nothing to be held against."""
        is_counted = getattr(self._stream.paging, "is_counted", False)
        return Edge.of(page.records, page.marks, self._stream.key) if is_counted and page.records else sweep.edge

    def _next(self, sweep: Sweep, read: Sweep, page: GotPage) -> tuple[Request | None, bool]:
        """The call for the next page, and whether it begins a search anew; None: this was the last page."""
        stream = self._stream
        since = sweep.since if stream.since and stream.since.is_newest_first else None
        if since and page.marks and all(mark is not None and mark < since for mark in page.marks):
            return None, False
        after = following(self._caller, stream.paging, sweep.request, page.answer, len(page.records), self.where)
        if stream.window is None or stream.since is None:
            return after, False
        n_more = 0 if after is None else len(page.records)
        is_full = read.n_in_window >= stream.window or read.n_in_window + n_more > stream.window
        has_moved = read.mark is not None and self._window(read) != sweep.window_from
        if not is_full and (after is None or not has_moved or not page.is_in_order):
            return after, False
        if read.mark is None or not has_moved:
            raise SourceChangedError(
                f"{self.where}: more than {stream.window} records have the same time of change, {sweep.window_from}; "
                f"one search gives no more, and there is no later time to go on from. {_TOLD} Narrow the source's "
                "options so that a search gives fewer."
            )
        # not by the page's number: a record that changes meanwhile moves to the end, and the next one out of sight
        anew = filled(stream.request, self._values(sweep.each))
        return asked_from(anew, stream.since, read.mark - stream.since.back), True

    def _window(self, read: Sweep) -> str:
        since = self._stream.since
        return str(since.text(read.mark - since.back)) if since and read.mark else ""

    def _onward(self, kept: Mapping[str, Kept], done: tuple[str, ...], dead: Mapping[str, str]) -> Position:
        """The position with the next member's sweep; without one after the last member."""
        left = [each for each in self._members if each not in done]
        return Position(kept, self._begun(kept, left[0], done, dead) if left else None)

    def _begun(
        self, kept: Mapping[str, Kept], each: str, done: tuple[str, ...] = (), dead: Mapping[str, str] | None = None
    ) -> Sweep:
        return begun(
            self._stream, kept.get(each, Kept()), values=self._values(each), start=self._start, now=self._now,
            delay=self._caller.connector.delay, each=each, done=done, dead=dead or {},
        )  # fmt: skip

    def _values(self, each: str) -> dict[str, Any]:
        return {**self._options, **({"each": each} if each else {})}


def _unread(each: str, at: Position) -> Fetched:
    """No page: only where to go on."""
    return Fetched(b"", 0, at.to_json(), False, each, Counter(), frozenset())


def _instant(start: date | datetime | None) -> datetime | None:
    if start is None or isinstance(start, datetime):
        return start
    return datetime.combine(start, time(), UTC)
