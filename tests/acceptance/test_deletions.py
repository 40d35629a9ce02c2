"""What lists do not say: rows that a whole reading no longer shows are deleted, on both databases, and come back."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.connectors import Connector, Covers, Option, Options, Page, Rows, Since, Stream
from domain.facts import FACT_TABLES
from domain.paging import Offset, Request
from sql.store import store_at
from tasks.extract import catalog
from tests.acceptance.conftest import URL
from tests.acceptance.dumps import adds_up, differences, table, tables_of
from tests.acceptance.runner import cxloop
from tests.acceptance.test_interface import ROADMAP
from tests.fakes.fault_server import Asked, FaultServer, Reply, refused, serving
from tests.fakes.vendor import CONNECTOR

NOW = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
"""Noon: the same day in the reporting zone, whenever the tests run."""
SOURCES = """\
version: 1
sources:
  desk:
    kind: zendesk
    address: ADDRESS
    options: {surveys: {a: {}, b: {}}}
"""
SIZE = 10


def agents(page: Page, _: Options) -> Rows:
    return {"agents": [{"agent_id": one["id"], "team": one["team"]} for one in page.body["agents"]]}


def answers(page: Page, options: Options) -> Rows:
    return {
        "survey_answers": [
            {
                "answer_id": one["id"], "survey": options["each"], "measure": "csat", "score": one["score"],
                "scale_low": 1, "scale_high": 5, "direction": "up", "answered_at": one["at"], "version_at": one["at"],
            }
            for one in page.body["answers"]
        ]
    }  # fmt: skip


def tickets(page: Page, _: Options) -> Rows:
    return {
        "tickets": [
            {
                "ticket_id": one["id"], "status": one["status"], "opened_at": one["at"], "version_at": one["at"],
                "deleted_at": one.get("deleted"),
            }
            for one in page.body["tickets"]
        ],
        "survey_answers": [
            {
                "answer_id": f"{one['id']}:{n}", "survey": "after", "measure": "csat", "score": 5, "scale_low": 1,
                "scale_high": 5, "direction": "up", "answered_at": one["at"], "version_at": one["at"],
                "ticket_id": one["id"],
            }
            for one in page.body["tickets"] for n in range(one.get("n_rated", 0))
        ],
    }  # fmt: skip


def keys(page: Page, _: Options) -> Rows:
    return {"tickets": [{"ticket_id": one["id"]} for one in page.body["tickets"]]}


STREAMS = (
    Stream("agents", Request("/agents"), agents, ("agents",), ("agents",), paging=Offset(SIZE), covers=Covers()),
    Stream(
        "answers", Request("/answers/{each}"), answers, ("survey_answers",), ("answers",), paging=Offset(SIZE),
        since=Since(("at",), "since", overlap=timedelta(days=10)), per_option="surveys", covers=Covers("answered_at"),
    ),
    Stream(
        "tickets", Request("/tickets"), tickets, ("tickets", "survey_answers"), ("tickets",), paging=Offset(SIZE),
        since=Since(("at",), "since"),
    ),
    Stream(
        "ticket_ids", Request("/ids"), keys, ("tickets",), ("tickets",), paging=Offset(SIZE),
        covers=Covers(of="tickets", tables=("tickets", "survey_answers"), along=("survey_answers",), total=("n",)),
    ),
)  # fmt: skip


def connector() -> Connector:
    """The made-up vendor's, with these lists."""
    return replace(CONNECTOR, streams=STREAMS, options=(Option("surveys", "which ones", "mapping", {}),))


