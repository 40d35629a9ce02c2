"""One customer in a helpdesk, a shop and a survey: tied by the loop, told as one, merged and set apart by people."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.acceptance.dumps import table, tables_of
from tests.acceptance.runner import answer, cxloop, run_loop
from tests.acceptance.small import ROADMAP, told
from tests.fakes.fault_server import FaultServer, Reply, serving
from tests.flow.processes import ROOT, environment

MONDAY = date(2026, 3, 16)

SOURCES = """\
version: 1
sources:
  desk:
    kind: files
    path: desk.csv
    format: csv
    zone: Europe/Berlin
    country: DE
    external_ids: shop
    complete_through: 2026-03-15
    tables:
      tickets:
        key: ticket
        columns: {customer_id: visitor, channel: "'chat'", topic: topic, status: "'solved'", opened_at: opened,
                  resolved_at: solved, url: "'https://desk.example/' || ticket"}
      identities:
        - {key: "visitor || ':email'", where: "email IS NOT NULL", columns: {customer_id: visitor, kind: "'email'", value_hash: email}}
        - {key: "visitor || ':phone'", where: "phone IS NOT NULL", columns: {customer_id: visitor, kind: "'phone'", value_hash: phone}}
        - {key: "visitor || ':shop'", where: "shop_id IS NOT NULL", columns: {customer_id: visitor, kind: "'external'", value_hash: shop_id}}
  shop:
    kind: files
    path: shop.csv
    format: csv
    zone: Europe/Berlin
    complete_through: 2026-03-15
    tables:
      orders:
        key: number
        columns: {customer_id: customer, product: "'beans'", quantity: "1", amount_minor: "1990", currency: "'EUR'",
                  ordered_at: ordered}
      identities:
        - {key: "customer || ':own'", columns: {customer_id: customer, kind: "'external'", value_hash: customer}}
        - {key: "customer || ':email'", where: "email IS NOT NULL", columns: {customer_id: customer, kind: "'email'", value_hash: email}}
        - {key: "customer || ':phone'", where: "phone IS NOT NULL", columns: {customer_id: customer, kind: "'phone'", value_hash: phone}}
  survey:
    kind: files
    path: survey.csv
    format: csv
    zone: Europe/Berlin
    complete_through: 2026-03-15
    tables:
      survey_answers:
        - survey: after-help
          measure: csat
          question: satisfied
          scale: {low: 1, high: 5, direction: up, satisfied_from: 4}
          key: response
          columns: {customer_id: contact, score: score, comment: comment, answered_at: at, is_anonymous: secret}
      identities:
        - {key: contact, where: "contact IS NOT NULL", columns: {customer_id: contact, kind: "'email'", value_hash: email}}
"""  # noqa: E501

DESK = """\
ticket,visitor,email,phone,shop_id,topic,opened,solved
T1,1,Ann@Example.org,030 901820,,delivery,2026-03-02 10:00,2026-03-02 12:00
T2,2,bob@example.org,+49 30 901821,,bill,2026-03-03 10:00,2026-03-03 12:00
T3,3,,,C-8,bill,2026-03-04 10:00,2026-03-04 12:00
"""
SHOP = """\
number,customer,email,phone,ordered
O1,C-7, ann@example.ORG ,,2026-03-01 09:00
O2,C-9,rob@example.org,+493090 1821,2026-03-01 09:30
O3,C-8,,,2026-03-01 09:45
"""
SURVEY = """\
response,contact,email,score,comment,at,secret
R1,p1,ann@example.org,2,"call me: 0171 1234567, ann@example.org",2026-03-05 08:00,false
R2,p2,bob@example.org,1,nobody knows me,2026-03-06 08:00,true
"""


def write(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name, text in {
        "roadmap.yaml": ROADMAP, "sources.yaml": SOURCES, "desk.csv": DESK, "shop.csv": SHOP, "survey.csv": SURVEY,
    }.items():  # fmt: skip
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(params=["sqlite", "postgresql"])
def project(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project after one turn of the loop."""
    if request.param == "postgresql":
        monkeypatch.setenv("CXLOOP_DATABASE_URL", request.getfixturevalue("postgresql_url"))
    folder = write(tmp_path / "project")
    assert run_loop(folder, MONDAY) is None
    return folder


def persons(folder: Path) -> dict[str, str]:
    return {row["customer_id"]: row["person_id"] for row in table(folder, "people")}


