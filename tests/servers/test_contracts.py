"""Every list of every vendor that has a published contract is read by calls that fit it, as an independent program
reads that contract: from its own examples, and from random answers that it allows.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from domain.connectors import Stream
from domain.errors import SourceChangedError, SourceRefusedError
from domain.paging import Request
from tasks.extract.catalog import CONNECTORS
from tasks.extract.interface_rows import gathered
from tests.fakes.clock import FakeClock
from tests.fakes.recorded import options_of
from tests.servers.contracts import Contract, Spec, played
from wire.containers import page_of
from wire.http import Caller
from wire.pages import Fetched, fetch
from wire.refusals import BadRequestError

pytestmark = pytest.mark.servers

CONTRACTS = {
    "app_store": (Spec("app_store_connect.json"),),
    "chatwoot": (Spec("chatwoot.json"),),
    "formbricks": (Spec("formbricks-v2.json", "/api/v2", is_left_out=True), Spec("formbricks.json", "/api/v1")),
    "freshdesk": (Spec("freshdesk.json"),),
    "google_play": (Spec("google_play.json"),),
    "hubspot": (Spec("hubspot.json"),),
    "intercom": (Spec("intercom.json"),),
    "zendesk": (Spec("zendesk.json"),),
}
WITHOUT = {
    "feed": "a format, of which every server gives its own",
    "qualtrics": "the vendor publishes none for its exports",
    "request_tracker": "read from the server itself: test_request_tracker.py",
    "slack_channel": "read from a server with a memory: test_slack_channel.py",
    "surveymonkey": "the vendor publishes none",
    "typeform": "the vendor publishes none",
}
"""Connectors without a contract, and why."""

SAME_CURSOR = r"the same cursor came again"
ENDLESS = {
    "app_store": r"/v1/apps/dictionary\) is not there",
    "chatwoot": r"3 pages in a row have the same records",
    "google_play": SAME_CURSOR,
    "hubspot": SAME_CURSOR,
}
"""Where the one example of a page names a next page: itself, or one that is not there. Reading stops, and says so."""
MADE_UP_TWICE = r"lead back to one that was read before"
"""A made-up cursor may come a second time, from any vendor."""
NO_ROW = {
    ("hubspot", "archived_feedback_submissions"): "of no survey that is declared",
    ("hubspot", "feedback_submissions"): "of no survey that is declared",
    ("intercom", "contacts"): "an empty list",
    ("intercom", "contact_ids"): "an empty list",
}
"""Examples that no row can come of."""
NPS = {"measure": "nps", "scale": {"low": 0, "high": 10, "direction": "up"}}
OPTIONS = {"formbricks": {"surveys": {"string": {"survey": "as-in-the-example", "questions": {"q": NPS}}}}}
"""What the examples are of."""
SELF_CONTRADICTING = {
    ("app_store", "reviews"): r"a page URL leads to|is not there",
    ("chatwoot", "conversations"): r"/conversations/[^/]+/\w+\) does not take our request",
    ("formbricks", "contacts"): r"expected a list of records at 'data'",
    ("formbricks", "responses"): r"'updatedAt' is expected to be a time",
    ("intercom", "admins"): r"expected records of names and values, found null",
    ("intercom", "conversations"): r"/conversations/[^/]+\) does not take our request",
    ("zendesk", "organizations"): r"'updated_at' is expected to be a time",
}
"""Where a contract allows answers that the vendor cannot give: times and addresses that are any text, lists of nothing,
a shape left open, a record's id that its own call does not take. The reading stops, and says so."""

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
N_PAGES = 6  # two members of an option, each stopped at its second page, and what is said then


@pytest.fixture(scope="module", params=CONTRACTS)
def vendor(request: pytest.FixtureRequest) -> Iterator[tuple[Contract, str]]:
    """A vendor's contract and its address."""
    with played(CONNECTORS[request.param], CONTRACTS[request.param]) as contract_and_address:
        yield contract_and_address


