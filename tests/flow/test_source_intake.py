"""Batches of one stream: in their order, the next one staged while one is loaded."""

from collections.abc import Callable
from datetime import date
from threading import Event
from typing import Any

import pytest

from domain.arrived import Came
from domain.context import RunContext
from domain.errors import (
    BatchRejectedError,
    ConfigError,
    CxLoopError,
    LeaseLostError,
    SourceChangedError,
    StoreError,
)
from domain.other_process import OtherProcess
from flows import source_intake

RUN = RunContext("/project", "run-1", date(2026, 3, 2))
SOON_S = 10


def ingested(
    monkeypatch: pytest.MonkeyPatch,
    batches: str | dict[str, str],
    followed: Callable[[str], None] = lambda _: None,
    land: Callable[[str], None] = lambda _: None,
    *,
    is_far: bool = False,
    land_far: Callable[..., None] | None = None,
    landed: list[str] | None = None,
    **steps: Callable[[str], None],
) -> dict[str, str]:
    """What went wrong in a source with these batches, or in some; `steps`: what a step does, otherwise nothing."""
    held = {"desk": batches} if isinstance(batches, str) else batches

    def step(body: Callable[[str], None]) -> Callable[..., None]:
        return lambda _, batch_id, *_other: body(batch_id)

    def giving(answer: Any) -> Callable[..., Any]:
        return lambda *_: answer

    for name in ("stage", "validate", "load"):
        monkeypatch.setattr(source_intake, f"{name}_batch", step(steps.get(name, lambda _: None)))
    for name, answer in {"streams_of": ["files"], "is_fetched": is_far}.items():
        monkeypatch.setattr(source_intake, name, giving(answer))

    def land_any(_run: RunContext, source: str, *_: object) -> None:
        land(source)

    def waiting(_run: RunContext, source: str, _stream: str) -> list[str]:
        return [*held[source]] if landed is None else [*landed]

    def follow(_run: RunContext, source: str, _stream: str) -> None:
        followed(source)

    monkeypatch.setattr(source_intake, "land_stream", land_far or land_any)
    monkeypatch.setattr(source_intake, "waiting", waiting)
    monkeypatch.setattr(source_intake, "follow_deletions", follow)
    failed: dict[str, str] = {}
    source_intake.ingest(RUN, held, failed)
    return failed


def test_the_next_batch_is_validated_while_one_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    is_validated = {name: Event() for name in "abc"}
    loaded: list[str] = []

    def load(batch_id: str) -> None:
        following = is_validated.get(chr(ord(batch_id) + 1))
        assert following is None or following.wait(SOON_S)
        loaded.append(batch_id)

    assert ingested(monkeypatch, "abc", validate=lambda batch_id: is_validated[batch_id].set(), load=load) == {}
    assert loaded == ["a", "b", "c"]


def test_the_next_source_is_validated_while_the_last_batch_of_one_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    is_validated = Event()
    done: list[str] = []

    def validate(batch_id: str) -> None:
        if batch_id == "c":
            is_validated.set()

    def load(batch_id: str) -> None:
        assert batch_id != "b" or is_validated.wait(SOON_S)
        done.append(batch_id)

    assert ingested(monkeypatch, {"desk": "ab", "shop": "cd"}, done.append, validate=validate, load=load) == {}
    assert done == ["a", "b", "desk", "c", "d", "shop"]


def test_the_last_batch_of_a_source_does_not_wait_for_one_that_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    is_followed = Event()
    done: list[str] = []

    def land(source: str) -> None:
        assert source != "shop" or is_followed.wait(SOON_S)
        done.append(f"{source} landed")

    def followed(source: str) -> None:
        done.append(source)
        is_followed.set()

    assert ingested(monkeypatch, {"desk": "ab", "shop": "c"}, followed, land, is_far=True, load=done.append) == {}
    assert done == ["desk landed", "a", "b", "desk", "shop landed", "c", "shop"]


@pytest.mark.parametrize("is_broken", [False, True])
def test_batches_of_a_stream_are_loaded_while_it_is_fetched(monkeypatch: pytest.MonkeyPatch, is_broken: bool) -> None:
    is_loaded = {name: Event() for name in "abc"}
    landed, done, libraries = ["old"], list[str](), list[str]()

    def land(_run: RunContext, _source: str, _stream: str, _since: object, told: Callable[[Came], None]) -> None:
        told(Came(0, 10, is_all=False))
        for number, name in enumerate("abc", 1):
            landed.append(name)
            told(Came(number, 10, is_all=False))
            assert number < 2 or is_loaded[chr(ord(name) - 1)].wait(SOON_S)
            told(Came(number, 10, is_all=False))
        done.append("fetched")
        if is_broken:
            raise SourceChangedError("the list changed")
        landed.append("rest")

    def load(batch_id: str) -> None:
        done.append(batch_id)
        if batch_id in is_loaded:
            is_loaded[batch_id].set()

    monkeypatch.setattr(source_intake, "load_library", lambda: libraries.append("loaded"))
    failed = ingested(monkeypatch, {"desk": ""}, is_far=True, load=load, land_far=land, landed=landed)
    assert failed == ({"desk": "the list changed"} if is_broken else {})
    rest = ["c"] if is_broken else ["c", "rest"]
    assert done.index("b") < done.index("fetched")
    assert [one for one in done if one != "fetched"] == ["old", "a", "b", *rest]
    assert len(libraries) > 1  # when the first page came, and before each batch is loaded


