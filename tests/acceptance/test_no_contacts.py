"""Tickets that are no contacts count in no KPI, and are counted themselves: in the summary and in `cxloop status`."""

from pathlib import Path

import pytest

from tests.acceptance.runner import answer, cxloop, run_loop
from tests.acceptance.small import MONDAY, N_ROWS, SOURCES, write_tickets

pytestmark = pytest.mark.usefixtures("undrawn")

EXCLUDED = """\
        key: ticket
        exclude: {spam: "channel = 'spam'", test: "channel = 'test'"}
"""


def test_spam_and_tests_are_counted_where_people_look(kiosk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (kiosk / "sources.yaml").write_text(SOURCES.replace("        key: ticket\n", EXCLUDED, 1), encoding="utf-8")
    last_week = [f"T9{n},{word},2026-03-10 10:00,,true," for n, word in enumerate(["spam", "spam", "test"])]
    write_tickets(kiosk, *last_week, "T99,spam,2026-03-01 10:00,,true,")
    assert run_loop(kiosk, MONDAY) is None
    assert [row["value"] for row in answer(kiosk, "kpi", "ticket_volume", "--by", "all")] == [N_ROWS]
    known = answer(kiosk, "status")
    assert (known["no_contacts"], known["n_tickets"]) == ({"spam": 3, "test": 1}, N_ROWS + 4)
    assert cxloop(kiosk, "status") == 0
    assert f"no contacts       3 spam, 1 test, of {N_ROWS + 4} tickets: in no KPI" in capsys.readouterr().out
    pages = [page.read_text(encoding="utf-8") for page in (kiosk / "out").rglob("*.md")]
    assert any("Not counted this week: 2 spam, 1 test." in page for page in pages)
