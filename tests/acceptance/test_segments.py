"""Customers move between segments while the loop runs: each contact counts where its customer was at the time."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from domain.scopes import canonical
from tests.acceptance.dumps import differences, table, tables_of
from tests.acceptance.runner import answer, cxloop, run_loop
from tests.acceptance.small import told

MONDAY, NEXT_MONDAY = date(2026, 3, 16), date(2026, 3, 23)
pytestmark = pytest.mark.usefixtures("undrawn")

ROADMAP = """\
version: 1
company: {name: Kiosk, currency: EUR, languages: [en], zone: Europe/Berlin}
vision: Every customer gets an answer that helps.
owners:
  lead: {slack: "@lead", channel: "#support"}
segments:
  office: {when: "plan = 'office'", count: accounts}
  home: {when: "plan = 'home'"}
personas:
  big-buyer: {segment: office, when: "account_industry = 'bank'", wants: "One bill"}
  buyer: {segment: office, wants: "Coffee"}
benchmarks:
  sla: {kpi: sla_attainment, window: 28d, baseline: 0.9, on: 2026-01-05, target: 0.95, by: 2026-12-31, tolerance: 0.05, owner: lead}
"""  # noqa: E501

SOURCES = """\
version: 1
sources:
  desk:
    kind: files
    path: desk-*.csv
    format: csv
    zone: Europe/Berlin
    dates: ["%Y-%m-%d %H:%M"]
    external_ids: crm
    complete_through: {file_name: 'desk-(\\d{4}-\\d{2}-\\d{2})'}
    tables:
      tickets:
        key: ticket
        columns: {customer_id: visitor, segment: segment, channel: "'chat'", status: "'solved'", opened_at: opened, resolved_at: opened}
      identities:
        - {key: visitor, where: "crm_id IS NOT NULL", columns: {customer_id: visitor, kind: "'external'", value_hash: crm_id}}
  crm:
    kind: files
    path: crm-*.csv
    format: csv
    zone: Europe/Berlin
    complete_through: {file_name: 'crm-(\\d{4}-\\d{2}-\\d{2})'}
    tables:
      customers: {key: id, columns: {account_id: account, plan: plan, created_at: "'2025-01-01'"}}
      accounts: {key: account, where: "account IS NOT NULL", columns: {industry: industry}}
      identities:
        - {key: id, columns: {customer_id: id, kind: "'external'", value_hash: id}}
  surveys:
    kind: files
    path: answers.csv
    format: csv
    namespace: crm
    zone: Europe/Berlin
    complete_through: 2026-03-22
    tables:
      survey_answers:
        - {survey: after-help, measure: csat, question: satisfied, scale: {low: 1, high: 5, direction: up, satisfied_from: 4}, key: "id || at", columns: {customer_id: id, score: score, answered_at: at}}
"""  # noqa: E501

DESK = """\
ticket,visitor,crm_id,segment,opened
T1,1,C1,,2026-03-03 10:00
T2,2,C2,,2026-03-04 10:00
T3,3,,,2026-03-05 10:00
T4,1,C1,partner,2026-03-05 11:00
"""
LATER = """\
ticket,visitor,crm_id,segment,opened
T5,1,C1,,2026-03-17 10:00
T6,2,C2,,2026-03-18 10:00
"""
CRM = """\
id,account,plan,industry
C1,A1,home,bank
C2,,office,
"""
CRM_LATER = """\
id,account,plan,industry
C1,A1,office,bank
C2,,office,
"""


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(params=["sqlite", "postgresql"])
def project(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project after a first turn."""
    if request.param == "postgresql":
        monkeypatch.setenv("CXLOOP_DATABASE_URL", request.getfixturevalue("postgresql_url"))
    folder = first(tmp_path / "project")
    assert run_loop(folder, MONDAY) is None
    return folder


def first(folder: Path) -> Path:
    return write(folder, **{
        "roadmap.yaml": ROADMAP, "sources.yaml": SOURCES, "desk-2026-03-15.csv": DESK, "crm-2026-03-15.csv": CRM,
        "answers.csv": "id,score,at\nC1,5,2026-03-06 08:00\nC1,5,2026-03-19 08:00\n",
    })  # fmt: skip


def moved_on(folder: Path) -> Path:
    return write(folder, **{"desk-2026-03-22.csv": LATER, "crm-2026-03-18.csv": CRM_LATER})


def volumes(folder: Path) -> dict[str, float]:
    """Contacts of all time, by segment."""
    found = {row["scope"]: row["value"] for row in table(folder, "kpi_values")
             if row["kpi"] == "ticket_volume" and row["period"] == "all"}  # fmt: skip
    named = {name: found.get(canonical({"segment": name})) for name in ("home", "office", "partner", "bank")}
    return {"all": found["{}"], **{name: value for name, value in named.items() if value}}


def weeks(folder: Path, segment: str, kpi: str = "ticket_volume") -> dict[str, float]:
    return {
        str(row["period_start"]): row["n"]
        for row in table(folder, "kpi_values")
        if (row["kpi"], row["period"], row["scope"]) == (kpi, "week", canonical({"segment": segment}))
    }