@pytest.mark.parametrize(
    ("n_first", "is_all", "n_waiting", "has_begun"),
    [(499, False, 0, False), (500, False, 0, True), (500, True, 0, False), (0, True, 4, False), (0, True, 5, True)],
)
def test_what_will_be_much_is_prepared_in_a_process_of_its_own(
    monkeypatch: pytest.MonkeyPatch, n_first: int, is_all: bool, n_waiting: int, has_begun: bool
) -> None:
    """By the first page's records, or by the batches that wait."""
    begun: list[bool] = []
    waiting = [f"{number}" for number in range(n_waiting)]

    def land(_run: RunContext, _source: str, _stream: str, _since: object, told: Callable[[Came], None]) -> None:
        if n_first:
            told(Came(0, n_first, is_all=is_all))
            told(Came(0, 2 * n_first, is_all=True))

    def begin(_other: OtherProcess, prepare: Callable[[], None]) -> None:
        begun.append(True)

    monkeypatch.setattr(source_intake, "load_library", lambda: None)
    monkeypatch.setattr(OtherProcess, "begin", begin)
    assert ingested(monkeypatch, {"desk": ""}, is_far=True, land_far=land, landed=waiting) == {}
    assert begun == [True] * has_begun


def test_what_goes_wrong_beside_one_another_is_all_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: str) -> None:
        raise SourceChangedError("the list changed")

    def refuse(batch_id: str) -> None:
        raise BatchRejectedError(f"{batch_id}: the list changed, too")

    held = {"desk": "ab", "shop": ""}
    assert ingested(monkeypatch, held, fail, is_far=True, load=refuse) == {
        "desk": "a: the list changed, too; b: the list changed, too; the list changed", "shop": "the list changed"
    }  # fmt: skip


def test_deletions_of_a_stream_without_news_are_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    assert ingested(monkeypatch, {"desk": "a", "idle": "", "shop": "b"}, done.append, load=done.append) == {}
    assert done == ["a", "desk", "idle", "b", "shop"]


def test_what_goes_wrong_is_said_of_its_source_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(batch_id: str) -> None:
        if batch_id in "ab":
            raise ConfigError("desk: CXLOOP_KEY is not set")

    failed = ingested(monkeypatch, {"desk": "ab", "shop": "c"}, load=load)
    assert failed == {"desk": "desk: CXLOOP_KEY is not set"}


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


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (CxLoopError("the process beside this one was ended"), "the process beside this one was ended"),
        (UnicodeError("what she wrote"), "unexpected: UnicodeError. Run it again with --debug for the traceback."),
    ],
)
@pytest.mark.parametrize("place", ["land", "stage", "load"])
def test_whatever_ails_a_source_the_others_are_brought_in(
    monkeypatch: pytest.MonkeyPatch, error: Exception, words: str, place: str
) -> None:
    """Also what nobody foresaw, and a process that was ended for want of memory."""
    loaded: list[str] = []

    def fail(name: str) -> None:
        if name in ("desk", "a"):
            raise error

    def load(batch_id: str) -> None:
        if place == "load":
            fail(batch_id)
        loaded.append(batch_id)

    steps: dict[str, Callable[[str], None]] = {"land": fail} if place == "land" else {"stage": fail}
    failed = ingested(monkeypatch, {"desk": "a", "shop": "b"}, load=load, **({} if place == "load" else steps))
    assert failed == {"desk": words}
    assert "b" in loaded


def test_a_run_that_was_taken_over_writes_nothing_of_other_sources_either(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []

    def load(batch_id: str) -> None:
        loaded.append(batch_id)
        raise LeaseLostError("another run took over")

    with pytest.raises(LeaseLostError):
        ingested(monkeypatch, {"desk": "a", "shop": "b"}, load=load)
    assert loaded == ["a"]


def test_a_database_that_fails_ends_the_source_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []

    def load(batch_id: str) -> None:
        loaded.append(batch_id)
        raise StoreError("the disk is full")

    with pytest.raises(StoreError, match="the disk is full"):
        ingested(monkeypatch, "abc", load=load)
    assert loaded == ["a"]


def test_a_fetch_ends_when_the_database_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    landed, failed, ended = list[str](), Event(), Event()

    def land(_run: RunContext, _source: str, _stream: str, _since: object, told: Callable[[Came], None]) -> None:
        try:
            for number, name in enumerate(map(str, range(1_000_000)), 1):
                landed.append(name)
                told(Came(number, 10, is_all=False))
                assert number < 3 or failed.wait(SOON_S)
        finally:
            ended.set()

    def load(_: str) -> None:
        failed.set()
        raise StoreError("the disk is full")

    monkeypatch.setattr(source_intake, "load_library", lambda: None)
    with pytest.raises(StoreError, match="disk is full"):
        ingested(monkeypatch, {"desk": ""}, is_far=True, load=load, land_far=land, landed=landed)
    assert ended.is_set()
    assert len(landed) < 1_000_000
