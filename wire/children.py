"""The calls made for each record of a page: a ticket's comments."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urljoin

from domain.connectors import Child, Stream
from domain.errors import SourceChangedError
from domain.paging import Answer, Paging, Path, Request, inside
from wire.containers import Part
from wire.filling import filled
from wire.http import Caller
from wire.refusals import MissingError
from wire.sweeps import EndlessError, Guard

_FEW: Final = 3


def parts_for(
    caller: Caller, stream: Stream, records: Sequence[Any], values: Mapping[str, Any], where: str, until: float
) -> Iterator[Part]:
    """The answers of every child's calls for every record that it is wanted for, all their pages.

    A record that was deleted since the list was read has none. That all of more than three are gone is a changed
    interface, unless the child is optional.
    """
    for child in stream.children:
        wanted = [record for record in records if child.wanted(record)]
        n_gone, gone = 0, None
        for record in wanted:
            key = inside(record, stream.key)
            try:
                for answer in _pages(caller, child, {**values, "id": key}, where, until):
                    yield Part(caller.veil.over(answer.url), answer.content, child.name, str(key))
            except MissingError as missing:
                n_gone, gone = n_gone + 1, missing
        if gone is not None and n_gone == len(wanted) > _FEW and not child.is_optional:
            raise gone


def following(
    caller: Caller, paging: Paging, request: Request, answer: Answer, n_records: int, where: str
) -> Request | None:
    """The call for the next page, at a whole URL where the answer names one.

    Raises:
        SourceChangedError: the answer says nothing that can be followed, or leads to another origin.
        EndlessError: it names the same call again.
    """
    try:
        after = paging.following(request, answer, n_records)
    except (ValueError, TypeError, AttributeError, KeyError):
        raise SourceChangedError(f"{where}: what names the next page cannot be read.") from None
    if after is None:
        return None
    if after.path != request.path:
        after = caller.at(after, urljoin(answer.url, after.path))
    if after == request:
        raise EndlessError("a page names itself as the next one: the same cursor came again")
    return after


def _pages(caller: Caller, child: Child, values: Mapping[str, Any], where: str, until: float) -> Iterator[Answer]:
    request: Request | None = filled(child.request, values)
    guard = Guard().asking(request)
    while request is not None:
        answer = caller.call(request, until=until)
        yield answer
        records = _listed(answer.body, child.records)
        try:
            request = following(caller, child.paging, request, answer, len(records), where)
            guard = guard if request is None else guard.seeing(records).asking(request)
        except EndlessError as problem:
            raise SourceChangedError(f"{where}, {child.name}: {problem}. What came before is kept.") from None


def _listed(body: Any, path: Path) -> Sequence[Any]:
    found = inside(body, path)
    return found if isinstance(found, list) else ()  # pyright: ignore[reportUnknownVariableType]
