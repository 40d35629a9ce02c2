"""Reading lists from a made-up vendor on a real socket."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from domain.connectors import Child, Connector, Job, Since, Stream
from domain.errors import SourceChangedError, SourceRefusedError, SourceUnavailableError
from domain.paging import LinkHeader, NextToken, NextUrl, Offset, PageNumber, Request
from tests.fakes import fault_server as faults
from tests.fakes.clock import BEGINNING, FakeClock
from tests.fakes.fault_server import Asked, FaultServer, Reply, serving
from tests.fakes.vendor import CONNECTOR, FIRST, SECRET, STREAM, Desk, record, with_stream
from wire.containers import page_of, parts_of
from wire.http import Caller
from wire.line import Limits
from wire.pages import Fetched, fetch
from wire.progress import Progress
from wire.sweeps import through_of

LIMITS = Limits(connect=2, read=0.3, n_tries=3, most_bytes=1 << 20)
HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def desk() -> Desk:
    return Desk(25)


@pytest.fixture
def server(desk, clock) -> Iterator[FaultServer]:
    made = FaultServer(desk, clock=clock.monotonic)
    with serving(made):
        yield made


class Fetching:
    """Fetches again and again, as the runs of a project do."""

    def __init__(self, server: FaultServer, clock: FakeClock) -> None:
        self.server, self.clock = server, clock
        self.told: list[Progress] = []
        self.position: Any = None
        self.options: dict[str, Any] = {}
        self.start: Any = FIRST
        self.deadline = HOUR

    def __call__(
        self, connector: Connector = CONNECTOR, stream: Stream = STREAM, n: int | None = None
    ) -> list[Fetched]:
        pages: list[Fetched] = []
        with Caller(connector, self.server.address, {"token": SECRET}, clock=self.clock, limits=LIMITS) as caller:
            for page in fetch(
                caller, stream, self.position, start=self.start, options=self.options, now=self.clock.now(),
                deadline=self.deadline, told=self.told.append,
            ):  # fmt: skip
                pages.append(page)
                self.position = json.loads(json.dumps(page.position))
                if len(pages) == n:
                    break
        return pages

    def again_and_again(self, n: int) -> None:
        for _ in range(n):
            self()

    def ids(self, *facts: Any, **more: Any) -> list[int]:
        return [one["id"] for page in self(*facts, **more) for one in page_of(page.content).body["tickets"]]


@pytest.fixture
def fetching(server, clock) -> Fetching:
    return Fetching(server, clock)


def test_a_first_fetch_reads_every_page_from_the_start(fetching, server):
    pages = fetching()
    assert [(page.n_records, page.is_last) for page in pages] == [(10, False), (10, False), (5, True)]
    assert server.asked[0].query["since"] == str(int(FIRST.timestamp()))
    assert [progress.n_records for progress in fetching.told] == [10, 20, 25]


def test_the_next_sweep_begins_an_overlap_before_the_last_mark(fetching, server, desk):
    fetching()
    latest = FIRST + timedelta(hours=24)
    assert fetching.position["mark"] == latest.isoformat()
    desk.records.append(record(99, latest + HOUR))
    assert fetching.ids() == [24, 99]
    assert server.asked[-1].query["since"] == str(int((latest - timedelta(minutes=5)).timestamp()))


def test_a_fetch_that_was_cut_off_goes_on_at_its_page(fetching, server):
    fetching(n=2)
    assert fetching.ids() == [20, 21, 22, 23, 24]
    assert [asked.query.get("cursor") for asked in server.asked] == [None, "10", "20"]


def test_a_first_call_that_an_update_changed_begins_the_sweep_anew(fetching, server):
    fetching(n=2)
    fetching(*with_stream(request=Request("/tickets", {"since": "0", "include": "users"})))
    assert "cursor" not in server.asked[2].query


def test_a_landed_page_holds_the_answer_as_it_came(fetching, server):
    (first, *_) = fetching()
    (part,) = parts_of(first.content)
    assert part.url.startswith(f"{server.address}/tickets?since=")
    assert json.loads(part.content) == page_of(first.content).body


def test_a_cut_landed_page_is_noticed(fetching):
    (first, *_) = fetching()
    for content in (first.content[:-1], b"", b"nonsense"):
        with pytest.raises(SourceChangedError, match="not whole"):
            page_of(content)


def test_a_mark_from_the_future_does_not_hide_what_comes_before_it(fetching, desk):
    desk.records.append(record(77, BEGINNING + timedelta(days=900)))
    fetching()
    assert fetching.position["mark"] == BEGINNING.isoformat()
    desk.records.append(record(78, BEGINNING + HOUR))
    fetching.clock.sleep(7200)
    assert fetching.ids() == [78, 77]


def test_nothing_younger_than_the_vendors_delay_is_asked_for(fetching, server):
    fetching.start = BEGINNING + HOUR
    fetching()
    assert server.asked[0].query["since"] == str(int((BEGINNING - timedelta(minutes=1)).timestamp()))


def test_what_was_complete_is_told_by_when_the_sweep_began(fetching, clock):
    fetching(n=1)
    assert through_of(fetching.position) is None
    clock.sleep(60)
    fetching()
    assert through_of(fetching.position) == BEGINNING


def test_a_kept_token_goes_on_where_the_last_sweep_ended(fetching, server):
    facts = with_stream(
        paging=NextToken(("after",), "cursor", end=("end",), drops=("since",)), keeps_token="cursor", token=("after",)
    )
    server.serve = lambda asked: Reply({"tickets": [record(1)], "after": "t1", "end": True})
    fetching(*facts)
    fetching(*facts)
    assert [asked.query for asked in server.asked] == [{"since": "1767225600"}, {"cursor": "t1"}]


def test_a_token_that_is_not_taken_any_more_begins_by_time(fetching, server):
    facts = with_stream(
        paging=NextToken(("after",), "cursor", end=("end",)), keeps_token="cursor", token=("after",)
    )  # fmt: skip
    server.serve = lambda asked: Reply({"tickets": [record(1)], "after": "t1", "end": True})
    fetching(*facts)
    server.fails(faults.said(400, {"message": "cursor expired"}))
    fetching(*facts)
    assert [sorted(asked.query) for asked in server.asked] == [["since"], ["cursor"], ["since"]]


def test_a_newest_first_list_is_read_until_it_is_old(fetching, server, desk):
    def newest_first(asked: Asked) -> Reply:
        begin = int(asked.query.get("offset", "0"))
        return Reply({"tickets": desk.records[::-1][begin : begin + 5]})

    server.serve = newest_first
    facts = with_stream(request=Request("/tickets"), since=Since(("updated_at",)), paging=Offset(5))
    assert sum(page.n_records for page in fetching(*facts)) == 25
    desk.records.append(record(25))
    server.asked.clear()
    assert [page.is_last for page in fetching(*facts)] == [False, True]


def test_a_search_with_a_window_is_asked_anew_from_the_last_mark_of_each_page(fetching, server):
    assert fetching.ids(*with_stream(window=20)) == [*range(10), *range(9, 19), *range(18, 25)]
    assert [asked.query.get("cursor") for asked in server.asked] == [None, None, None]


def test_a_full_window_out_of_order_is_asked_anew_from_its_latest_mark(fetching, server, desk):
    def windowed(asked: Asked) -> Reply:
        body = desk(asked).body
        tickets = body["tickets"][1:2] + body["tickets"][:1] + body["tickets"][2:]
        return Reply({"tickets": tickets, "next": None if asked.query.get("cursor") == "10" else body["next"]})

    server.serve = windowed
    assert fetching.ids(*with_stream(window=20)).count(19) == 2
    assert [asked.query.get("cursor") for asked in server.asked] == [None, "10", None]


def test_a_window_full_of_one_instant_stops_with_a_reason(fetching, desk):
    desk.records = [record(number, FIRST) for number in range(40)]
    with pytest.raises(SourceChangedError, match="more than 20 records have the same time of change"):
        fetching(*with_stream(window=20))


def test_ties_at_a_windows_edge_are_read_again_rather_than_lost(fetching, desk):
    desk.records = [record(number, FIRST + HOUR * (number // 7)) for number in range(40)]
    assert set(fetching.ids(*with_stream(window=20))) == set(range(40))


def test_every_member_of_an_option_is_read_and_goes_on_by_itself(fetching, server):
    fetching.options = {"channels": ["C1", "C2"]}
    server.serve = lambda asked: Reply({"tickets": [record(int(asked.path[-1]))]})
    facts = with_stream(request=Request("/of/{each}"), per_option="channels")
    pages = fetching(*facts)
    assert [(page.each, page_of(page.content).each, page.is_last) for page in pages] == [
        ("C1", "C1", False), ("C2", "C2", True)
    ]  # fmt: skip
    assert set(fetching.position["each"]) == {"C1", "C2"}
    assert through_of(fetching.position) == BEGINNING
    server.asked.clear()
    fetching(*facts, n=1)
    fetching(*facts)
    assert [asked.path for asked in server.asked] == ["/of/C1", "/of/C2"]


@pytest.fixture
def members(fetching, server):
    """A stream that is read for the members a, b and c, each with one ticket; those of `dead` are not there."""
    dead: set[str] = set()

    def serve(asked: Asked) -> Reply:
        each = asked.path[-1]
        return Reply({"error": "gone"}, 404) if each in dead else Reply({"tickets": [record("abc".index(each))]})

    fetching.options, server.serve = {"apps": ["a", "b", "c"]}, serve
    return with_stream(request=Request("/of/{each}"), per_option="apps"), dead


@pytest.mark.parametrize("gone", ["a", "b", "c"])
def test_a_member_that_is_gone_keeps_no_other_from_being_read(fetching, server, members, gone):
    facts, dead = members
    fetching(*facts)
    dead.add(gone)
    for _ in range(3):
        server.asked.clear()
        with pytest.raises(
            SourceChangedError, match=rf"of the 3 members of `apps`, 1 could not.*'{gone}': .*/of/{gone}"
        ):
            fetching(*facts)
        assert [asked.path for asked in server.asked] == ["/of/a", "/of/b", "/of/c"]
        fetching.clock.sleep(3600)
    assert through_of(fetching.position) == BEGINNING


def test_a_sweep_without_a_member_is_never_the_last_page_even_over_several_runs(fetching, members):
    facts, dead = members
    dead.add("a")
    pages = fetching(*facts, n=1)
    with pytest.raises(SourceChangedError, match="'a': "):
        pages += fetching(*facts)
    assert [(page.each, page.is_last) for page in pages] == [("b", False)]
    dead.clear()
    assert [page.is_last for page in fetching(*facts)] == [False, False, True]


def test_a_key_that_every_member_refuses_is_a_refused_key(fetching, server, members):
    server.fails(*[faults.refused(401)] * 3)
    with pytest.raises(SourceRefusedError, match="ACMEDESK_TOKEN"):
        fetching(*members[0])
    assert fetching.position is None


def test_a_member_whose_pages_do_not_end_is_passed_over_too(fetching, server, members):
    facts, _ = members
    server.serve = lambda asked: Reply({"tickets": [record(1)], "next": "same" if asked.path == "/of/b" else None})
    with pytest.raises(SourceChangedError, match=r"'b': .*same cursor came again"):
        fetching(*facts)
    assert [asked.path for asked in server.asked] == ["/of/a", "/of/b", "/of/b", "/of/c"]


def test_a_member_that_was_taken_out_does_not_hold_the_others(fetching, clock, members):
    facts, dead = members
    fetching(*facts)
    dead.add("b")
    fetching.options = {"apps": ["a", "c"]}
    clock.sleep(3600)
    fetching(*facts)
    assert set(fetching.position["each"]) == {"a", "c"}
    assert through_of(fetching.position) == BEGINNING + HOUR


@pytest.mark.parametrize("n_left", [1, 10])
def test_records_that_leave_a_counted_list_hide_none_when_it_is_gone_on_with(fetching, server, desk, n_left):
    def numbered(asked: Asked) -> Reply:
        page = int(asked.query.get("page", "1"))
        return Reply({"tickets": desk.records[page * 10 - 10 : page * 10], "pages": -(-len(desk.records) // 10)})

    desk.records, server.serve = [record(number) for number in range(45)], numbered
    facts = with_stream(paging=PageNumber(n_pages=("pages",)))
    seen = fetching.ids(*facts, n=3)
    del desk.records[:n_left]
    seen += fetching.ids(*facts)
    assert set(seen) == set(range(45))
    assert [asked.query.get("page") for asked in server.asked][3] == "3"


def test_a_counted_list_moves_on_with_one_page_a_run(fetching, server, clock):
    def numbered(asked: Asked) -> Reply:
        clock.sleep(40)
        page = int(asked.query.get("page", "1"))
        return Reply({"tickets": [record(page)] if page < 6 else []})

    server.serve, fetching.deadline = numbered, timedelta(seconds=60)
    facts = with_stream(paging=PageNumber())
    while not any(page.is_last for page in fetching(*facts)):
        assert len(server.asked) < 30


def test_what_is_hidden_is_in_no_url_that_is_kept(server, clock):
    word = "sup3r/s3cret key"
    path = f"/rss/{word.replace(' ', '%20')}"
    urls = iter([f"{path}?page=2", f"{server.address}/rss/{quote(word, safe='')}?page=3", None])
    server.serve = lambda asked: Reply({"tickets": [record(len(server.asked))], "links": {"next": next(urls)}})
    connector, stream = with_stream(paging=NextUrl(("links", "next")), request=Request(""), since=None)
    hidden, position, landed = {"FORUM_KEY": word, "ENCODED": path[5:]}, None, b""
    for _ in range(3):
        with Caller(connector, server.address + path, {"token": SECRET}, hidden=hidden, clock=clock) as caller:
            pages = fetch(
                caller, stream, position, start=None, options={}, now=clock.now(), deadline=HOUR,
            )  # fmt: skip
            page = next(pages)
            assert "s3cret" not in json.dumps(page.position)
            position = json.loads(json.dumps(page.position))
            landed += b"".join(part.url.encode() for part in parts_of(page.content))
    assert [asked.query.get("page") for asked in server.asked] == [None, "2", "3"]
    assert page.is_last
    assert b"s3cret" not in landed


def test_options_are_filled_into_path_query_and_body(fetching, server):
    fetching.options = {"inbox": "a/b", "teams": ["x", "y"], "open": True}
    request = Request(
        "/in/{inbox}",
        {"t": "{teams}"},
        "POST",
        {"teams": "{teams}", "more": ["z", "{teams}"], "text": "{open} {other}"},
    )
    server.serve = lambda asked: Reply({"tickets": []})
    fetching(*with_stream(request=request, since=None))
    (asked,) = server.asked
    assert asked.target == "/in/a%2Fb?t=x%2Cy"
    assert asked.body == {"teams": ["x", "y"], "more": ["z", "x", "y"], "text": "true {other}"}


def test_a_search_takes_its_instant_in_its_body(fetching, server):
    request = Request("/search", method="POST", body={"filters": [{"op": ">", "value": 0}]})
    since = Since(("updated_at",), into=("filters", "0", "value"), written="epoch_s")
    server.serve = lambda asked: Reply({"tickets": []})
    fetching(*with_stream(request=request, since=since))
    assert server.asked[0].body == {"filters": [{"op": ">", "value": int(FIRST.timestamp())}]}


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


def test_new_words_are_counted_and_fields_are_listed(fetching, desk):
    desk.records = [record(1, status="merged", via={"channel": "web", "0c9-id": 1}), record(2, status="merged")]
    (page,) = fetching()
    assert page.new_words == {("status", "merged"): 2}
    assert page.seen_fields == {"id", "updated_at", "status", "via", "via.channel"}


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


def test_a_next_url_may_be_whole_or_relative(fetching, server):
    urls = iter(["/api/next?page=2", f"{server.address}/api/next?page=3", None])
    server.serve = lambda asked: Reply({"tickets": [record(len(server.asked))], "links": {"next": next(urls)}})
    fetching(*with_stream(paging=NextUrl(("links", "next"))))
    assert [asked.target for asked in server.asked][1:] == ["/api/next?page=2", "/api/next?page=3"]


def test_a_link_header_is_followed(fetching, server):
    links = iter([{"Link": '</a>; rel="prev", </b?x=1>; rel="next"'}, {}])
    server.serve = lambda asked: Reply({"tickets": [record(len(server.asked))]}, headers=next(links))
    fetching(*with_stream(paging=LinkHeader()))
    assert [asked.target for asked in server.asked][1:] == ["/b?x=1"]


def test_a_feed_is_landed_as_text_and_read_by_its_own_decoder(fetching, server):
    server.serve = lambda asked: Reply("<rss>Ä</rss>".encode("latin-1"), headers={"Content-Type": "a; charset=latin-1"})
    facts = with_stream(
        request=Request(""), since=None, fields=(), decode=lambda text: {"tickets": [{"id": text}]}
    )  # fmt: skip
    (page,) = fetching(*facts)
    assert (page_of(page.content).body, page.n_records) == ("<rss>Ä</rss>", 1)


def test_a_long_backfill_tells_how_long_it_will_go_on(fetching, desk, clock):
    desk.records = [record(number, FIRST + timedelta(days=number)) for number in range(60)]
    desk.changes = lambda body: (clock.sleep(10), body)[1]
    fetching()
    lefts = [progress.left for progress in fetching.told]
    # marks move ten days in ten seconds; from the 20th of January to the sweep's beginning it is 41 days and 8 hours
    assert lefts[:2] == [None, timedelta(seconds=41)]
    assert str(fetching.told[1]) == "page 2, 20 records, through 2026-01-20 00:00, about 0:00:41 left"
    assert fetching.told[-1].mark == datetime(2026, 3, 1, tzinfo=UTC)
