"""What holds for every list of every connector: each is read from its vendor, played over a real socket.

The vendor is made of the connector's own facts and its recorded pages: tests/fakes/vendor_of.py.
"""

import pickle
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.connectors import Connector, Field, Page, Public, Stream
from domain.errors import SourceChangedError, SourceRefusedError
from domain.facts import FACT_TABLES
from domain.paging import Offset, Once, inside
from domain.source_specs import KINDS
from domain.sources import read_sources
from tasks.extract.catalog import CONNECTORS, check
from tests.fakes.fault_server import html, serving
from tests.fakes.handing import Held, put
from tests.fakes.reading import DAY, Reading, plain, written
from tests.fakes.recorded import MissingPageError, recorded
from wire.containers import page_of
from wire.pages import Fetched

DOCS = Path(__file__).parents[3] / "docs"
ONE_OF = {"feed": {"mentions", "reviews"}}
"""An option says what a feed's entries are: one of these, never both."""
LEFT_OUT = {
    ("hubspot", "feedback_submissions"): "of a survey that is not declared",
    ("slack_channel", "messages"): "what bots say, and what only tells of the channel",
}
"""Records that give no row, as the connector's page says."""
NAME = re.compile(r'[A-Za-z][^"\n]*')
"""What `columns:` can read, in quotes where it is more than a word."""
WRONG = {"text": 7, "number": "seven", "flag": "yes", "list": {"a": 1}, "object": ["a"]}
NEW_WORD = {"text": "never-seen", "number": 987, "list": ["never-seen"], "any": "never-seen"}


def documented() -> Connector:
    """The connector that docs/adding-a-source.md writes: what it promises holds for it too."""
    page, module = (DOCS / "adding-a-source.md").read_text(encoding="utf-8"), dict[str, Any]()
    exec(compile(re.findall(r"```python\n(.*?)```", page, re.DOTALL)[0], "acmedesk.py", "exec"), module)
    return module["CONNECTOR"]


ALL = (*CONNECTORS.values(), documented())


def lists(wanted: Callable[[Stream], object] = lambda _: True) -> pytest.MarkDecorator:
    """Every list of every connector that is wanted."""
    found = [(connector, stream.name) for connector in ALL for stream in connector.streams if wanted(stream)]
    named = [f"{connector.kind}-{name}" for connector, name in found]
    return pytest.mark.parametrize(("connector", "name"), found, ids=named)


@pytest.mark.parametrize("connector", CONNECTORS.values(), ids=list(CONNECTORS))
def test_another_process_can_be_told_of_it(connector: Connector):
    """A long list is staged in one: each function of a connector is one of a module, no lambda."""
    assert pickle.loads(pickle.dumps(connector)) == connector


def has_fields(stream: Stream) -> bool:
    """A feed is brought into one shape before anything is looked at, and refused whole where it is none."""
    return stream.decode is None


def has_rows(stream: Stream) -> bool:
    """A list of keys alone tells which rows of another one are still there."""
    return stream.covers is None or not stream.covers.of


def has_pages(stream: Stream) -> bool:
    return bool(stream.per_option) or not isinstance(stream.paging, Once)


Open = Callable[[Connector, str], Reading]


@pytest.fixture
def line() -> Iterator[Open]:
    """Opens the line to a vendor's list."""
    with ExitStack() as held:

        def to(connector: Connector, name: str) -> Reading:
            reading = Reading(connector, name)
            held.enter_context(serving(reading.server))
            return reading

        yield to


# ---- what comes -----------------------------------------------------------------------------------------------------


@lists()
def test_every_record_comes_and_the_cut_into_pages_changes_no_row(line: Open, connector: Connector, name: str):
    reading = line(connector, name)
    pages = reading.pages()
    came = reading.keys(pages)
    assert set(came) == {one.key for one in reading.list.held}
    # a search that ends after so many records is asked anew from the last mark: the record there comes twice
    # and where records are skipped by their number, so does the last one of each page
    assert reading.stream.window or _skips(reading.stream) or len(came) == len(reading.list.held)
    assert [page.is_last for page in pages] == [*[False] * (len(pages) - 1), True]
    assert len(pages) > 1 or not has_pages(reading.stream)
    assert plain(reading.rows(pages)) == plain(reading.parsed(_as_one(reading, pages)))


