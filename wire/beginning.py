"""How a sweep begins: which call, and from when. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from domain.connectors import Covers, Since, Stream
from domain.paging import NextToken, Request
from wire.filling import filled
from wire.sweeps import Guard, Kept, Sweep, digest

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Where a first sweep begins that is told no start."""


def asks_of(stream: Stream, values: Mapping[str, Any]) -> str:
    """Fingerprint of the stream's first call."""
    return digest(vars(filled(stream.request, values)))


def begun(
    stream: Stream,
    kept: Kept,
    *,
    values: Mapping[str, Any],
    start: datetime | None,
    now: datetime,
    delay: timedelta,
    each: str = "",
    done: tuple[str, ...] = (),
    dead: Mapping[str, str] | None = None,
) -> Sweep:
    """A sweep over everything that changed since the last one.

    Args:
        stream: the list.
        kept: what the last sweep left.
        values: for the call's placeholders.
        start: where the first sweep begins.
        now: the sweep's beginning, by our clock.
        delay: how long the vendor may take to show a change: nothing younger is asked for.
        each: the member of `per_option`.
        done: those read before it.
        dead: those of them that could not be read, and why.
    """
    request, since, window_from = filled(stream.request, values), None, ""
    is_from_token, goes_back = bool(stream.keeps_token and kept.token), is_due(stream.covers, kept, now)
    if stream.since is not None:
        first = start or EPOCH
        since = kept.mark - stream.since.overlap if kept.mark else first
        since = min(since, now - delay)
        if goes_back and stream.covers is not None:
            since = min(since, max(first, now - stream.covers.back))
        if not is_from_token:
            request = asked_from(request, stream.since, since)
            window_from = str(stream.since.text(since))
    if is_from_token:
        request = _with_token(stream, request, str(kept.token))
    return Sweep(
        asks=asks_of(stream, values),
        request=request,
        started=now,
        since=since,
        window_from=window_from,
        is_from_token=is_from_token,
        each=each,
        done=done,
        dead=dead or {},
        guard=Guard().asking(request),
        goes_back=goes_back,
    )


def is_due(covers: Covers | None, kept: Kept, now: datetime) -> bool:
    """Whether it is time to go back further, for what is covered."""
    if covers is None or not (covers.back or covers.of):
        return False
    return kept.back is None or now - kept.back >= covers.every


def asked_from(request: Request, since: Since, instant: datetime) -> Request:
    """The call that asks for what changed since an instant."""
    text = since.text(instant)
    if since.parameter:
        request = request.asking(**{since.parameter: str(text)})
    return request.saying(since.into, text) if since.into else request


def _with_token(stream: Stream, request: Request, token: str) -> Request:
    if request.body is not None:
        return request.saying((stream.keeps_token,), token)
    drops = {stream.since.parameter if stream.since else ""}
    if isinstance(stream.paging, NextToken):
        drops.update(stream.paging.drops)
    query = {name: value for name, value in request.query.items() if name not in drops}
    return replace(request, query={**query, stream.keeps_token: token})
