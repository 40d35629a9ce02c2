"""The order of the loop, and what a broken source does to it; every step is a stand-in that writes down its name."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from prefect.client.schemas.objects import State

from domain.context import RunContext
from domain.errors import SourceChangedError, SourceError, StoreError
from domain.other_process import OtherProcess
from flows import daily_loop, source_intake
from tasks.run.steps import Record

RUN = RunContext("/project", "daily-1", date(2026, 3, 16))
AFTER_INTAKE = [
    "identify_people", "keep_segments", "read_words", "measure_dirty", "judge", "advance_incidents",
    "hear_incidents", "open_tasks", "judge_tasks", "watch_customers", "tell_words", "write_summary", "compose_messages",
    "tell_failed_sources", "post_summary", "publish_artifacts", "send_outbox",
]  # fmt: skip


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []

    def stand_in(name: str, answer: Any = None) -> Any:
        def step(_run: RunContext, *more: Any) -> Any:
            names.append(" ".join([name, *(str(value) for value in more if isinstance(value, str))]))
            return answer

        return step

    @contextmanager
    def holding(*_: object) -> Iterator[tuple[RunContext, Record]]:
        yield RUN, Record()

    monkeypatch.setattr(daily_loop, "holding", holding)
    monkeypatch.setattr(daily_loop, "declared_sources", lambda _run: ["helpdesk", "surveys"])
    for name in AFTER_INTAKE:
        monkeypatch.setattr(daily_loop, name, stand_in(name))
    monkeypatch.setattr(source_intake, "streams_of", lambda run, source: ["files"])
    monkeypatch.setattr(source_intake, "is_fetched", lambda run, source: False)
    monkeypatch.setattr(source_intake, "land_stream", lambda run, source, stream, since: None)
    monkeypatch.setattr(source_intake, "waiting", lambda run, source, stream: [f"{source}-1"])
    for name in ("stage_batch", "validate_batch", "load_batch"):
        monkeypatch.setattr(source_intake, name, stand_in(name))
    monkeypatch.setattr(source_intake, "follow_deletions", lambda run, source, stream: None)
    return names


def test_each_source_is_staged_validated_and_loaded_before_anything_is_measured(called: list[str]) -> None:
    assert daily_loop.daily_loop.fn("/project") is None
    intake, after = called[: -len(AFTER_INTAKE)], called[-len(AFTER_INTAKE) :]
    for source in ("helpdesk", "surveys"):
        steps = [f"{step} {source}-1" for step in ("stage_batch", "validate_batch", "load_batch")]
        assert [one for one in intake if one.endswith(f" {source}-1")] == steps
    assert len(intake) == 6
    assert intake[-1] == "load_batch surveys-1"
    assert after == AFTER_INTAKE


def test_a_broken_source_is_named_and_the_others_are_measured(
    called: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_run: RunContext, batch_id: str, _other: OtherProcess) -> None:
        if batch_id == "helpdesk-1":
            raise SourceChangedError("helpdesk: no column 'opened'. Mend its mapping.")

    monkeypatch.setattr(source_intake, "stage_batch", broken)
    state = daily_loop.daily_loop.fn("/project")
    assert isinstance(state, State)
    assert state.is_failed()
    assert state.message == "1 of 2 sources failed: helpdesk: no column 'opened'. Mend its mapping."
    assert isinstance(state.data, SourceError)
    assert "load_batch surveys-1" in called
    assert "load_batch helpdesk-1" not in called
    assert called[-len(AFTER_INTAKE) :] == AFTER_INTAKE


def test_a_store_that_cannot_be_used_stops_the_run(called: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_run: RunContext, _source: str, _stream: str, _since: None) -> None:
        raise StoreError("database is gone")

    monkeypatch.setattr(source_intake, "land_stream", broken)
    with pytest.raises(StoreError):
        daily_loop.daily_loop.fn("/project")
    assert called == []
