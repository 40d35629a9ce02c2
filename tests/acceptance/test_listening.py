"""The listening plan from a file of invitations to the message, the summary and the command."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.acceptance.dumps import table, tables_of
from tests.acceptance.runner import answer, cxloop, run_loop

FIRST, MONDAY = date(2026, 1, 5), date(2026, 3, 16)
ROADMAP = """\
version: 1
company: {name: Kiosk, currency: EUR, languages: [en], zone: Europe/Berlin}
vision: Every customer gets an answer that helps.
owners:
  lead: {slack: "@lead", channel: "#support"}
  listener: {slack: "@listener", channel: "#surveys"}
surveys:
  after-help: {kpi: csat, after: ticket solved, response_rate: 0.2, owner: listener}
  rest: 30 days
"""
SOURCES = """\
version: 1
sources:
  tool:
    kind: files
    path: sends.csv
    format: csv
    zone: UTC
    complete_through: 2026-03-15
    tables:
      survey_sends:
        key: id
        columns: {survey: survey, customer_id: who, channel: channel, language: language, sent_at: sent, answered_at: answered}
"""  # noqa: E501

pytestmark = pytest.mark.usefixtures("undrawn")


def project(folder: Path, *more: str) -> Path:
    """Two invitations a day, each to somebody new; the one in English is answered; every tenth is anonymous."""
    folder.mkdir(exist_ok=True)
    (folder / "roadmap.yaml").write_text(ROADMAP)
    (folder / "sources.yaml").write_text(SOURCES)
    rows = ["id,survey,who,channel,language,sent,answered"]
    for number in range((MONDAY - FIRST).days):
        day = FIRST + timedelta(days=number)
        who = "" if number % 10 == 0 else f"c{number}"
        rows.append(f"a{number},after-help,{who},email,en,{day}T09:00:00Z,{day}T10:00:00Z")
        rows.append(f"b{number},after-help,d{number},chat,de,{day}T09:00:00Z,")
    (folder / "sends.csv").write_text("\n".join([*rows, *more]) + "\n")
    return folder


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Two were asked again on 10 March, one of them by a survey that the roadmap does not know."""
    return project(
        tmp_path / "broken",
        "x1,after-help,c61,email,en,2026-03-10T09:00:00Z,",
        "x2,exit,d62,email,,2026-03-10T09:00:00Z,",
    )


def test_a_plan_that_is_kept_says_nothing_but_that(tmp_path: Path) -> None:
    kept = project(tmp_path / "kept")
    assert run_loop(kept, MONDAY) is None
    assert [row for row in table(kept, "incidents") if row["rule"] == "listening"] == []
    summary = (kept / "out" / "summary" / "latest.md").read_text()
    assert "The listening plan is kept: 56 invitations in four weeks, nobody asked too soon." in summary
    told = answer(kept, "listening")
    assert (told["moment"], told["rest"], told["asked_too_soon"]) == ("2026-03-16", "30 days", [])


def test_a_plan_that_is_broken_is_told_to_the_surveys_owner_once(broken: Path) -> None:
    assert run_loop(broken, MONDAY - timedelta(days=7)) is None
    assert run_loop(broken, MONDAY) is None
    said = [
        (row["channel"], row["text"].splitlines()[:2]) for row in table(broken, "outbox") if "incident" in row["key"]
    ]
    too_soon = "invitations in four weeks came within 30 days of another one."
    unknown = "1 invitation in four weeks: the roadmap's listening plan does not know it"
    assert sorted(said) == [
        ("#support", ["🔴 Survey exit asks customers, but the roadmap does not know it @lead",
                      f"{unknown}; 1 of 1 {too_soon}"]),
        ("#surveys", ["🔴 Survey after-help asks people again too soon @listener", f"1 of 57 {too_soon}"]),
    ]  # fmt: skip
    assert table(broken, "improvement_tasks") == []
    summary = (broken / "out" / "summary" / "latest.md").read_text()
    assert "The listening plan is not kept by after-help (1 of 57 invitations" in summary
    before = tables_of(broken)
    assert run_loop(broken, MONDAY) is None
    assert {name: rows for name, rows in tables_of(broken).items() if name != "runs"} == {
        name: rows for name, rows in before.items() if name != "runs"
    }


def test_the_command_lists_the_plan_against_what_happened(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_loop(broken, MONDAY) is None
    told = answer(broken, "listening")
    assert [(s["survey"], s["is_planned"], s["n_invitations"], s["verdict"]) for s in told["surveys"]] == [
        ("after-help", True, 57, "asked too soon"), ("exit", False, 1, "not in the roadmap"),
    ]  # fmt: skip
    assert told["surveys"][0]["response_rate"] == "reaches the plan"
    assert [(row["customer_id"], row["before_day"]) for row in told["asked_too_soon"]] == [
        ("tool:d62", "2026-03-08"), ("tool:c61", "2026-03-07"),
    ]  # fmt: skip
    rates = {(row["by"], row["member"]): row for row in told["response_rates"]}
    assert list(rates) == [("survey", "after-help"), ("channel", "chat"), ("channel", "email"),
                           ("language", "de"), ("language", "en")]  # fmt: skip
    english = rates["language", "en"]  # of 5 January to 1 March: the others may still be answered
    assert (english["value"], english["n"], english["high"]) == (1.0, 56, 1.0)
    assert round(english["low"], 3) == 0.936  # Wilson: n / (n + z²)
    assert rates["survey", "after-help"]["value"] == 0.5
    assert cxloop(broken, "listening") == 0
    shown = capsys.readouterr().out
    assert "Listening plan on 16 Mar 2026: the last 28 days; nobody is to be asked twice within 30 days" in shown
    assert cxloop(broken, "listening", "--as-of", "2026-03-10") == 0
    assert "Listening plan on 9 Mar 2026" in capsys.readouterr().out


def test_an_incident_of_the_plan_can_be_listed_shown_and_replayed(
    broken: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_loop(broken, MONDAY) is None
    labels = {"rule": "listening", "kpi": "survey_response_rate"}
    listed = [row for row in answer(broken, "incidents", "list") if labels.items() <= row.items()]
    listed.sort(key=lambda row: row["scope"]["survey"])
    assert [row["scope"]["survey"] for row in listed] == ["after-help", "exit"]
    assert cxloop(broken, "incidents", "show", listed[0]["id"]) == 0
    assert "1 of 57 invitations in four weeks" in capsys.readouterr().out
    told = answer(broken, "backtest", "--from", "2026-01-05", "--to", "2026-03-16")
    assert {row["id"] for row in listed} <= {row["id"] for row in told}


def test_before_any_invitation_the_command_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = project(tmp_path / "empty")
    (empty / "sends.csv").write_text("id,survey,who,channel,language,sent,answered\n")
    cxloop(empty, "run", "--as-of", MONDAY.isoformat())
    capsys.readouterr()
    assert cxloop(empty, "listening") == 0
    assert capsys.readouterr().out.startswith("No invitation was judged yet.")
