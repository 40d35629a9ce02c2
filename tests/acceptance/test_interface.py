"""A source behind an interface, from its pages to the tables: through the flow, over real sockets."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.connectors import Options, Page, Rows
from domain.other_process import OtherProcess
from flows import source_intake
from tasks.extract import catalog
from tests.acceptance.dumps import differences, table, tables_of
from tests.acceptance.runner import answer, cxloop
from tests.fakes.fault_server import FaultServer, refused, serving
from tests.fakes.vendor import FIRST, Desk, record, with_stream

N = 35
ROADMAP = """\
version: 1
company: {name: Kiosk, currency: EUR, languages: [en], zone: Europe/Berlin}
vision: Every customer gets an answer that helps.
owners:
  lead: {slack: "@lead", channel: "#support"}
benchmarks:
  sla: {kpi: sla_attainment, window: 28d, baseline: 0.9, on: 2026-01-05, target: 0.95, by: 2026-12-31, tolerance: 0.05, owner: lead}
"""  # noqa: E501
SOURCES = """\
version: 1
sources:
  desk:
    kind: zendesk
    address: ADDRESS
    start: 2026-01-01
    tables:
      tickets: {columns: {segment: "plan"}, exclude: {test: "plan = 'none'"}}
"""


def tickets(page: Page, _: Options) -> Rows:
    return {
        "tickets": [
            {
                "ticket_id": one["id"], "status": one["status"], "opened_at": FIRST.isoformat(),
                "version_at": one["updated_at"], "deleted_at": one.get("gone"), "plan": one.get("plan", "office"),
            }
            for one in page.body["tickets"]
        ]
    }  # fmt: skip


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Desk, FaultServer]]:
    connector, _ = with_stream(parse=tickets)
    monkeypatch.setitem(catalog.CONNECTORS, "zendesk", connector)
    monkeypatch.setenv("ACMEDESK_TOKEN", "canary")
    vendor = Desk(N)
    server = FaultServer(vendor)
    with serving(server):
        yield vendor, server


@pytest.fixture
def kiosk(tmp_path: Path, desk: tuple[Desk, FaultServer]) -> Path:
    (tmp_path / "roadmap.yaml").write_text(ROADMAP)
    (tmp_path / "sources.yaml").write_text(SOURCES.replace("ADDRESS", desk[1].address))
    return tmp_path


def loaded(folder: Path) -> list[dict[str, Any]]:
    return sorted(table(folder, "tickets"), key=lambda row: row["ticket_id"])


def test_batches_prepared_in_another_process_give_the_same_tables(
    kiosk: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
):
    there = tmp_path_factory.mktemp("there")
    for name in ("roadmap.yaml", "sources.yaml"):
        (there / name).write_text((kiosk / name).read_text())
    assert cxloop(kiosk, "ingest") == 0
    begun: list[bool] = []

    def call(other: OtherProcess, *work: Any) -> Any:
        begun.append(other.has_begun)
        return other.call(*work)

    monkeypatch.setattr(source_intake, "MANY", 1)
    monkeypatch.setattr(OtherProcess, "call_now", call)
    assert cxloop(there, "ingest") == 0
    assert begun == [True]
    assert differences(tables_of(kiosk), tables_of(there)) == []


def test_every_record_is_published_and_a_second_run_changes_nothing(kiosk: Path):
    assert cxloop(kiosk, "ingest") == 0
    first = loaded(kiosk)
    assert [row["ticket_id"] for row in first] == sorted(f"desk:{number}" for number in range(N))
    assert {row["segment"] for row in first} == {"office"}
    assert cxloop(kiosk, "ingest") == 0
    assert loaded(kiosk) == first


def test_a_list_that_has_not_changed_makes_no_second_batch(kiosk: Path):
    for _ in range(3):
        assert cxloop(kiosk, "ingest") == 0
    assert len(table(kiosk, "batches")) == 2  # the whole list, and what the overlap brings again
    assert len({row["complete_through"] for row in table(kiosk, "cursors")}) == 1


def test_new_changed_and_deleted_records_follow(kiosk: Path, desk: tuple[Desk, FaultServer]):
    assert cxloop(kiosk, "ingest") == 0
    later = FIRST + timedelta(hours=N + 5)
    vendor = desk[0]
    vendor.records[3] |= {"status": "new", "updated_at": later.isoformat()}
    vendor.records[4] |= {"gone": later.isoformat(), "updated_at": later.isoformat()}
    vendor.records.append(record(N, plan="none"))
    desk[1].asked.clear()
    assert cxloop(kiosk, "ingest") == 0
    now = {row["ticket_id"]: row for row in loaded(kiosk)}
    assert len(now) == N + 1
    assert now["desk:3"]["status"] == "new"
    assert now["desk:4"]["deleted_at"]
    assert now[f"desk:{N}"]["excluded_as"] == "test"
    assert len(desk[1].asked) == 1  # only what changed was asked for


def test_a_fetch_that_is_cut_off_publishes_what_came_and_goes_on_there(kiosk: Path, desk: tuple[Desk, FaultServer]):
    desk[1].fails(None, None, refused(401))
    assert cxloop(kiosk, "ingest") == 3
    assert len(loaded(kiosk)) == 20
    assert table(kiosk, "cursors")[0]["complete_through"] is None
    desk[1].asked.clear()
    assert cxloop(kiosk, "ingest") == 0
    assert len(loaded(kiosk)) == N
    assert [asked.query["cursor"] for asked in desk[1].asked] == ["20", "30"]
    assert table(kiosk, "cursors")[0]["complete_through"] is not None


def test_a_page_without_a_field_stops_the_stream_and_keeps_the_last_good_rows(
    kiosk: Path, desk: tuple[Desk, FaultServer], capsys: pytest.CaptureFixture[str]
):
    assert cxloop(kiosk, "ingest") == 0
    before = loaded(kiosk), table(kiosk, "cursors")
    desk[0].records.append({"id": N, "updated_at": (FIRST + timedelta(days=9)).isoformat(), "state": "open"})
    assert cxloop(kiosk, "ingest") == 3
    assert "status" in capsys.readouterr().err
    assert (loaded(kiosk), table(kiosk, "cursors")) == before


def test_a_mended_mapping_is_read_again_from_the_landing_zone(kiosk: Path, desk: tuple[Desk, FaultServer]):
    assert cxloop(kiosk, "ingest") == 0
    sources = kiosk / "sources.yaml"
    sources.write_text(sources.read_text().replace('segment: "plan"', 'segment: "UPPER(plan)"'))
    desk[1].asked.clear()
    assert cxloop(kiosk, "backfill", "desk", "--since", date(2026, 1, 1).isoformat(), "--from-landing") == 0
    assert {row["segment"] for row in loaded(kiosk)} == {"OFFICE"}
    assert desk[1].asked == []


def say_all(capsys: pytest.CaptureFixture[str], folder: Path, *command: str) -> str:
    capsys.readouterr()
    assert cxloop(folder, *command) == 0
    return capsys.readouterr().out


def test_pages_read_with_an_older_parser_are_told_until_they_are_read_again(
    kiosk: Path, desk: tuple[Desk, FaultServer], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def with_channel(page: Page, options: Options) -> Rows:
        return {"tickets": [{**row, "channel": "desk"} for row in tickets(page, options)["tickets"]]}

    assert cxloop(kiosk, "ingest") == 0
    before = loaded(kiosk)
    assert "read otherwise" not in say_all(capsys, kiosk, "status")
    connector, _ = with_stream(parse=with_channel)
    monkeypatch.setitem(catalog.CONNECTORS, "zendesk", replace(connector, parser_version=2))
    told = "desk: 1 batch was read with parser 1 (now 2); what came of it stays as it is until: cxloop backfill desk"
    assert told in say_all(capsys, kiosk, "status")
    assert f"NOTE     database      {told} --from-landing" in say_all(capsys, kiosk, "doctor")
    assert loaded(kiosk) == before
    desk[1].asked.clear()
    assert cxloop(kiosk, "backfill", "desk", "--from-landing") == 0
    assert desk[1].asked == []
    assert {row["channel"] for row in loaded(kiosk)} == {"desk"}
    assert sorted(row["state"] for row in table(kiosk, "batches")) == ["published", "replaced"]
    assert "read otherwise" not in say_all(capsys, kiosk, "status")
    assert "NOTE" not in say_all(capsys, kiosk, "doctor")
    batches = table(kiosk, "batches")
    assert cxloop(kiosk, "backfill", "desk", "--from-landing") == 0  # nothing is left to be read again
    assert table(kiosk, "batches") == batches


def test_a_backfill_wants_a_day_or_what_is_kept(kiosk: Path, capsys: pytest.CaptureFixture[str]):
    assert cxloop(kiosk, "backfill", "desk") == 2
    assert "--since DAY" in capsys.readouterr().err


def test_a_refused_batch_counts_no_more_when_all_of_it_was_fetched_again(kiosk: Path, desk: tuple[Desk, FaultServer]):
    for number in range(5):
        desk[0].records[number]["gone"] = "nonsense"
    assert cxloop(kiosk, "ingest") == 3
    assert loaded(kiosk) == []
    for number in range(5):
        desk[0].records[number]["gone"] = None
    assert cxloop(kiosk, "ingest") == 3  # the vendor does not say that they changed
    assert cxloop(kiosk, "backfill", "desk", "--since", "2026-01-01") == 0
    assert len(loaded(kiosk)) == N
    assert table(kiosk, "cursors")[0]["complete_through"] is not None
    assert cxloop(kiosk, "ingest") == 0


def test_a_backfill_in_the_middle_of_a_first_fetch_loses_nothing(kiosk: Path, desk: tuple[Desk, FaultServer]):
    desk[1].fails(None, refused(401))
    assert cxloop(kiosk, "ingest") == 3
    assert cxloop(kiosk, "backfill", "desk", "--since", "2026-01-02") == 0
    assert len(loaded(kiosk)) == N


def test_a_backfill_of_a_later_day_than_the_last_fetch_leaves_no_gap(kiosk: Path, desk: tuple[Desk, FaultServer]):
    assert cxloop(kiosk, "ingest") == 0
    desk[0].records += [record(number) for number in range(N, N + 10)]
    assert cxloop(kiosk, "backfill", "desk", "--since", "2026-03-01") == 0
    assert len(loaded(kiosk)) == N + 10


def test_a_table_is_not_complete_while_one_of_its_sources_is_fetched_for_the_first_time(
    kiosk: Path, desk: tuple[Desk, FaultServer]
):
    assert cxloop(kiosk, "ingest") == 0
    sources = kiosk / "sources.yaml"
    second = f"  other: {{kind: zendesk, address: '{desk[1].address}', start: 2026-01-01}}\n"
    sources.write_text(sources.read_text() + second)
    desk[1].fails(None, None, refused(401))  # the first source, one page of the second
    assert cxloop(kiosk, "ingest") == 3
    assert answer(kiosk, "status")["facts"] == {}
    sources.write_text(sources.read_text().replace(second, ""))
    assert cxloop(kiosk, "ingest") == 0
    assert answer(kiosk, "status")["facts"].keys() == {"tickets"}  # for a source that is gone nobody waits


def test_a_backfill_fetches_again_from_a_day_on(kiosk: Path, desk: tuple[Desk, FaultServer]):
    assert cxloop(kiosk, "ingest") == 0
    before = loaded(kiosk)
    desk[1].asked.clear()
    assert cxloop(kiosk, "backfill", "desk", "--since", "2026-01-02") == 0
    assert len(desk[1].asked) == 2  # twelve records of the second day: two pages
    assert loaded(kiosk) == before


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("start: 2026-01-01", "streams: [tikets]", "'tikets' is not known. Did you mean 'tickets'?"),
        ("start: 2026-01-01", "options: {pace: 3}", "options: 'pace' is not known"),
        ("start: 2026-01-01", "secrets: {token: NOT_THERE}", "NOT_THERE (the key)"),
    ],
)
def test_what_the_connector_does_not_know_is_told(
    kiosk: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, said: str
):
    sources = kiosk / "sources.yaml"
    sources.write_text(sources.read_text().replace(old, new))
    assert cxloop(kiosk, "ingest") in (2, 3)
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told


def test_the_key_is_in_no_table_no_log_and_no_file(kiosk: Path, capsys: pytest.CaptureFixture[str]):
    assert cxloop(kiosk, "ingest") == 0
    told = capsys.readouterr()
    assert "canary" not in told.out + told.err
    assert not [path for path in kiosk.rglob("*") if path.is_file() and b"canary" in path.read_bytes()]


def test_a_key_may_lie_in_a_block_of_prefect(
    kiosk: Path, desk: tuple[Desk, FaultServer], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    sources = kiosk / "sources.yaml"
    named = sources.read_text().replace("start:", "secrets: {token: block:acme-desk}\n    start:")
    sources.write_text(named)
    monkeypatch.delenv("ACMEDESK_TOKEN")
    asked = list[str]()
    monkeypatch.setattr("wire.blocks._loaded", lambda name: asked.append(name) or "canary-9")
    assert cxloop(kiosk, "doctor") == 0
    assert asked == []
    assert cxloop(kiosk, "ingest") == 0
    assert asked == ["acme-desk"]
    assert {one.headers["authorization"] for one in desk[1].asked} == {"Bearer canary-9"}
    assert "canary" not in str(capsys.readouterr())
    assert not [path for path in kiosk.rglob("*") if path.is_file() and b"canary" in path.read_bytes()]
    sources.write_text(named.replace("block:acme-desk", "block:Acme Desk"))
    assert cxloop(kiosk, "ingest") == 2
    assert "lower-case letters, digits and dashes, found 'block:Acme Desk'" in capsys.readouterr().err


def test_the_doctor_says_which_key_is_missing_and_asks_nobody(
    kiosk: Path, desk: tuple[Desk, FaultServer], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    assert cxloop(kiosk, "doctor") == 0
    monkeypatch.delenv("ACMEDESK_TOKEN")
    assert cxloop(kiosk, "doctor") == 2
    assert "ACMEDESK_TOKEN (the key)" in capsys.readouterr().out
    assert desk[1].asked == []