@pytest.fixture
def contract(vendor: tuple[Contract, str]) -> Contract:
    """As if nothing had been asked."""
    made = vendor[0]
    made.passed.clear()
    made.is_made_up = made.is_keyless = False
    return made


def read(contract: Contract, address: str, stream: Stream) -> tuple[list[Fetched], str]:
    """The first pages of a list, and with what words its reading was stopped."""
    connector, pages = contract.connector, list[Fetched]()
    options = options_of(connector) | OPTIONS.get(connector.kind, {})
    with Caller(connector, address, contract.door.secrets(address), clock=FakeClock(NOW)) as caller:
        fetching = fetch(caller, stream, None, start=None, options=options, now=NOW, deadline=timedelta(days=1))
        try:
            pages.extend(islice(fetching, N_PAGES))
        except SourceChangedError as problem:
            return pages, str(problem)
    return pages, ""


def n_rows(contract: Contract, stream: Stream, pages: list[Fetched]) -> int:
    """Rows that the parser makes of pages; one without records is not landed."""
    options = options_of(contract.connector) | OPTIONS.get(contract.connector.kind, {})
    parsed = gathered((page_of(page.content) for page in pages if page.n_records), stream, options)
    return sum(each.n_source for each in parsed.values())


def refused(contract: Contract) -> list[str]:
    """Calls that do not fit, and what is wrong with them."""
    return [f"{one.call}: {one.status} {one.wrong}" for one in contract.passed if one.status >= 400 or one.wrong]


def test_a_connector_has_a_contract_or_a_reason():
    assert CONTRACTS.keys() | WITHOUT.keys() == CONNECTORS.keys()
    assert not CONTRACTS.keys() & WITHOUT.keys()


def test_every_list_is_read_by_calls_that_fit_the_contract(contract: Contract, vendor: tuple[Contract, str]):
    kind = contract.connector.kind
    for stream in contract.connector.streams:
        contract.passed.clear()
        pages, problem = read(contract, vendor[1], stream)
        assert pages, (stream.name, problem)
        assert [call for call in refused(contract) if "/v1/apps/dictionary" not in call] == []
        if problem:
            assert re.search(ENDLESS[kind], problem), problem
        else:
            assert pages[-1].is_last
        assert (n_rows(contract, stream, pages) == 0) == ((kind, stream.name) in NO_ROW), stream.name


def test_what_a_contract_allows_is_read_or_refused_in_words(contract: Contract, vendor: tuple[Contract, str]):
    contract.is_made_up = True
    for stream in contract.connector.streams:
        contract.passed.clear()
        pages, problem = read(contract, vendor[1], stream)
        kind = contract.connector.kind
        known = [SELF_CONTRADICTING.get((kind, stream.name)), ENDLESS.get(kind), MADE_UP_TWICE]
        assert not problem or any(each and re.search(each, problem) for each in known), (stream.name, problem)
        assert problem or not refused(contract)
        n_rows(contract, stream, pages)


@pytest.mark.parametrize("vendor", sorted(CONTRACTS.keys() - {"formbricks"}), indirect=True)
def test_a_call_without_a_key_is_refused_and_the_variables_are_named(contract: Contract, vendor: tuple[Contract, str]):
    contract.is_keyless = True
    with pytest.raises(SourceRefusedError) as told:
        read(contract, vendor[1], contract.connector.streams[0])
    assert all(secret.variable in str(told.value) for secret in contract.connector.secrets)
    assert {one.status for one in contract.passed} == {401}


@pytest.mark.parametrize("vendor", ["zendesk"], indirect=True)
def test_the_contract_refuses_a_call_that_does_not_fit(contract: Contract, vendor: tuple[Contract, str]):
    secrets = contract.door.secrets(vendor[1])
    with (
        Caller(contract.connector, vendor[1], secrets, clock=FakeClock(NOW)) as caller,
        pytest.raises(BadRequestError, match="422"),
    ):
        caller.call(Request("/api/v2/incremental/tickets/cursor", {"start_time": "yesterday"}))
    assert "start_time must be integer" in str(contract.passed[0].body)
