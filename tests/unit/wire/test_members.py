"""Lists that are read once for each member of an option, from a made-up vendor on a real socket."""

import pytest

from domain.errors import SourceChangedError, SourceRefusedError
from domain.paging import Request
from tests.fakes import fault_server as faults
from tests.fakes.clock import BEGINNING
from tests.fakes.fault_server import Asked, Reply
from tests.fakes.fetching import HOUR
from tests.fakes.vendor import record, with_stream
from wire.containers import page_of
from wire.sweeps import through_of


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
