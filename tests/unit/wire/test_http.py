"""A caller against our own server on a real socket."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import quote

import pytest

from domain.connectors import Public, Rate
from domain.errors import SourceChangedError, SourceRefusedError, SourceUnavailableError
from domain.paging import Request
from domain.source_specs import Quota
from tests.fakes import fault_server as faults
from tests.fakes.clock import BEGINNING, FakeClock
from tests.fakes.fault_server import FaultServer, Reply, serving
from tests.fakes.vendor import CONNECTOR, SECRET
from wire.http import Caller, DeadlineError
from wire.line import Limits
from wire.quota import Spacing
from wire.refusals import BadRequestError, MissingError

LIMITS = Limits(connect=2, read=0.3, n_tries=4, most_bytes=1 << 20)
ASK = Request("/tickets")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def server(clock) -> FaultServer:
    return FaultServer(lambda asked: Reply({"tickets": [], "path": asked.target}), clock=clock.monotonic)


@contextmanager
def calling(server: FaultServer, clock: FakeClock, connector=CONNECTOR, token=SECRET, **more) -> Iterator[Caller]:
    with serving(server) as address, Caller(connector, address, {"token": token}, clock=clock, **more) as made:
        yield made


@pytest.fixture
def caller(server, clock) -> Iterator[Caller]:
    with calling(server, clock, limits=LIMITS) as made:
        yield made


def test_a_call_says_who_asks_and_what_it_takes(caller, server):
    answer = caller.call(Request("/tickets", {"page": "1", "q": "a b&c"}, headers={"X-Version": "2"}))
    assert answer.body == {"tickets": [], "path": "/tickets?page=1&q=a+b%26c"}
    (asked,) = server.asked
    assert asked.headers["authorization"] == f"Bearer {SECRET}"
    assert asked.headers["user-agent"].startswith("cxloop/")
    assert (asked.headers["accept"], asked.headers["x-version"]) == ("application/json", "2")


def test_a_body_is_sent_as_json(caller, server):
    caller.call(Request("/search", method="POST", body={"limit": 5}))
    assert (server.asked[0].body, server.asked[0].headers["content-type"]) == ({"limit": 5}, "application/json")


def test_a_zipped_answer_is_unzipped(caller, server):
    server.serve = lambda asked: Reply({"tickets": list(range(5000))}, is_gzip=True)
    assert len(caller.call(ASK).body["tickets"]) == 5000


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry_after": "30"}, 30),
        ({"retry_after": "1.5"}, 1.5),
        ({"retry_after": "Mon, 02 Mar 2026 08:02:00 GMT"}, 120),
        ({"retry_after": "Sun, 01 Mar 2026 08:00:00 GMT"}, 1),
        ({}, 1),
        ({"retry_after": "soon"}, 1),
        ({"retry_after": "-5"}, 1),
        ({"x_ratelimit_reset": str(int(BEGINNING.timestamp()) + 42)}, 42),
        ({"x_ratelimit_reset": "9", "x_ratelimit_remaining": "0"}, 9),
        ({"x_ratelimit_reset": "9", "x_ratelimit_remaining": "17"}, 1),
        ({"retry_after": "30", "x_ratelimit_reset": "9"}, 30),
    ],
)
def test_a_limit_is_waited_for_as_long_as_asked(caller, server, headers, wait):
    server.fails(faults.refused(429, **headers))
    caller.call(ASK)
    assert server.asked_at == [0, wait]


def test_a_date_is_held_against_the_servers_own_clock(caller, server):
    server.fails(faults.refused(429, date="Mon, 02 Mar 2026 13:00:00 GMT", retry_after="Mon, 02 Mar 2026 13:00:20 GMT"))
    caller.call(ASK)
    assert server.asked_at == [0, 20]


@pytest.mark.parametrize("asked", ["999999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT", "901"])
def test_a_wait_beyond_reason_leaves_the_source_until_then(caller, server, asked):
    server.fails(faults.refused(429, retry_after=asked))
    for _ in range(2):
        with pytest.raises(SourceUnavailableError, match="not to be called before"):
            caller.call(ASK)
    assert len(server.asked) == 1


def test_a_used_up_limit_is_not_run_into(caller, server):
    server.serve = lambda asked: Reply({}, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "12"})
    caller.call(ASK)
    caller.call(ASK)
    assert server.asked_at == [0, 12]


def test_a_forbidden_answer_with_a_used_up_limit_is_a_limit(caller, server):
    server.fails(faults.refused(403, x_ratelimit_remaining="0", x_ratelimit_reset="60"))
    caller.call(ASK)
    assert server.asked_at == [0, 60]


@pytest.mark.parametrize(
    "fault",
    [
        *(faults.refused(status) for status in (408, 425, 500, 502, 503, 504, 520)),
        faults.dropped, faults.stalled, faults.broken_off, faults.truncated, faults.gzip_damaged, faults.gzip_truncated,
    ],
)  # fmt: skip
def test_what_may_go_well_the_next_time_is_tried_again(caller, server, fault):
    server.fails(fault, fault)
    assert caller.call(ASK).body["tickets"] == []
    assert server.asked_at == [0, 1, 3]


def test_tries_end(caller, server):
    server.fails(*[faults.refused(503)] * 10)
    with pytest.raises(SourceUnavailableError, match=r"Acme Desk \(GET /tickets\): HTTP 503: not now, 4 times"):
        caller.call(ASK)
    assert server.asked_at == [0, 1, 3, 7]


def test_a_connection_that_nobody_takes_is_given_up(clock):
    limits = replace(LIMITS, connect=0.1, n_tries=2)
    with faults.hanging() as address:
        made = Caller(CONNECTOR, address, {"token": SECRET}, clock=clock, limits=limits)
        with pytest.raises(SourceUnavailableError, match=r"no connection within 0\.1 s, 2 times"):
            made.call(ASK)
        made.close()


def test_a_drip_is_given_up_after_the_longest_time_for_one_answer(server):
    server.fails(faults.dripped, faults.dripped)
    clock, limits = FakeClock(tick=1), replace(LIMITS, whole=20, n_tries=2)
    with (
        calling(server, clock, limits=limits) as made,
        pytest.raises(SourceUnavailableError, match="the answer was not whole after 20 s"),
    ):
        made.call(ASK)


def test_nothing_is_waited_for_beyond_the_deadline(caller, server, clock):
    server.fails(faults.refused(429, retry_after="30"))
    with pytest.raises(DeadlineError):
        caller.call(ASK, until=29)
    assert sum(clock.slept) < 29
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "fault",
    [faults.huge(200 << 20, is_announced=True), faults.huge(200 << 20, is_announced=False), faults.bomb(8 << 20)],
)
def test_an_answer_bigger_than_the_cap_stops_the_source(caller, server, fault):
    server.fails(fault)
    with pytest.raises(SourceChangedError, match="answers with more than 1 MB"):
        caller.call(ASK)


def test_a_page_for_people_is_no_answer(caller, server):
    server.fails(faults.html)
    with pytest.raises(SourceChangedError, match=r'expected JSON, found HTML \("Sign in"\)'):
        caller.call(ASK)


def test_a_page_for_people_is_no_feed(caller, server):
    server.fails(faults.html)
    with pytest.raises(SourceChangedError, match="expected a feed, found HTML"):
        caller.call(ASK, expects="text")


def test_a_text_is_read_as_it_declares_itself(caller, server):
    xml = '<?xml version="1.0" encoding="iso-8859-1"?><rss>Grüße</rss>'
    server.serve = lambda asked: Reply(xml.encode("latin-1"), headers={"Content-Type": "application/rss+xml"})
    assert "Grüße" in caller.call(ASK, expects="text").body


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_names_its_variable(caller, server, status):
    server.fails(faults.said(status, {"error": {"message": f"bad key {SECRET}"}}))
    with pytest.raises(SourceRefusedError, match=f"HTTP {status}: bad key •••.*ACMEDESK_TOKEN"):
        caller.call(ASK)
    assert len(server.asked) == 1


@pytest.mark.parametrize(("status", "error"), [(404, MissingError), (410, MissingError), (400, BadRequestError)])
def test_a_request_that_is_not_taken_stops_the_source(caller, server, status, error):
    server.fails(faults.said(status, {"errors": [{"detail": "since is too early"}]}))
    with pytest.raises(error, match="since is too early"):
        caller.call(ASK)


def test_a_refusal_in_an_answer_with_status_200_is_one(server, clock):
    connector = replace(CONNECTOR, refusal=lambda answer: None if answer.body.get("ok") else "invalid_auth")
    server.serve = lambda asked: Reply({"ok": False})
    with calling(server, clock, connector) as made, pytest.raises(SourceRefusedError, match="invalid_auth"):
        made.call(ASK)


def test_a_redirect_within_the_origin_is_followed(caller, server):
    server.fails(faults.refused(307, location="/elsewhere"))
    assert caller.call(ASK).body["path"] == "/elsewhere"


def test_a_circle_of_redirects_ends(caller, server):
    server.fails(*[faults.refused(302, location="/tickets")] * 20)
    with pytest.raises(SourceChangedError, match="redirected again and again"):
        caller.call(ASK)


def test_no_key_goes_to_another_origin(caller, server):
    other = FaultServer(lambda asked: Reply({}))
    with serving(other) as elsewhere:
        server.fails(faults.refused(302, location=f"{elsewhere}/tickets"))
        with pytest.raises(SourceChangedError, match=f"redirected to {elsewhere}"):
            caller.call(ASK)
        for url in (f"{elsewhere}/tickets", "//127.0.0.1:1/x", server.address.replace("//", "//user:word@")):
            with pytest.raises(SourceChangedError, match="No key is sent there"):
                caller.call(Request(url))
    assert other.asked == []


def test_cookies_are_not_kept(caller, server):
    server.serve = lambda asked: Reply({}, headers={"Set-Cookie": "session=1; Path=/"})
    caller.call(ASK)
    caller.call(ASK)
    assert "cookie" not in server.asked[1].headers


def test_calls_are_spaced_by_our_share_of_the_rate(server, clock):
    connector = replace(CONNECTOR, auth=Public(), rate=Rate(10, 60))
    with serving(server) as address, Caller(connector, address, {}, quota=Quota(0.5), clock=clock) as made:
        for _ in range(3):
            made.call(ASK)
    assert server.asked_at == [0, 12, 24]


def test_two_callers_of_one_source_wait_for_each_other(server, clock):
    connector, spacing = replace(CONNECTOR, rate=Rate(10, 60)), Spacing(Quota(0.5), clock)
    server.fails(None, faults.refused(429, retry_after="100"))
    with calling(server, clock, connector, spacing=spacing) as one:
        one.call(ASK)
        with pytest.raises(DeadlineError):
            one.call(ASK, until=20)
    with calling(server, clock, connector, spacing=spacing) as other:
        other.call(ASK)
    first, refused, after = server.asked_at
    assert (first, refused) == (0, 12)
    assert after >= 112


def test_a_lists_own_limit_counts_beside_the_vendors(server, clock):
    connector = replace(CONNECTOR, rate=Rate(60, 60))
    with calling(server, clock, connector) as made:
        made.call(ASK, rate=Rate(1, 10))
        made.call(ASK)
        made.call(ASK, rate=Rate(1, 10))
    assert server.asked_at == [0, 2, 20]


def test_a_secret_that_is_no_header_is_named_and_not_shown(server, clock):
    with (
        calling(server, clock, token=f"{SECRET}\n") as made,
        pytest.raises(SourceRefusedError, match="ACMEDESK_TOKEN") as error,
    ):
        made.call(ASK)
    assert SECRET not in str(error.value)


def test_a_missing_secret_is_named_as_the_user_called_it(server, clock):
    with (
        calling(server, clock, token="", variables={"token": "ACME_KEY"}) as made,
        pytest.raises(SourceRefusedError, match="ACME_KEY"),
    ):
        made.call(ASK)


@pytest.mark.parametrize(
    "fault",
    [
        faults.said(400, {"message": f"no {SECRET} here"}), faults.said(404, {"error": SECRET}),
        faults.said(401, {"error": SECRET}), faults.said(503, {"error": SECRET}), faults.stalled,
        faults.refused(302, location=f"http://elsewhere.invalid/?key={SECRET}"), faults.html, faults.truncated,
    ],
)  # fmt: skip
def test_no_secret_is_in_any_message_log_or_picture(caller, server, fault, caplog):
    caplog.set_level(logging.DEBUG)
    server.fails(*[fault] * 4)
    with pytest.raises((SourceChangedError, SourceRefusedError, SourceUnavailableError)) as error:
        caller.call(Request(f"/tickets/{SECRET}", {"key": SECRET}))
    chain, cause = "", error.value
    while cause is not None:
        chain, cause = chain + str(cause), None if cause.__suppress_context__ else cause.__context__
    assert SECRET not in chain + repr(caller) + repr(vars(caller)) + caplog.text


@pytest.mark.parametrize("status", [400, 401, 404, 503])
def test_a_word_of_the_address_is_in_no_message(server, clock, status):
    word = "f0rum w0rd"
    server.fails(*[faults.said(status, {"error": f"no feed {word}"})] * 4)
    with (
        serving(server) as address,
        Caller(CONNECTOR, f"{address}/{quote(word)}", {"token": SECRET}, hidden={"FORUM_KEY": word}, clock=clock,
               limits=LIMITS) as made,
        pytest.raises((SourceChangedError, SourceRefusedError, SourceUnavailableError)) as error,
    ):  # fmt: skip
        made.call(ASK)
    assert "w0rd" not in str(error.value) + repr(made)


def test_a_refusal_in_an_answer_shows_no_word_of_the_address(server, clock):
    connector = replace(CONNECTOR, refusal=lambda answer: "invalid_auth")
    with serving(server) as address, Caller(
        connector, f"{address}/f0rumw0rd", {"token": SECRET}, hidden={"FORUM_KEY": "f0rumw0rd"}, clock=clock
    ) as made, pytest.raises(SourceRefusedError) as error:  # fmt: skip
        made.call(ASK)
    assert "w0rd" not in str(error.value)


def test_a_backoff_keeps_within_its_bound(server, clock):
    server.fails(*[faults.refused(500, retry_after="9" * 40)], *[faults.refused(500)] * 8)
    with calling(server, clock) as made, pytest.raises(SourceUnavailableError, match="not to be called before 2126-"):
        made.call(ASK)
    clock = FakeClock()
    with calling(server, clock) as made, pytest.raises(SourceUnavailableError, match="8 times"):
        made.call(ASK)
    assert clock.slept == [1, 2, 4, 8, 16, 32, 60]


def test_a_path_is_below_the_address_and_a_whole_url_at_its_origin(server, clock):
    with serving(server) as address, Caller(CONNECTOR, f"{address}/api/v1/", {"token": SECRET}, clock=clock) as made:
        for path in ("/tickets", "tickets", f"{address}/next?cursor=%3D%3D", ""):
            made.call(Request(path))
    assert [asked.target for asked in server.asked] == [
        "/api/v1/tickets", "/api/v1/tickets", "/next?cursor=%3D%3D", "/api/v1/"
    ]  # fmt: skip