class Vendor:
    """Lists of agents, of answers by survey, and of tickets; none says what was deleted."""

    def __init__(self) -> None:
        self.lists: dict[str, list[dict[str, Any]]] = {
            "/agents": [{"id": f"g{n}", "team": "care"} for n in range(25)],
            "/answers/a": [answer(f"a{n}", age=30 - n) for n in range(30)],
            "/answers/b": [answer(f"b{n}", age=3) for n in range(3)],
            "/tickets": [ticket(n) for n in range(40)],
        }
        self.out_of_place = set[str]()
        self.n_told: Callable[[int], int | None] = lambda n: n

    def __call__(self, asked: Asked) -> Reply:
        path = "/tickets" if asked.path == "/ids" else asked.path
        if path not in self.lists:
            return Reply({"error": "there is no such survey"}, 404)
        since = asked.query.get("since", "")
        is_told = asked.path != "/ids"
        held = [one for one in self.lists[path] if one.get("at", "") >= since and (is_told or "deleted" not in one)]
        begin = int(asked.query.get("offset", "0"))
        shown = [one for one in held[begin : begin + SIZE] if one["id"] not in self.out_of_place]
        return Reply({path.split("/")[1]: shown, "n": self.n_told(len(held))})

    def lose(self, path: str, *ids: str) -> list[dict[str, Any]]:
        lost = [one for one in self.lists[path] if one["id"] in ids]
        self.lists[path] = [one for one in self.lists[path] if one["id"] not in ids]
        return lost


def answer(name: str, age: int) -> dict[str, Any]:
    return {"id": name, "score": 5, "at": (NOW - timedelta(days=age)).strftime("%Y-%m-%dT%H:%M:%SZ")}


def ticket(number: int) -> dict[str, Any]:
    at = (NOW - timedelta(days=90, minutes=-number)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"id": f"t{number}", "status": "open", "at": at}


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Vendor, FaultServer]]:
    monkeypatch.setitem(catalog.CONNECTORS, "zendesk", connector())
    monkeypatch.setenv("ACMEDESK_TOKEN", "k")
    made = Vendor()
    server = FaultServer(made)
    with serving(server):
        yield made, server


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(
    request: pytest.FixtureRequest, tmp_path: Path, vendor: tuple[Vendor, FaultServer], monkeypatch: pytest.MonkeyPatch
) -> Path:
    if request.param == "postgresql":
        monkeypatch.setenv(URL, request.getfixturevalue("postgresql_url"))
        store_at.cache_clear()
    (tmp_path / "roadmap.yaml").write_text(ROADMAP)
    (tmp_path / "sources.yaml").write_text(SOURCES.replace("ADDRESS", vendor[1].address))
    return tmp_path


def ids(folder: Path, name: str, *, are_deleted: bool) -> set[str]:
    key = FACT_TABLES[name].key
    rows = [row for row in table(folder, name) if bool(row["deleted_at"]) == are_deleted]
    return {row[key].removeprefix("desk:") for row in rows}


def deleted(folder: Path, name: str) -> set[str]:
    return ids(folder, name, are_deleted=True)


def n_agents(folder: Path) -> tuple[int, int]:
    """There, and deleted: their ids are pseudonyms."""
    return len(ids(folder, "agents", are_deleted=False)), len(deleted(folder, "agents"))


def facts_of(folder: Path) -> dict[str, Any]:
    return {name: rows for name, rows in tables_of(folder).items() if name in FACT_TABLES or name == "sightings"}


def ingest(folder: Path, code: int = 0) -> None:
    assert cxloop(folder, "ingest") == code


def test_what_a_whole_reading_no_longer_shows_is_deleted_and_comes_back_when_it_shows(
    shop: Path, vendor: tuple[Vendor, FaultServer]
):
    made, _ = vendor
    ingest(shop)
    assert (n_agents(shop), deleted(shop, "survey_answers"), deleted(shop, "tickets")) == ((25, 0), set(), set())
    lost = {path: made.lose(path, *some) for path, some in {
        "/agents": ("g0", "g7", "g24"), "/answers/a": ("a2", "a25", "a28"), "/answers/b": ("b1",),
        "/tickets": ("t0", "t9", "t10", "t39"),
    }.items()}  # fmt: skip
    began = datetime.now(UTC)
    ingest(shop)
    assert n_agents(shop) == (22, 3)
    assert deleted(shop, "survey_answers") == {"a25", "a28", "b1"}  # a2 is older than what is read again
    assert deleted(shop, "tickets") == {"t0", "t9", "t10", "t39"}
    assert all(row["deleted_at"] >= began for row in table(shop, "tickets") if row["deleted_at"])
    adds_up(shop)
    before = tables_of(shop)
    ingest(shop)
    assert differences(before, tables_of(shop)) == []
    for path, records in lost.items():
        made.lists[path] += records
    ingest(shop)
    assert n_agents(shop) == (25, 0)
    assert deleted(shop, "survey_answers") | deleted(shop, "tickets") == set()