@lists(has_rows)
def test_its_rows_are_rows_of_the_tables_it_feeds(line: Open, connector: Connector, name: str):
    reading = line(connector, name)
    pages = reading.pages()
    rows = reading.rows(pages)
    feeds = set(reading.stream.feeds) - ONE_OF.get(connector.kind, set())
    assert feeds <= {table for table, made in rows.items() if made} <= set(reading.stream.feeds)
    for table, made in rows.items():
        for row in made:
            assert not _wrong_in(table, row), row
    laid = reading.staged(pages)
    assert laid.set_aside.to_dicts() == []
    assert {table for table, frame in laid.tables.items() if frame.height} >= feeds


@lists()
def test_no_record_is_lost(line: Open, connector: Connector, name: str):
    reading = line(connector, name)
    at, n_lost = reading.list.shape.records, 0
    for page in map(page_of, (page.content for page in reading.pages())):
        for record in inside(written(page), at) or ():
            alone = replace(page, body=put(written(page), at, [record]))
            n_lost += not any(reading.parsed(alone).values())
    assert bool(n_lost) == ((connector.kind, name) in LEFT_OUT)
    assert n_lost < len(reading.list.held)


@lists(lambda stream: stream.since)
def test_what_changed_comes_again_and_what_did_not_is_not_asked_for(line: Open, connector: Connector, name: str):
    reading = line(connector, name)
    reading.pages()
    oldest = next(one.key for one in reading.list.held if one.mark is not None)
    reading.now += DAY
    changed = reading.list.changed(reading.now - timedelta(hours=3))
    came = reading.keys(reading.pages())
    assert changed in came
    assert oldest not in came


@lists(lambda stream: not stream.since and has_rows(stream))
def test_a_list_that_cannot_tell_what_changed_comes_whole_each_time(line: Open, connector: Connector, name: str):
    reading = line(connector, name)
    first = reading.keys(reading.pages())
    assert reading.keys(reading.pages()) == first


@lists(has_pages)
def test_a_fetch_that_is_cut_off_goes_on_with_its_second_page(line: Open, connector: Connector, name: str):
    reading = line(connector, name)
    whole = [page.content for page in reading.pages()]
    n_calls, reading.position = len(reading.server.asked), None
    reading.server.asked.clear()
    first = reading.pages(1)
    rest = reading.pages()
    assert [page.content for page in (*first, *rest)] == whole
    assert len(reading.server.asked) == n_calls + _n_exchanges(connector)
    assert rest[-1].is_last


@lists()
def test_an_empty_list_gives_no_row_and_is_over(line: Open, connector: Connector, name: str):
    reading = line(connector, name)
    reading.list.held.clear()
    pages = reading.pages()
    assert sum(page.n_records for page in pages) == 0
    assert pages[-1].is_last
    assert not any(reading.rows(pages).values())
    assert reading.staged(pages).set_aside.height == 0


# ---- what goes wrong ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "connector", [one for one in ALL if not isinstance(one.auth, Public)], ids=lambda one: one.kind
)
def test_a_key_that_is_refused_is_named_by_its_variable_and_never_shown(line: Open, connector: Connector):
    for stream in connector.streams:
        reading = line(connector, stream.name)
        with pytest.raises(SourceRefusedError) as refused:
            reading.pages(is_key_right=False)
        told = str(refused.value)
        assert all(secret.variable in told for secret in connector.secrets)
        assert "stolen" not in told
        assert not [secret for secret in reading.vendor.door.secrets("", are_right=False).values() if secret in told]
        assert reading.position is None


@lists(has_fields)
def test_a_record_without_a_field_that_is_needed_stops_the_list_and_the_field_is_named(
    line: Open, connector: Connector, name: str
):
    for field in connector.stream(name).fields:
        if field.is_required:
            _stops(line(connector, name), field, _without)


@lists(has_fields)
def test_a_field_of_another_type_stops_the_list_and_is_named(line: Open, connector: Connector, name: str):
    for field in connector.stream(name).fields:
        if field.type != "any":
            _stops(line(connector, name), field, lambda record, field: put(record, field.at, WRONG[field.type]))


@lists(lambda stream: has_fields(stream) and any(field.words for field in stream.fields))
def test_a_word_that_is_new_is_counted_and_stops_nothing(line: Open, connector: Connector, name: str):
    for field in connector.stream(name).fields:
        if field.words:
            reading = line(connector, name)
            word = NEW_WORD[field.type]
            _spoil(reading, field, lambda record, field, word=word: put(record, field.at, word))
            pages = reading.pages()
            told = (".".join(field.at), str(word[0] if isinstance(word, list) else word))
            assert sum(page.new_words[told] for page in pages) == 1
            assert not reading.staged(pages).set_aside.height


