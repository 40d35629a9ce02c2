"""Reading lists from a made-up vendor on a real socket."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from domain.connectors import Since
from domain.errors import SourceChangedError
from domain.paging import LinkHeader, NextToken, NextUrl, Offset, PageNumber, Request
from tests.fakes import fault_server as faults
from tests.fakes.clock import BEGINNING
from tests.fakes.fault_server import Asked, Reply
from tests.fakes.fetching import HOUR
from tests.fakes.vendor import FIRST, SECRET, record, with_stream
from wire.containers import page_of, parts_of
from wire.http import Caller
from wire.pages import fetch
from wire.sweeps import through_of


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
    assert [*dict.fromkeys(fetching.ids(*facts))] == [*range(24, -1, -1)]
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


def test_a_counted_list_moves_on_with_one_page_a_run(fetching, server, clock):
    def numbered(asked: Asked) -> Reply:
        clock.sleep(40)
        page = int(asked.query.get("page", "1"))
        return Reply({"tickets": [record(page)] if page < 6 else []})

    server.serve, fetching.deadline = numbered, timedelta(seconds=100)  # a page, and a look at the one before
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


def test_new_words_are_counted_and_fields_are_listed(fetching, desk):
    desk.records = [record(1, status="merged", via={"channel": "web", "0c9-id": 1}), record(2, status="merged")]
    (page,) = fetching()
    assert page.new_words == {("status", "merged"): 2}
    assert page.seen_fields == {"id", "updated_at", "status", "via", "via.channel"}


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
