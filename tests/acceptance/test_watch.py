"""Who may leave, told in the weekly summary where the roadmap asks for it."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.acceptance.dumps import differences, table, tables_of
from tests.acceptance.runner import answer, run_loop

MONDAY = date(2026, 3, 16)
pytestmark = pytest.mark.usefixtures("undrawn")

ROADMAP = """\
version: 1
company: {name: Kiosk, currency: EUR, languages: [en], zone: UTC}
vision: Every customer gets an answer that helps.
owners:
  lead: {slack: "@lead", channel: "#support"}
churn: {watch: true}
benchmarks:
  churn: {kpi: churn_rate, window: 28d, baseline: 0.1, on: 2026-01-05, target: 0.05, by: 2026-12-31, tolerance: 0.05, owner: lead}
"""  # noqa: E501

SOURCES = """\
version: 1
sources:
  crm:
    kind: files
    path: contracts-*.csv
    format: csv
    zone: UTC
    complete_through: {file_name: 'contracts-(\\d{4}-\\d{2}-\\d{2})'}
    tables:
      subscriptions: {key: id, columns: {customer_id: id, started_at: started, ended_at: ended, mrr_minor: "'1000'", currency: "'EUR'"}}
  desk:
    kind: files
    path: tickets-*.csv
    format: csv
    zone: UTC
    namespace: crm
    complete_through: {file_name: 'tickets-(\\d{4}-\\d{2}-\\d{2})'}
    tables:
      tickets: {key: id, columns: {customer_id: customer, channel: "'chat'", status: "'solved'", opened_at: opened, resolved_at: opened}}
"""  # noqa: E501


def company(folder: Path, through: date = MONDAY - timedelta(days=1), **ended: str) -> Path:
    """Every quarter the same: of those who write many leave, of the others few."""
    folder.mkdir(parents=True, exist_ok=True)
    contracts, tickets = ["first,2022-01-01,2023-09-01"], ["t0,first,2023-06-01"]
    for quarter in range(5):
        moment = MONDAY - timedelta(days=90 * quarter)
        for i in range(100):
            name, wrote = f"c{quarter}-{i:02}", i < 50
            leaves = quarter > 0 and i % 50 < (20 if wrote else 2)
            end = ended.get(name.replace("-", "_"), moment + timedelta(days=10 + i % 50) if leaves else "")
            contracts.append(f"{name},{moment - timedelta(days=60)},{end}")
            if wrote:
                tickets.append(f"t{name},{name},{moment - timedelta(days=5)}")
    for name, head, rows in (("contracts", "id,started,ended", contracts), ("tickets", "id,customer,opened", tickets)):
        (folder / f"{name}-{through}.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    (folder / "roadmap.yaml").write_text(ROADMAP, encoding="utf-8")
    (folder / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    return folder


@pytest.fixture(params=["sqlite", "postgresql"])
def project(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if request.param == "postgresql":
        monkeypatch.setenv("CXLOOP_DATABASE_URL", request.getfixturevalue("postgresql_url"))
    folder = company(tmp_path / "project")
    assert run_loop(folder, MONDAY) is None
    return folder


def page(folder: Path) -> str:
    return (folder / "out" / "summary" / "latest.html").read_text(encoding="utf-8").replace("\u00a0", " ")


def test_the_week_tells_who_may_leave_once_and_the_command_says_the_same(project: Path) -> None:
    (row,) = table(project, "watch_weeks")
    assert (row["why_not"], row["n_watched"], str(row["as_of"])[:10]) == (None, 50, "2026-03-15")
    listed = answer(project, "customers", "at-risk")
    assert (listed["n_watched"], listed["separation"]) == (50, row["separation"])
    assert "50 of " in page(project)
    assert listed["customers"][0]["customer_id"] in page(project)
    before = tables_of(project)
    assert run_loop(project, MONDAY) is None
    assert differences(before, tables_of(project)) == []


def test_days_that_come_later_change_no_week_that_was_told(project: Path) -> None:
    told = table(project, "watch_weeks")
    company(project, MONDAY + timedelta(days=1), c0_00="2026-03-17")  # left on Tuesday, of the next week
    assert run_loop(project, MONDAY + timedelta(days=2)) is None
    assert table(project, "watch_weeks") == told
    assert run_loop(project, MONDAY - timedelta(days=7)) is None
    assert table(project, "watch_weeks") == told  # a look back changes nothing
    other = company(project.parent / "other", MONDAY + timedelta(days=1), c0_00="2026-03-17")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("CXLOOP_DATABASE_URL", raising=False)
        assert run_loop(other, MONDAY + timedelta(days=2)) is None
        assert table(other, "watch_weeks") == told  # told late, by what was known then


def test_what_is_no_longer_asked_for_is_forgotten(project: Path) -> None:
    (project / "roadmap.yaml").write_text(ROADMAP.replace("churn: {watch: true}\n", ""), encoding="utf-8")
    assert run_loop(project, MONDAY) is None
    assert table(project, "watch_weeks") == []
    assert "Customers to care for" not in page(project)
