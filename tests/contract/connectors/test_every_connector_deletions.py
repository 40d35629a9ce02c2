"""What holds for every list that is covered: a record that the vendor no longer shows is told, no other one, and none
by a reading that was cut off. The vendor is made as in test_every_connector.py."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from domain.connectors import Connector
from domain.coverage import Reading as Whole
from domain.source_specs import CompleteThrough, Interface, SourceSpec
from tasks.extract.catalog import CONNECTORS
from tasks.extract.interface_rows import gathered
from tasks.extract.readings import reading_of
from tasks.extract.sightings import covered_tables, sightings_in
from tasks.load.sightings import not_shown, noted
from tests.fakes.fault_server import serving
from tests.fakes.reading import DAY, Reading
from wire.containers import page_of
from wire.pages import Fetched

COVERED = [
    (connector, stream.name)
    for connector in CONNECTORS.values() for stream in connector.streams
    if stream.covers and not stream.covers.published  # a feed tells of what lies between two entries: test_feed.py
]  # fmt: skip
NONE = pl.DataFrame(
    schema={"stream": pl.String(), "row_key": pl.String(), "gone_at": pl.Datetime("us", "UTC"),
            "landed_at": pl.Datetime("us", "UTC"), "at": pl.Datetime("us", "UTC"), "table_name": pl.String()}
)  # fmt: skip

covered = pytest.mark.parametrize(
    ("connector", "name"), COVERED, ids=[f"{connector.kind}-{name}" for connector, name in COVERED]
)


class Book:
    """What is held of a list's rows: as the tables of a project hold it."""

    def __init__(self, reading: Reading) -> None:
        self.reading, self.held = reading, NONE
        reads = Interface(options=reading.vendor.options)
        self.spec = SourceSpec("desk", reading.connector.kind, reads, (), CompleteThrough("arrival"))

    def shows(self, pages: list[Fetched]) -> None:
        """The rows of these pages are there now."""
        of, kind = self.reading, self.reading.connector.kind
        read = gathered((page_of(page.content) for page in pages), of.stream, of.vendor.options)
        shown = sightings_in(read, CONNECTORS[kind], of.stream, of.vendor.options, self.spec, "secret")
        rows = noted(shown, self.held.drop("at", "table_name"), "b", of.now).rows
        rows = rows.with_columns(landed_at=pl.lit(of.now, pl.Datetime("us", "UTC"))).select(NONE.columns)
        self.held = pl.concat([self.held.join(rows, on=["table_name", "row_key"], how="anti"), rows])

    def gone(self, reading: Whole) -> set[tuple[str, str]]:
        """Rows that a reading covers and did not show."""
        since = reading_of(self.spec, self.reading.stream.name, reading)["since"]
        rows = self.held
        if since is not None:
            rows = rows.filter(pl.col("at") > since, pl.col("at") < reading.until)
        keys = not_shown(rows, reading.began)
        return {*rows.filter(pl.col("row_key").is_in(keys.implode())).select("table_name", "row_key").iter_rows()}

    def all(self) -> set[tuple[str, str]]:
        return {*self.held.select("table_name", "row_key").iter_rows()}


@pytest.fixture
def book(connector: Connector, name: str) -> Iterator[Book]:
    with ExitStack() as held:
        reading = Reading(connector, name)
        marks = [one.mark for one in reading.list.held if one.mark is not None]
        reading.now = max(marks, default=reading.now) + 2 * DAY
        held.enter_context(serving(reading.server))
        covers = reading.stream.covers
        if covers and covers.keeps:  # a list of a few days, in which the records are
            before = Book(Reading(connector, name))
            with serving(before.reading.server):
                before.shows(before.reading.pages())
            reading.now = before.held["at"].max()  # pyright: ignore[reportAttributeAccessIssue]
        yield Book(reading)


def read(book: Book, n: int | None = None) -> list[Fetched]:
    """The list, some days later than the last time."""
    covers = book.reading.stream.covers
    book.reading.now += DAY if covers and covers.keeps else timedelta(days=8)
    pages = book.reading.pages(n)
    book.shows(pages)
    return pages


def the_whole(pages: list[Fetched]) -> Whole:
    """What was read of the member that has records."""
    return next(page.reading for page in pages if page.reading is not None)


@covered
def test_a_record_that_the_vendor_deleted_is_told_and_no_other(book: Book, connector: Connector, name: str):
    whole = the_whole(read(book))
    assert book.all()
    assert book.gone(whole) == set()
    lost = _lose(book)
    assert book.gone(the_whole(read(book))) == lost


@covered
def test_a_record_that_is_there_again_is_shown_again(book: Book, connector: Connector, name: str):
    read(book)
    held = [*book.reading.list.held]
    lost = _lose(book)
    read(book)
    book.reading.list.held[:] = held
    assert book.gone(the_whole(read(book))).isdisjoint(lost)


@covered
def test_a_list_that_says_how_many_records_it_has_is_read_with_their_number(
    book: Book, connector: Connector, name: str
):
    whole, covers = the_whole(read(book)), connector.stream(name).covers
    assert whole.n_told == (len(book.reading.list.held) if covers and covers.total else None)


@covered
def test_a_reading_that_was_cut_off_tells_nothing(book: Book, connector: Connector, name: str):
    read(book)
    _lose(book)
    book.reading.now += timedelta(days=8)
    pages = book.reading.pages()
    *earlier, last = [page for page in pages if page.each == pages[0].each]
    assert last.reading is not None
    assert not [page for page in earlier if page.reading is not None]


def test_what_a_list_of_a_few_days_no_longer_shows_for_its_age_is_not_told():
    connector = CONNECTORS["google_play"]
    book = Book(Reading(connector, "reviews"))
    book.reading.now = datetime(2026, 3, 9, tzinfo=UTC)
    with serving(book.reading.server):
        read(book)
        assert book.all()
        _lose(book)
        book.reading.now += timedelta(days=6)
        assert book.gone(the_whole(book.reading.pages())) == set()


@covered
def test_rows_of_what_is_covered_can_be_marked_as_deleted(connector: Connector, name: str):
    stream = connector.stream(name)
    assert covered_tables(connector, stream)
    if stream.covers and stream.covers.of:
        assert covered_tables(connector, connector.stream(stream.covers.of)) == covered_tables(connector, stream)


def _lose(book: Book) -> set[tuple[str, str]]:
    """The vendor deletes its latest record that gives rows; the rows."""
    listing = book.reading.list
    by_mark = sorted(listing.held, key=lambda one: (one.mark is not None, one.mark or 0, one.serial))
    for one in reversed(by_mark):
        listing.held.remove(one)
        rest = Book(Reading(CONNECTORS[book.reading.connector.kind], book.reading.stream.name))
        rest.reading.list.held[:] = listing.held
        with serving(rest.reading.server):
            rest.shows(rest.reading.pages())
        if lost := book.all() - rest.all():
            return lost
        listing.held.append(one)
    raise AssertionError("no record gives a row")