def test_a_contact_counts_in_the_segment_of_the_person_who_made_it(project: Path) -> None:
    # T1 by C1's helpdesk id, T2 by C2's; nobody knows T3's; the helpdesk itself says T4's
    assert volumes(project) == {"all": 4, "home": 1, "office": 1, "partner": 1}


def test_after_a_change_later_contacts_count_in_the_new_segment_and_earlier_ones_stay(project: Path) -> None:
    moved_on(project)
    assert run_loop(project, NEXT_MONDAY) is None
    # C1 moved from home to office on 18 March: T5 of the 17th is still home, its second answer is office
    assert volumes(project) == {"all": 6, "home": 2, "office": 2, "partner": 1}
    assert weeks(project, "home")["2026-03-16"] == 1
    assert weeks(project, "home", "csat")["2026-03-02"] == 1
    assert weeks(project, "office", "csat")["2026-03-16"] == 1
    spells = [(row["customer_id"], str(row["valid_from"].date()), row["segment"], row["persona"])
              for row in table(project, "customer_segments")]  # fmt: skip
    assert spells == [
        ("crm:C1", "1970-01-01", "home", None), ("crm:C1", "2026-03-17", "office", "big-buyer"),
        ("crm:C2", "1970-01-01", "office", "buyer"),
        ("desk:1", "1970-01-01", "home", None), ("desk:1", "2026-03-17", "office", "big-buyer"),
        ("desk:2", "1970-01-01", "office", "buyer"),
    ]  # fmt: skip
    history = [(row["customer_id"], row["attribute"], row["value"]) for row in table(project, "customer_history")]
    assert sorted(history) == [("crm:C1", "plan", "home"), ("crm:C1", "plan", "office")]


def by_persona(folder: Path, kpi: str = "ticket_volume") -> dict[str, float]:
    """A KPI of all time, by persona."""
    named = {canonical({"persona": name}): name for name in ("big-buyer", "buyer", "housewife", "dealer")}
    return {named[row["scope"]]: row["n"] for row in table(folder, "kpi_values")
            if (row["kpi"], row["period"]) == (kpi, "all") and row["scope"] in named}  # fmt: skip