def test_what_belongs_to_a_row_is_there_as_long_as_the_row_is(shop: Path, vendor: tuple[Vendor, FaultServer]):
    made, _ = vendor
    for name, n in (("t1", 1), ("t10", 2), ("t12", 1)):
        next(one for one in made.lists["/tickets"] if one["id"] == name)["n_rated"] = n
    ingest(shop)
    lost = made.lose("/tickets", "t1", "t10", "t11")
    ingest(shop)
    assert deleted(shop, "survey_answers") == {"t1:0", "t10:0", "t10:1"}
    assert deleted(shop, "tickets") == {"t1", "t10", "t11"}
    adds_up(shop)
    before = tables_of(shop)
    ingest(shop)
    assert differences(before, tables_of(shop)) == []
    assert cxloop(shop, "backfill", "desk", "--since", "2020-01-01", "--from-landing") == 0
    assert deleted(shop, "survey_answers") == {"t1:0", "t10:0", "t10:1"}
    made.lists["/tickets"] = sorted([*made.lists["/tickets"], *lost], key=lambda one: one["at"])
    ingest(shop)
    assert deleted(shop, "survey_answers") | deleted(shop, "tickets") == set()


def test_the_days_of_what_was_deleted_are_measured_again(shop: Path, vendor: tuple[Vendor, FaultServer]):
    ingest(shop)
    assert cxloop(shop, "measure") == 0
    vendor[0].lose("/answers/a", "a28")
    ingest(shop)
    at = next(row["answered_at"] for row in table(shop, "survey_answers") if row["answer_id"] == "desk:a28")
    assert at.date() in {row["day"] for row in table(shop, "dirty_days") if row["fact"] == "survey_answers"}


def test_what_is_read_again_from_the_landing_zone_stays_deleted(shop: Path, vendor: tuple[Vendor, FaultServer]):
    ingest(shop)
    vendor[0].lose("/agents", "g7")
    vendor[0].lose("/tickets", "t9")
    ingest(shop)
    before = facts_of(shop)
    assert cxloop(shop, "backfill", "desk", "--since", "2020-01-01", "--from-landing") == 0
    assert differences(before, facts_of(shop)) == []
    sources = shop / "sources.yaml"
    sources.write_text(sources.read_text() + "    tables: {tickets: {columns: {priority: \"'high'\"}}}\n")
    assert cxloop(shop, "backfill", "desk", "--since", "2020-01-01", "--from-landing") == 0
    assert {row["priority"] for row in table(shop, "tickets")} == {"high"}
    assert (n_agents(shop), deleted(shop, "tickets")) == ((24, 1), {"t9"})
    ingest(shop)
    assert (n_agents(shop), deleted(shop, "tickets")) == ((24, 1), {"t9"})


@pytest.mark.parametrize("n_good", [0, 1, 2])
def test_a_reading_that_is_cut_off_deletes_nothing_and_goes_on(
    shop: Path, vendor: tuple[Vendor, FaultServer], n_good: int
):
    made, server = vendor
    ingest(shop)
    made.lose("/agents", "g0", "g24")
    server.fails(*[None] * n_good, refused(401))
    ingest(shop, 3)
    assert n_agents(shop) == (25, 0)
    ingest(shop)
    assert n_agents(shop) == (23, 2)


def test_a_page_that_is_broken_deletes_nothing(shop: Path, vendor: tuple[Vendor, FaultServer]):
    made, _ = vendor
    ingest(shop)
    made.lose("/agents", "g0")
    del made.lists["/agents"][20]["team"]
    ingest(shop, 3)
    assert n_agents(shop) == (25, 0)


