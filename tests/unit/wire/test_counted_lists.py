"""Lists whose pages are counted, or go on after the last key, while records leave and join them between two calls."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from domain.connectors import ENDLESS, Since
from domain.paging import AfterKey, Answer, LinkHeader, NextUrl, Offset, PageNumber, Paging, Request
from tests.fakes.clock import FakeClock
from tests.fakes.fault_server import Asked, FaultServer, Reply, serving
from tests.fakes.vendor import SECRET, record, with_stream
from wire.containers import page_of
from wire.edges import MOST_BACK
from wire.http import Caller
from wire.pages import Fetched, fetch

SIZE = 5
WAYS: dict[str, Paging] = {
    "numbers": PageNumber(),
    "numbers, told how many": PageNumber(n_pages=("pages",)),
    "offset": Offset(SIZE),
    "links": LinkHeader(counted_by="page"),
    "addresses": NextUrl(("next",), counted_by="page"),
    "after the key": AfterKey(("tickets", "-1", "id"), " AND id > {key}", n_pages=("pages",)),
}


class Shelf:
    """Hands out its records by pages that are counted; `between` changes them before each answer."""

    def __init__(self, n_records: int) -> None:
        self.records = [record(number) for number in range(n_records)]
        self.between: Callable[[int, Shelf], object] = lambda n_asked, shelf: None
        self.n_asked = 0

    def __call__(self, asked: Asked) -> Reply:
        self.between(self.n_asked, self)
        self.n_asked += 1
        page = int(asked.query.get("page", "1"))
        if "query" in asked.query:
            return self._after(int(asked.query["query"].removeprefix(" AND id > ")))
        begin = int(asked.query["offset"]) if "offset" in asked.query else (page - 1) * SIZE
        after, n_pages = begin + SIZE, -(-len(self.records) // SIZE)
        url = f"http://{asked.headers['host']}/tickets?page={page + 1}" if page < n_pages else None
        body = {"tickets": self.records[begin:after], "pages": n_pages, "next": url}
        return Reply(body, headers={"Link": f'<{url}>; rel="next"'} if url else {})

    def _after(self, key: int) -> Reply:
        later = [one for one in self.records if one["id"] > key]
        return Reply({"tickets": later[:SIZE], "pages": -(-len(later) // SIZE)})


class Shop:
    """The vendor, and one who reads it."""

    def __init__(self, server: FaultServer, shelf: Shelf) -> None:
        self.server, self.shelf, self.position = server, shelf, None

    def pages(self, way: str, n: int | None = None, **facts: Any) -> list[Fetched]:
        clock, got = FakeClock(), list[Fetched]()
        connector, stream = with_stream(**{"request": Request("/tickets"), "since": None, "paging": WAYS[way], **facts})
        with Caller(connector, self.server.address, {"token": SECRET}, clock=clock) as caller:
            for page in fetch(caller, stream, self.position, start=None, options={}, now=clock.now(),
                              deadline=timedelta(hours=1)):  # fmt: skip
                got.append(page)
                self.position = page.position
                if len(got) == n:
                    break
        return got

    def ids(self, way: str, n: int | None = None, **facts: Any) -> list[int]:
        return [one["id"] for page in self.pages(way, n, **facts) for one in page_of(page.content).body["tickets"]]


@pytest.fixture
def shop() -> Iterator[Shop]:
    shelf = Shelf(48)
    server = FaultServer(shelf)
    with serving(server):
        yield Shop(server, shelf)


ways = pytest.mark.parametrize("way", WAYS)


@ways
def test_a_list_that_stands_still_is_handed_on_once(shop: Shop, way: str):
    found = shop.ids(way)
    assert [*dict.fromkeys(found)] == [*range(48)]
    assert len(found) == 48 or way == "offset"  # which asks for the last record again


def test_a_search_that_goes_on_after_the_last_key_asks_for_each_page_once(shop: Shop):
    shop.ids("numbers, told how many")
    n_counted, shop.shelf.n_asked, shop.position = shop.shelf.n_asked, 0, None
    shop.ids("after the key")
    assert (n_counted, shop.shelf.n_asked) == (19, 10)


def test_a_page_without_a_record_where_more_are_said_to_follow_is_no_end(shop: Shop):
    shop.shelf.between = lambda n_asked, shelf: shelf.records.clear() if n_asked == 2 else None
    assert len(shop.ids("after the key")) == 10
    paging = WAYS["after the key"]
    with pytest.raises(KeyError):
        paging.following(Request("/tickets"), Answer("", {}, b"", {"tickets": [], "pages": 3}), 0)
    assert paging.following(Request("/tickets"), Answer("", {}, b"", {"tickets": [], "pages": None}), 0) is None


@ways
@pytest.mark.parametrize("n_left", [1, SIZE, 3 * SIZE + 2])
@pytest.mark.parametrize("when", [1, 2, 5])
def test_records_that_leave_between_two_pages_hide_none(shop: Shop, way: str, n_left: int, when: int):
    def leave(n_asked: int, shelf: Shelf) -> None:
        if n_asked == when:
            del shelf.records[:n_left]

    shop.shelf.between = leave
    assert {*range(n_left, 48)} <= {*shop.ids(way)}


@ways
@pytest.mark.parametrize("seed", range(8))
def test_records_that_leave_all_the_time_hide_none(shop: Shop, way: str, seed: int):
    chance = Random(seed)

    def leave(_: int, shelf: Shelf) -> None:
        for _n in range(chance.choice([0, 0, 1, 2, 7])):
            if len(shelf.records) > 20:
                del shelf.records[chance.randrange(len(shelf.records))]
        shelf.records.append(record(100 + shelf.n_asked)) if shelf.n_asked < 9 else None

    shop.shelf.between = leave
    seen = shop.ids(way)
    assert {one["id"] for one in shop.shelf.records} <= {*seen}


@ways
@pytest.mark.parametrize("n_left", [1, 2 * SIZE])
def test_records_that_leave_between_two_runs_hide_none(shop: Shop, way: str, n_left: int):
    seen = shop.ids(way, n=3)
    del shop.shelf.records[:n_left]
    assert {*seen, *shop.ids(way)} == {*range(48)}


def test_a_list_with_the_newest_first_that_grew_by_pages_is_gone_on_with_and_not_begun_anew(shop: Shop):
    shop.shelf.records.reverse()
    newest_first = {"since": Since(("updated_at",))}
    seen = shop.ids("numbers", n=4, **newest_first)
    shop.shelf.records[:0] = [record(number) for number in range(70, 58, -1)]
    shop.server.asked.clear()
    assert {*seen, *shop.ids("numbers", **newest_first)} >= {*range(48)}
    assert shop.server.asked[0].query["page"] == "5"
    assert "1" not in {asked.query.get("page") for asked in shop.server.asked}


def test_a_list_without_any_order_comes_to_an_end_and_covers_nothing(shop: Shop):
    chance = Random(7)
    shop.shelf.between = lambda _, shelf: chance.shuffle(shelf.records)
    pages = shop.pages("numbers")
    assert pages[-1].is_last
    assert pages[-1].reading is None
    assert shop.shelf.n_asked < 10 * MOST_BACK


# ---- lists that are asked by time ------------------------------------------------------------------------------------

BY_TIME = {
    "since": Since(("updated_at",), "since", overlap=timedelta(hours=1), back=timedelta(seconds=1)), "window": ENDLESS
}  # fmt: skip
by_time = pytest.mark.parametrize(("way", "is_after"), [
    ("numbers", False), ("numbers", True), ("addresses", False), ("addresses", True), ("links", True),
])  # fmt: skip


class Dated(Shelf):
    """Hands out what changed at or after an instant, or only after it, the oldest change first."""

    def __init__(self, n_records: int, *, is_after: bool) -> None:
        super().__init__(n_records)
        self.is_after = is_after

    def __call__(self, asked: Asked) -> Reply:
        self.between(self.n_asked, self)
        self.n_asked += 1
        since, page = asked.query.get("since", ""), int(asked.query.get("page", "1"))
        kept = [one for one in self.records if (one["updated_at"], self.is_after) > (since[:19], True)
                or (not self.is_after and one["updated_at"][:19] == since[:19])]  # fmt: skip
        kept.sort(key=lambda one: (one["updated_at"], one["id"]))
        after = page * SIZE
        url = f"http://{asked.headers['host']}/tickets?since={since}&page={page + 1}" if after < len(kept) else None
        body = {"tickets": kept[after - SIZE : after], "next": url}
        return Reply(body, headers={"Link": f'<{url}>; rel="next"'} if url else {})


@pytest.fixture
def dated(is_after: bool) -> Iterator[Shop]:
    shelf = Dated(48, is_after=is_after)
    server = FaultServer(shelf)
    with serving(server):
        yield Shop(server, shelf)


@by_time
def test_a_list_that_is_asked_by_time_costs_a_call_a_page(dated: Shop, way: str):
    found = dated.ids(way, **BY_TIME)
    assert [*dict.fromkeys(found)] == [*range(48)]
    # each page begins with the last record of the one before; numbers alone end with a page that is held against it
    assert dated.shelf.n_asked == (15 if way == "numbers" else 12)


@by_time
def test_records_that_changed_at_one_instant_are_counted_and_held_against_each_other(dated: Shop, way: str):
    for one in dated.shelf.records[10:30]:
        one["updated_at"] = dated.shelf.records[10]["updated_at"]
    assert {*dated.ids(way, **BY_TIME)} == {*range(48)}
    dated.shelf.n_asked, dated.position = 0, None

    def leave(n_asked: int, shelf: Shelf) -> None:
        if n_asked == 6:  # among the pages of that instant
            del shelf.records[11:14]

    dated.shelf.between = leave
    assert {*range(48)} - {11, 12, 13} <= {*dated.ids(way, **BY_TIME)}


@by_time
@pytest.mark.parametrize("seed", range(8))
def test_records_that_change_and_leave_while_they_are_asked_for_by_time_hide_none(dated: Shop, way: str, seed: int):
    chance, n_changed = Random(seed), 0

    def live(_: int, shelf: Shelf) -> None:
        nonlocal n_changed
        for _n in range(chance.choice([0, 0, 1, 2, 7])):
            if len(shelf.records) > 20:
                del shelf.records[chance.randrange(len(shelf.records))]
        for _n in range(chance.choice([0, 1, 3]) if shelf.n_asked < 15 else 0):
            n_changed += 1
            chance.choice(shelf.records)["updated_at"] = record(100 + n_changed)["updated_at"]

    dated.shelf.between = live
    seen = dated.ids(way, **BY_TIME)
    assert {one["id"] for one in dated.shelf.records} <= {*seen}


@by_time
def test_a_vendor_that_gives_another_order_is_counted(dated: Shop, way: str):
    for n, one in enumerate(dated.shelf.records):
        one["id"], one["updated_at"] = one["id"], record(48 - n)["updated_at"]
    dated.shelf.records.reverse()
    assert {*dated.ids(way, **BY_TIME)} == {*range(48)}