def test_a_contact_counts_with_the_persona_its_customer_had(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert by_persona(project) == {"buyer": 1}  # T2; home has no persona
    moved_on(project)
    assert run_loop(project, NEXT_MONDAY) is None
    # T6 by C2; C1 is a bank's office from 18 March on, which T5 of the 17th is not yet, and its second answer is
    assert by_persona(project) == {"buyer": 2}
    assert by_persona(project, "csat") == {"big-buyer": 1}
    found = answer(project, "kpi", "ticket_volume", "--scope", "persona=buyer")
    assert [(row["scope"], row["n"]) for row in found if row["n"]] == [({"persona": "buyer"}, 1)] * 2
    assert cxloop(project, "kpi", "csat", "--scope", "persona=nobody") == 2
    assert "--scope persona=big-buyer" in told(capsys)


def test_a_persona_that_is_added_counts_the_past_also_where_rows_say_their_segment(project: Path) -> None:
    partner = (
        "  dealer: {segment: partner, wants: 'Margin'}\n  housewife: {segment: home, wants: 'Coffee'}\nbenchmarks:"
    )
    write(project, **{"roadmap.yaml": ROADMAP.replace("benchmarks:", partner)
                      .replace("personas:", "  partner: {when: \"plan = 'partner'\"}\npersonas:")})  # fmt: skip
    assert run_loop(project, MONDAY) is None
    assert by_persona(project) == {"buyer": 1, "housewife": 1, "dealer": 1}  # T4 says its segment itself
    before = tables_of(project)
    assert run_loop(project, MONDAY) is None
    assert differences(before, tables_of(project)) == []
    write(project, **{"roadmap.yaml": ROADMAP})
    assert run_loop(project, MONDAY) is None
    assert by_persona(project) == {"buyer": 1}


def test_a_second_turn_changes_nothing(project: Path) -> None:
    moved_on(project)
    assert run_loop(project, NEXT_MONDAY) is None
    before = tables_of(project)
    assert run_loop(project, NEXT_MONDAY) is None
    assert differences(before, tables_of(project)) == []


FIGURES = ("kpi_days", "kpi_stretches", "kpi_values", "kpi_years", "customer_segments", "customer_history")


def test_a_rule_that_changes_counts_the_whole_past_again(project: Path, tmp_path: Path) -> None:
    moved_on(project)
    assert run_loop(project, NEXT_MONDAY) is None
    other = ROADMAP.replace("""  office: {when: "plan = 'office'", count: accounts}""",
                            """  bank: {when: "account_industry = 'bank' AND plan = 'office'"}\n"""
                            """  office: {when: "plan IN ('office', 'home')", count: accounts}""")  # fmt: skip
    write(project, **{"roadmap.yaml": other})
    assert cxloop(project, "measure", "--as-of", NEXT_MONDAY.isoformat()) == 0
    assert volumes(project) == {"all": 6, "office": 4, "partner": 1}
    assert weeks(project, "bank", "csat") == {"2026-03-16": 1}
    assert {row["segment"] for row in table(project, "customer_segments")} == {"bank", "office"}


def test_figures_are_those_of_a_project_that_knew_the_rule_from_the_start(project: Path, tmp_path: Path) -> None:
    bare = ROADMAP[: ROADMAP.index("segments:")] + ROADMAP[ROADMAP.index("benchmarks:") :]
    write(project, **{"roadmap.yaml": bare})
    assert run_loop(project, MONDAY) is None
    assert table(project, "customer_segments") == []
    assert volumes(project) == {"all": 4, "partner": 1}
    moved_on(project)
    assert run_loop(project, NEXT_MONDAY) is None
    assert volumes(project) == {"all": 6, "partner": 1}
    write(project, **{"roadmap.yaml": ROADMAP})
    assert run_loop(project, NEXT_MONDAY) is None
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("CXLOOP_DATABASE_URL", raising=False)
        whole = first(tmp_path / "whole")
        assert run_loop(whole, MONDAY) is None
        moved_on(whole)
        assert run_loop(whole, NEXT_MONDAY) is None
        expected = tables_of(whole)
    found = tables_of(project)
    assert differences({name: expected[name] for name in FIGURES}, {name: found[name] for name in FIGURES}) == []


@pytest.mark.parametrize(
    "step", ["tasks.identify.steps.segments.remember_segments", "tasks.measure.steps.measuring.remember"]
)
def test_a_run_that_ends_in_the_middle_of_it_loses_nothing(tmp_path: Path, step: str) -> None:
    cut, whole = (first(tmp_path / name) for name in ("cut", "whole"))
    for folder in (cut, whole):
        assert run_loop(folder, MONDAY) is None
        moved_on(folder)

    def ended(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(step, ended)
        with pytest.raises(KeyboardInterrupt):
            run_loop(cut, NEXT_MONDAY)
    for folder in (cut, whole):
        assert run_loop(folder, NEXT_MONDAY) is None
    expected, found = tables_of(whole), tables_of(cut)
    names = (*FIGURES, "customer_states", "dirty_days")
    assert differences({name: expected[name] for name in names}, {name: found[name] for name in names}) == []


def says(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def say(folder: Path, *arguments: str) -> str:
        capsys.readouterr()
        assert cxloop(folder, *arguments) == 0
        return capsys.readouterr().out

    return say


def test_a_customer_shows_its_segment_with_its_history(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    moved_on(project)
    assert run_loop(project, NEXT_MONDAY) is None
    found = answer(project, "customer", "desk:1")
    mine = [row for row in found["segments"] if row["customer_id"] == "desk:1"]
    assert [(row["segment"], row["persona"], row["valid_to"] is None) for row in mine] == [
        ("home", None, False), ("office", "big-buyer", True),
    ]  # fmt: skip
    assert answer(project, "customer", "crm:C1") == found
    said = says(capsys)(project, "customer", "desk:1")
    assert "office since 2026-03-18, home before" in said
    assert "big-buyer since 2026-03-18, none before" in said
    assert "plan is office from now on" in said
    assert "plan is home from now on" not in said


def test_how_many_customers_are_in_each_segment(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    moved_on(project)
    write(project, **{
        "crm-2026-03-19.csv": "id,account,plan,industry\nC3,,trial,\nC4,A1,office,bank\n",
        "roadmap.yaml": ROADMAP.replace("personas:", "  lost: {when: \"plan = 'gone'\"}\npersonas:"),
    })  # fmt: skip
    assert run_loop(project, NEXT_MONDAY) is None
    found = answer(project, "customers", "segments")
    assert found["segments"] == [
        {"name": "office", "when": "plan = 'office'", "count": "accounts", "customers": 3, "accounts": 1,
         "is_unused": False},
        {"name": "home", "when": "plan = 'home'", "count": "customers", "customers": 0, "accounts": 0,
         "is_unused": False},
        {"name": "lost", "when": "plan = 'gone'", "count": "customers", "customers": 0, "accounts": 0,
         "is_unused": True},
    ]  # fmt: skip
    assert [(row["name"], row["customers"]) for row in found["personas"]] == [("big-buyer", 2), ("buyer", 1)]
    assert found["without_segment"] == {"customers": 1, "accounts": 0}
    assert found["without_persona"] == {"customers": 1, "accounts": 0}
    say = says(capsys)
    assert "lost: nobody is in it, or ever was" in say(project, "customers", "segments")
    assert "lost: nobody is in it, or ever was" in say(project, "roadmap", "check")
    assert "plan = 'home'" in say(project, "roadmap", "show")


def test_a_rule_with_a_wrong_column_lists_those_there_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = first(tmp_path / "project")
    write(folder, **{"roadmap.yaml": ROADMAP.replace("plan = 'home'", "tier = 'home'")})
    assert cxloop(folder, "roadmap", "check") == 2
    said = told(capsys)
    assert "roadmap.yaml:8  home: when: 'tier = 'home'' reads the column 'tier', which customers do not have." in said
    assert "There are: customer_id, source, account_id, plan," in said
