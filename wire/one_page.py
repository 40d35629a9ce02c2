"""Asks for one page of a list, with what belongs to it, and looks it over."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast

from domain.connectors import Stream
from domain.errors import SourceChangedError
from domain.paging import Counted, Request, inside
from wire.bodies import charset_of
from wire.children import parts_for
from wire.containers import Part
from wire.drift import checked
from wire.edges import MOST_BACK
from wire.got import Got, GotPage
from wire.http import Caller
from wire.jobs import picked_up
from wire.marks import marks_of
from wire.sweeps import Guard, Sweep


class Pages:
    """The pages of one stream.

    Args:
        caller: the line to the vendor.
        stream: the list.
        values: for the placeholders of a call about a member of the stream's `per_option`.
        where: how messages call the list.
        until: by the caller's clock.
    """

    def __init__(
        self, caller: Caller, stream: Stream, values: Callable[[str], Mapping[str, Any]], where: str, until: float
    ) -> None:
        self._caller, self._stream, self._values, self._where, self._until = caller, stream, values, where, until

    def next(self, sweep: Sweep) -> tuple[Sweep, GotPage]:
        """The sweep's next page, with its children, checked; an earlier one where the list has moved since the last."""
        stream, values = self._stream, self._values(sweep.each)
        sweep, got = self._without_gap(sweep, self._got(sweep.request, sweep.each))
        answer = got.answer
        charset = charset_of(answer.content, answer.headers.get("content-type", "")) if stream.decode else ""
        main = Part(self._caller.veil.over(answer.url), answer.content, each=sweep.each, charset=charset)
        parts = [main, *parts_for(self._caller, stream, got.records, values, self._where, self._until)]
        return sweep, GotPage(answer, got.records, got.marks, got.token, got.new_words, parts)

    def _got(self, request: Request, each: str) -> Got:
        stream, values = self._stream, self._values(each)
        tokens: list[Any] = []
        if stream.job is not None:
            job = picked_up(self._caller, stream, request, values, self._where, self._until)
            answer, tokens = job.file, [job.progress.body]
        else:
            expects = "text" if stream.decode else "json"
            answer = self._caller.call(request, rate=stream.rate, until=self._until, expects=expects)
        records = self._records(answer.body)
        new_words = checked(records, stream.fields, self._where)
        marks = marks_of(records, stream.since.mark, self._where) if stream.since else []
        held = [inside(body, stream.token) for body in (answer.body, *tokens)] if stream.keeps_token else []
        token = next((str(one) for one in held if isinstance(one, str | int) and one != ""), None)
        return Got(answer, records, marks, token, new_words)

    def _without_gap(self, sweep: Sweep, got: Got) -> tuple[Sweep, Got]:
        """The page that was asked for, or the one before it that goes on where the last one ended.

        Records that left a counted list move the others up, some of them to a page that has been read.
        """
        edge, key, counted = sweep.edge, self._stream.key, cast("Counted", self._stream.paging)
        if sweep.n_back >= MOST_BACK or edge.follows(got.records, got.marks, key):
            return sweep, got
        request, earlier, is_first = counted.preceding(sweep.request), got, True
        while request is not None:
            earlier = self._got(request, sweep.each)
            if is_first and edge.holds(earlier.records, earlier.marks, key):
                return sweep, got
            sweep, is_first = replace(sweep, request=request, n_back=sweep.n_back + 1), False
            request = None if edge.meets(earlier.records, key) else counted.preceding(request)
        return replace(sweep, guard=Guard().asking(sweep.request)), earlier

    def _records(self, body: Any) -> list[Any]:
        try:
            return self._stream.records_of(body)
        except (KeyError, TypeError, ValueError) as found:
            has = ", ".join(sorted(map(str, body))) if isinstance(body, Mapping) else type(body).__name__  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
            at = ".".join(self._stream.records) or "the answer itself"
            raise SourceChangedError(
                f"{self._where}: expected a list of records at '{at}', found {type(found).__name__} (it has: {has}). "
                f"Nothing of this page is taken. What came before is kept."
            ) from None
