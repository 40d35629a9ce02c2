"""Pages that come too late, have changed, or do not end."""

from datetime import timedelta

import pytest

from domain.errors import SourceChangedError, SourceUnavailableError
from tests.fakes import fault_server as faults
from tests.fakes.fault_server import Asked, Reply
from tests.fakes.vendor import record


def test_the_deadline_stops_between_pages(fetching, desk, clock):
    desk.changes = lambda body: (clock.sleep(40), body)[1]
    fetching.deadline = timedelta(seconds=60)
    assert [page.is_last for page in fetching()] == [False]
    assert [page.is_last for page in fetching()] == [False]
    assert [page.is_last for page in fetching()] == [True]


def test_a_fetch_without_one_page_in_its_time_says_so(fetching, server):
    server.fails(faults.refused(429, retry_after="600"))
    fetching.deadline = timedelta(seconds=60)
    with pytest.raises(SourceUnavailableError, match="not one page came within 0:01:00"):
        fetching()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda body: {"items": []}, "expected a list of records at 'tickets'.*it has: items"),
        (lambda body: {**body, "tickets": {}}, "expected a list of records"),
        (lambda body: {**body, "tickets": [{"id": 1}]}, r"a record has no 'status' \(it has: id\)"),
        (lambda body: {**body, "tickets": [{"id": "1", "status": "open"}]}, "'id' is text, expected number"),
        (lambda body: {**body, "tickets": ["1"]}, "expected records of names and values, found text"),
        (
            lambda body: {**body, "tickets": [{**record(1), "updated_at": "soon"}]},
            "'updated_at' is expected to be a time",
        ),
    ],
)
def test_a_changed_page_stops_the_stream_before_it_is_handed_on(fetching, desk, change, words):
    (good,) = fetching(n=1)
    desk.changes = change
    with pytest.raises(SourceChangedError, match=words) as error:
        fetching()
    assert fetching.position == good.position
    assert "docs/sources/acmedesk.md" in str(error.value)
    assert good.n_records == 10


@pytest.mark.parametrize(
    ("n_records", "cursor", "words"),
    [
        (0, lambda asked: f"{len(asked)}", "100 pages in a row are empty"),
        (1, lambda asked: f"{len(asked)}", "3 pages in a row have the same records"),
        (1, lambda asked: "same", "same cursor came again"),
    ],
)
def test_pages_that_never_end_are_noticed(fetching, server, n_records, cursor, words):
    server.serve = lambda asked: Reply({"tickets": [record(1)] * n_records, "next": cursor(server.asked)})
    with pytest.raises(SourceChangedError, match=words):
        fetching()


@pytest.mark.parametrize("length", [2, 3, 7])
def test_a_loop_of_cursors_is_noticed_even_over_several_runs(fetching, server, clock, length):
    def looping(asked: Asked) -> Reply:
        clock.sleep(40)
        cursor = (int(asked.query.get("cursor", "0")) + 1) % length + 10
        return Reply({"tickets": [record(len(server.asked))], "next": str(cursor)})

    server.serve, fetching.deadline = looping, timedelta(seconds=60)
    with pytest.raises(SourceChangedError, match="back to one that was read before"):
        fetching.again_and_again(50)
    assert len(server.asked) <= 8 * length + 4
    assert "sweep" not in fetching.position