def test_more_than_is_believed_at_once_is_kept_and_told_until_somebody_says_so(
    shop: Path, vendor: tuple[Vendor, FaultServer], capsys: pytest.CaptureFixture[str]
):
    ingest(shop)
    vendor[0].lose("/agents", *(f"g{n}" for n in range(5, 17)))
    for _ in range(2):
        ingest(shop, 3)
        assert "desk: agents no longer shows 12 of 25 agents" in capsys.readouterr().err
        assert n_agents(shop) == (25, 0)
    sources = shop / "sources.yaml"
    sources.write_text(sources.read_text() + "    most_gone: 1\n")
    ingest(shop)
    assert n_agents(shop) == (13, 12)


def test_a_list_that_is_suddenly_empty_is_not_believed(shop: Path, vendor: tuple[Vendor, FaultServer]):
    made, _ = vendor
    ingest(shop)
    held = made.lists["/agents"], made.lists["/answers/b"]
    made.lists["/agents"], made.lists["/answers/b"] = [], []
    ingest(shop, 3)
    assert (n_agents(shop), deleted(shop, "survey_answers")) == ((25, 0), set())
    made.lists["/agents"], made.lists["/answers/b"] = held
    ingest(shop)
    assert (n_agents(shop), deleted(shop, "survey_answers")) == ((25, 0), set())


def test_a_list_that_has_more_than_it_showed_is_not_believed(shop: Path, vendor: tuple[Vendor, FaultServer]):
    made, _ = vendor
    ingest(shop)
    made.lose("/tickets", "t3")
    made.out_of_place = {"t39"}  # at the end of the last page, where no other page is short
    ingest(shop)
    assert (deleted(shop, "tickets"), table(shop, "readings")) == (set(), [])
    made.out_of_place, made.n_told = set(), lambda _: None
    ingest(shop)
    assert deleted(shop, "tickets") == set()  # a list that no longer says how many there are
    made.n_told = lambda n: n
    ingest(shop)
    assert deleted(shop, "tickets") == {"t3"}


def test_a_survey_that_is_read_no_more_loses_nothing(shop: Path):
    ingest(shop)
    sources = shop / "sources.yaml"
    sources.write_text(sources.read_text().replace(", b: {}", ""))
    ingest(shop)
    assert deleted(shop, "survey_answers") == set()


def test_a_survey_that_cannot_be_read_loses_nothing_and_holds_up_no_other(
    shop: Path, vendor: tuple[Vendor, FaultServer]
):
    made, _ = vendor
    ingest(shop)
    made.lose("/answers/a", "a25")
    held = made.lists.pop("/answers/b")
    ingest(shop, 3)
    assert deleted(shop, "survey_answers") == {"a25"}
    made.lists["/answers/b"] = held
    ingest(shop)
    assert deleted(shop, "survey_answers") == {"a25"}


def test_a_row_that_is_set_aside_is_there_all_the_same(shop: Path, vendor: tuple[Vendor, FaultServer]):
    made, _ = vendor
    ingest(shop)
    made.lists["/answers/a"][25]["at"] = made.lists["/answers/a"][25]["at"].replace("Z", ".5Z")
    made.lists["/answers/a"][25]["score"] = "lots"
    ingest(shop)
    assert [row["row_key"] for row in table(shop, "quarantine")] == ["desk:a25"]
    assert deleted(shop, "survey_answers") == set()


def test_what_the_vendor_says_was_deleted_keeps_its_own_time(shop: Path, vendor: tuple[Vendor, FaultServer]):
    made, _ = vendor
    ingest(shop)
    at = NOW - timedelta(days=1)
    said = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    made.lists["/tickets"][5] |= {"at": said, "deleted": said}
    for _ in range(2):
        ingest(shop)
        assert {row["ticket_id"]: row["deleted_at"] for row in table(shop, "tickets") if row["deleted_at"]} == {
            "desk:t5": at.replace(microsecond=0)
        }
