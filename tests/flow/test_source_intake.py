"""Batches of one stream: in their order, the next one staged while one is loaded."""

from collections.abc import Callable, Iterable
from datetime import date
from threading import Event
from typing import Any

import pytest

from domain.ahead import one_ahead
from domain.context import RunContext
from domain.errors import BatchRejectedError, SourceChangedError, StoreError
from flows import source_intake

RUN = RunContext("/project", "run-1", date(2026, 3, 2))
SOON_S = 10


def ingested(monkeypatch: pytest.MonkeyPatch, batches: Iterable[str], **steps: Callable[[str], None]) -> dict[str, str]:
    """What went wrong in a source with these batches; `steps`: what a step does, otherwise nothing."""

    def step(body: Callable[[str], None]) -> Callable[[RunContext, str], None]:
        return lambda _, batch_id: body(batch_id)

    def giving(answer: Any) -> Callable[..., Any]:
        return lambda *_: answer

    for name in ("stage", "validate", "load"):
        monkeypatch.setattr(source_intake, f"{name}_batch", step(steps.get(name, lambda _: None)))
    for name, answer in {
        "streams_of": ["files"],
        "land_stream": None,
        "follow_deletions": 0,
        "waiting": list(batches),
    }.items():
        monkeypatch.setattr(source_intake, name, giving(answer))
    failed: dict[str, str] = {}
    source_intake.ingest(RUN, "desk", failed)
    return failed


def test_no_more_than_one_is_prepared_ahead() -> None:
    begun: list[str] = []
    seen = [(item, *begun) for item, _ in one_ahead("abc", begun.append)]
    assert seen == [("a", "a", "b"), ("b", "a", "b", "c"), ("c", "a", "b", "c")]
    assert list(one_ahead([], begun.append)) == []


def test_the_next_batch_is_validated_while_one_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    is_validated = {name: Event() for name in "abc"}
    loaded: list[str] = []

    def load(batch_id: str) -> None:
        following = is_validated.get(chr(ord(batch_id) + 1))
        assert following is None or following.wait(SOON_S)
        loaded.append(batch_id)

    assert ingested(monkeypatch, "abc", validate=lambda batch_id: is_validated[batch_id].set(), load=load) == {}
    assert loaded == ["a", "b", "c"]


def test_a_batch_that_cannot_be_read_or_is_refused_does_not_hold_back_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loaded: list[str] = []

    def stage(batch_id: str) -> None:
        if batch_id == "b":
            raise SourceChangedError("desk: no column 'opened'. Mend its mapping.")

    def load(batch_id: str) -> None:
        if batch_id == "c":
            raise BatchRejectedError("c: refused")
        loaded.append(batch_id)

    failed = ingested(monkeypatch, "abcd", stage=stage, load=load)
    assert failed == {"desk": "desk: no column 'opened'. Mend its mapping.; c: refused"}
    assert loaded == ["a", "d"]


def test_a_database_that_fails_ends_the_source_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []

    def load(batch_id: str) -> None:
        loaded.append(batch_id)
        raise StoreError("the disk is full")

    with pytest.raises(StoreError, match="the disk is full"):
        ingested(monkeypatch, "abc", load=load)
    assert loaded == ["a"]