def says(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def say(folder: Path, *arguments: str) -> str:
        capsys.readouterr()
        assert cxloop(folder, *arguments) == 0
        return capsys.readouterr().out

    return say


def test_the_loop_ties_by_email_and_by_the_shops_own_id_and_nobody_by_a_contradicted_phone(project: Path) -> None:
    assert persons(project) == {
        "desk:1": "desk:1", "shop:C-7": "desk:1", "survey:p1": "desk:1", "desk:2": "desk:2", "survey:p2": "desk:2",
        "desk:3": "desk:3", "shop:C-8": "desk:3",
    }  # fmt: skip
    (pair,) = answer(project, "customers", "review")
    assert (pair["customer_id"], pair["other_id"]) == ("desk:2", "shop:C-9")
    assert pair["reason"] == "the same phone number, but differing e-mails"


def test_no_address_is_kept_as_it_is(project: Path) -> None:
    kept = json.dumps(tables_of(project)["identities"], default=str).lower()
    assert not any(part in kept for part in ("example.org", "901820", "901821"))


def test_one_timeline_over_all_sources_whichever_id_is_asked_for(project: Path) -> None:
    found = answer(project, "customer", "shop:C-7")
    assert [each["id"] for each in found["customer_ids"]] == ["desk:1", "shop:C-7", "survey:p1"]
    assert [(moment["source"], moment["what"]) for moment in found["moments"]] == [
        ("survey", "answered after-help, satisfied: 2 of 1 to 5"), ("desk", "ticket solved: delivery"),
        ("desk", "ticket opened: delivery"), ("shop", "ordered 1 × beans, 19.90 EUR"),
    ]  # fmt: skip
    assert found["moments"][1]["url"] == "https://desk.example/T1"
    assert answer(project, "customer", "desk:1") == found


def test_what_people_wrote_is_masked_unless_asked_for(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    say = says(capsys)
    assert "call me: [phone], [e-mail]" in say(project, "customer", "desk:1")
    shown = say(project, "customer", "desk:1", "--unmask")
    assert "call me: 0171 1234567, ann@example.org" in shown
    assert "2026-03-05 08:00" in shown


def test_an_anonymous_answer_is_in_nobodys_timeline(project: Path) -> None:
    found = answer(project, "customer", "survey:p2")
    assert [moment["kind"] for moment in found["moments"]] == ["ticket", "ticket"]
    assert not any("nobody" in moment["text"] for moment in found["moments"])


def test_people_merge_and_set_apart_and_the_next_turn_keeps_to_it(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    say = says(capsys)
    merged = say(project, "customers", "merge", "desk:2", "shop:C-9", "--why", "he told us", "--by", "lead")
    assert merged == "desk:2 and shop:C-9 are one person now: desk:2.\n"
    assert say(project, "customers", "review") == "No pair is to be looked at.\n"
    say(project, "customers", "apart", "desk:1", "survey:p1", "--why", "mother and daughter", "--by", "lead")
    with (project / "desk.csv").open("a", encoding="utf-8") as stream:
        stream.write("T4,1,ann@example.org,,,bill,2026-03-09 10:00,2026-03-09 12:00\n")
    assert run_loop(project, MONDAY) is None
    found = persons(project)
    assert (found["shop:C-9"], found["shop:C-7"]) == ("desk:2", "desk:1")
    assert "survey:p1" not in found
    by_lead = sorted(row["action"] for row in table(project, "merge_log") if row["actor"] == "lead")
    assert by_lead == ["apart", "merged"]


def test_a_second_turn_changes_nothing(project: Path) -> None:
    before = tables_of(project)
    assert run_loop(project, MONDAY) is None
    assert tables_of(project) == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("customer", "C-7"), "Did you mean shop:C-7?"),
        (("customer", "desk:99"), "no source has a customer 'desk:99'."),
        (("customers", "merge", "desk:1", "desk:1", "--why", "x"), "give two"),
        (("customers", "apart", "desk:1", "desk:99", "--why", "x"), "no source has a customer 'desk:99'"),
        (("customers", "merge", "desk:1", "shop:C-7"), "--why"),
    ],
)
def test_a_wrong_command_says_what_was_expected(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    folder = write(tmp_path / "project")
    assert run_loop(folder, MONDAY) is None
    capsys.readouterr()
    assert cxloop(folder, *arguments) == 2
    assert said in told(capsys)


@pytest.mark.parametrize(
    "arguments",
    [("customer", "desk:1"), ("customers", "review"), ("customers", "merge", "desk:1", "desk:2", "--why", "x")],
    ids=" ".join,
)
def test_the_commands_import_neither_prefect_nor_great_expectations(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    folder = write(tmp_path / "project")
    assert run_loop(folder, MONDAY) is None
    look = (
        "import atexit, sys\n"
        "heavy = ('prefect', 'great_expectations', 'altair', 'phonenumbers')\n"
        "atexit.register(lambda: sys.stderr.write(','.join(m for m in heavy if m in sys.modules)))\n"
        "from cxloop.cli.main import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", look, "--project", str(folder), *arguments],
        capture_output=True, text=True, cwd=ROOT, env=environment(), check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


POST = """\
<rss version="2.0"><channel><title>Forum</title><item><guid>p1</guid><title>Late again</title>
<author>ANN@example.org (Ann)</author><pubDate>Fri, 06 Mar 2026 10:00:00 GMT</pubDate></item></channel></rss>
"""


def test_a_post_whose_author_is_named_by_mail_is_in_that_persons_timeline(tmp_path: Path) -> None:
    folder = write(tmp_path / "project")
    with serving(FaultServer(lambda _: Reply(POST.encode()))) as address:
        forum = f"  forum: {{kind: feed, address: '{address}/latest.rss', options: {{channel: forum}}}}\n"
        (folder / "sources.yaml").write_text(SOURCES + forum, encoding="utf-8")
        assert run_loop(folder, MONDAY) is None
    found = answer(folder, "customer", "shop:C-7")
    (mention,) = [moment for moment in found["moments"] if moment["kind"] == "mention"]
    assert (mention["source"], mention["channel"], mention["text"]) == ("forum", "forum", "Late again")