@lists()
def test_a_page_for_people_stops_the_list_and_nothing_of_it_is_taken(line: Open, connector: Connector, name: str):
    reading = line(connector, name)
    option = connector.stream(name).per_option
    n_members = len(reading.vendor.options[option]) if option else 1
    reading.server.fails(*[None] * _n_exchanges(connector), *[html] * n_members)
    with pytest.raises(SourceChangedError, match=r"html|HTML"):
        reading.pages()
    assert reading.position is None


# ---- the catalogue --------------------------------------------------------------------------------------------------


def test_every_kind_that_may_be_written_is_in_the_catalogue():
    assert {*KINDS} == {*CONNECTORS, "files", "sql"}
    assert all(kind == connector.kind for kind, connector in CONNECTORS.items())


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "files"])
def test_every_kind_has_a_page_whose_example_holds(kind: str):
    text = (DOCS / "sources" / f"{kind}.md").read_text(encoding="utf-8")
    examples = [block for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if f"kind: {kind}" in block]
    assert examples
    for example in examples:
        for spec in read_sources(_whole(example)):
            check(spec)
    if kind in CONNECTORS:
        assert all(secret.variable in text for secret in CONNECTORS[kind].secrets)
        assert all(f"`{stream.name}`" in text for stream in CONNECTORS[kind].streams)


def test_a_list_without_a_recorded_page_says_which_file_to_write():
    connector = CONNECTORS["zendesk"]
    stream = replace(connector.stream("tickets"), name="calls", fields=())
    with pytest.raises(MissingPageError, match=r"pages/zendesk/calls\.json is missing"):
        recorded(replace(connector, streams=(stream,)), stream)


# ---- beneath --------------------------------------------------------------------------------------------------------


def _as_one(reading: Reading, pages: list[Fetched]) -> Page:
    """All records on one page."""
    held = [page_of(page.content) for page in pages]
    children = {key: of for page in held for key, of in page.children.items()}
    records = [one.record for one in reading.list.held]
    return replace(held[0], body=put(written(held[0]), reading.list.shape.records, records), children=children)


def _whole(example: str) -> str:
    """An example as a file: its first lines may go without saying."""
    sources = example if "sources:" in example else f"sources:\n{example}"
    return sources if "version:" in sources else f"version: 1\n{sources}"


def _wrong_in(table: str, row: Mapping[str, Any]) -> list[str]:
    """What is wrong with a row: a name that is none, a value that no column takes, a column that is missing."""
    fact = FACT_TABLES[table]
    required = {fact.key, *(column.name for column in fact.columns if column.required)} - {"source"}
    missing = [f"{name} is missing" for name in required if row.get(name) in (None, "")]
    names = [f"{name} is no name" for name in row if not NAME.fullmatch(name) or name == "source"]
    values = [
        f"{name} is {type(row[name]).__name__}" for name in fact.names
        if not isinstance(row.get(name), str | int | float | bool | None)
    ]  # fmt: skip
    return [*missing, *names, *values]


def _skips(stream: Stream) -> bool:
    return isinstance(stream.paging, Offset)


def _n_exchanges(connector: Connector) -> int:
    """Calls for a token before the first call."""
    return 1 if type(connector.auth).__name__ == "ServiceAccount" else 0


def _stops(reading: Reading, field: Field, change: Callable[[Any, Field], Any]) -> None:
    _spoil(reading, field, change)
    with pytest.raises(SourceChangedError, match=re.escape(f"'{'.'.join(field.at)}'")):
        reading.pages()


def _spoil(reading: Reading, field: Field, change: Callable[[Any, Field], Any]) -> None:
    """Change one record that has the field's place."""
    held = reading.list.held
    place = next(n for n, one in enumerate(held) if isinstance(inside(one.record, field.at[:-1]), dict))
    one: Held = held[place]
    held[place] = replace(one, record=change(one.record, field))


def _without(record: Any, field: Field) -> Any:
    outer = inside(record, field.at[:-1])
    return put(record, field.at[:-1], {name: value for name, value in outer.items() if name != field.at[-1]})
