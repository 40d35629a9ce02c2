"""The calls made for the records of a page, and exports that are ordered and picked up."""

import io
import json
import zipfile

import pytest

from domain.connectors import Child, Job
from domain.errors import SourceChangedError, SourceUnavailableError
from domain.paging import PageNumber, Request
from tests.fakes.fault_server import Asked, Reply
from tests.fakes.vendor import record, with_stream
from wire.containers import page_of


def test_children_are_read_with_all_their_pages(fetching, server):
    def serve(asked: Asked) -> Reply:
        if asked.path == "/tickets":
            return Reply({"tickets": [record(1), record(2), record(3)], "next": None})
        if asked.path == "/tickets/2/comments":
            return Reply({"error": "deleted"}, 404)
        page = int(asked.query.get("page", "1"))
        return Reply({"comments": [page] if page < 3 else []})

    server.serve = serve
    child = Child(
        "comments", Request("/tickets/{id}/comments"), PageNumber(), ("comments",), wanted=lambda one: one["id"] < 3
    )
    (page,) = fetching(*with_stream(children=(child,)))
    read = page_of(page.content)
    assert [body["comments"] for body in read.of("comments", 1)] == [[1], [2], []]
    assert (read.of("comments", 2), read.of("comments", 3), page.n_records) == ((), (), 3)


def test_children_that_are_all_missing_are_a_changed_interface(fetching, server, desk):
    server.serve = lambda asked: desk(asked) if asked.path == "/tickets" else Reply({}, 404)
    with pytest.raises(SourceChangedError, match="is not there"):
        fetching(*with_stream(children=(Child("comments", Request("/gone/{id}")),)))


def test_children_that_older_versions_lack_may_all_be_missing(fetching, server, desk):
    server.serve = lambda asked: desk(asked) if asked.path == "/tickets" else Reply({}, 404)
    fetching(*with_stream(children=(Child("comments", Request("/gone/{id}"), is_optional=True),)))


@pytest.mark.parametrize("is_zipped", [True, False])
def test_an_export_is_ordered_waited_for_and_picked_up(fetching, server, clock, is_zipped):
    content = json.dumps({"tickets": [record(1)]}).encode()
    if is_zipped:
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            archive.writestr("answers.json", content)
        content = held.getvalue()
    states = iter(["busy", "busy", "busy", "complete"])

    def serve(asked: Asked) -> Reply:
        if asked.method == "POST":
            return Reply({"result": {"progressId": "P 1"}})
        if asked.path == "/export/P%201":
            return Reply({"status": next(states), "fileId": "F1", "continuation": "next-time"})
        return Reply(content)

    server.serve = serve
    job = Job(
        ("result", "progressId"), Request("/export/{job}"), ("status",), "complete", "failed", ("fileId",),
        Request("/export/{file}/file"),
    )  # fmt: skip
    facts = with_stream(
        request=Request("/export", method="POST", body={"format": "json"}), job=job, since=None,
        keeps_token="token", token=("continuation",),
    )  # fmt: skip
    (page,) = fetching(*facts)
    assert page_of(page.content).body["tickets"][0]["id"] == 1
    assert clock.slept == [2, 4, 8]
    assert fetching.position["token"] == "next-time"


def test_a_failed_export_is_ordered_anew_the_next_time(fetching, server):
    job = Job(("id",), Request("/p"), ("state",), "done", "failed", ("file",), Request("/f"))
    server.serve = lambda asked: Reply({"id": 1, "state": "failed"})
    with pytest.raises(SourceUnavailableError, match="could not make the export"):
        fetching(*with_stream(job=job))
