"""A benchmark beside which a value stands that is weighted to the population, through the whole loop."""

from datetime import date
from pathlib import Path

import pytest

from tests.acceptance.dumps import differences, files_of, tables_of
from tests.acceptance.runner import answer, run_loop
from tests.acceptance.small import MONDAY, write_tickets

pytestmark = pytest.mark.usefixtures("undrawn")

SATISFIED = (
    "  satisfied: {kpi: csat, survey: after-help, window: 28d, baseline: 0.5, on: 2026-01-05, target: 0.6, "
    "by: 2026-12-31, tolerance: 0.1, owner: lead, population: {channel: {chat: 0.2, email: 0.7, phone: 0.1}}}\n"
)


@pytest.fixture
def shop(kiosk: Path) -> Path:
    """Chat answers often and is content; e-mail answers seldom and is not; of phone four answers came."""
    rows: list[str] = []
    for n in range(200):
        channel = "email" if n % 4 == 0 else "chat"
        score = 5 if channel == "chat" or n % 8 == 0 else 2
        rows.append(f"W{n:03},{channel},2026-03-{n % 14 + 1:02} 10:00,2026-03-{n % 14 + 1:02} 12:00,true,{score}")
    rows += [f"P{n},phone,2026-03-10 10:00,2026-03-10 12:00,true,5" for n in range(4)]
    rows += [f"X{n},,2026-03-10 10:00,2026-03-10 12:00,true,5" for n in range(3)]
    write_tickets(kiosk, *rows)
    roadmap = kiosk / "roadmap.yaml"
    text = roadmap.read_text(encoding="utf-8").replace("benchmarks:\n", f"benchmarks:\n{SATISFIED}")
    roadmap.write_text(text, encoding="utf-8")
    return kiosk


def scored(folder: Path) -> list[tuple[str, float]]:
    """Channel and score of the answers of the four weeks, read from the file."""
    lines = (folder / "tickets.csv").read_text(encoding="utf-8").splitlines()[1:]
    rows = [line.split(",") for line in lines]
    return [(row[1], float(row[5])) for row in rows if date(2026, 2, 16) <= date.fromisoformat(row[3][:10]) < MONDAY]


def test_the_weighted_value_stands_beside_the_plain_one(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_loop(shop, MONDAY) is None
    held = scored(shop)
    good = {name: [score >= 4 for channel, score in held if channel == name] for name in ("chat", "email", "phone", "")}
    few = good["phone"] + good["email"]
    expected = 0.2 * sum(good["chat"]) / len(good["chat"]) + 0.8 * sum(few) / len(few)

    capsys.readouterr()
    last = answer(shop, "kpi", "csat", "--by", "28d", "--scope", "survey=after-help")[-1]
    found = last["weighted"]["found"]
    assert last["value"] == pytest.approx(sum(score >= 4 for _, score in held) / len(held))
    assert found["value"] == pytest.approx(expected)
    assert found["low"] < expected < found["high"] < last["value"]
    assert found["together"] == ["email", "phone"]
    assert (found["n"], last["weighted"]["n_outside"]) == (len(held) - len(good[""]), len(good[""]))
    worth = 1 / (0.2**2 / len(good["chat"]) + 0.8**2 / len(few))
    assert found["n_worth"] == pytest.approx(worth)

    page = (shop / "out" / "summary" / "latest.md").read_text(encoding="utf-8")
    (line,) = [line for line in page.splitlines() if "weighted by channel as in the population" in line]
    assert "email and phone stand together: too few answers." in line
    assert "3 answers are of none of these and not in it." in line
    assert "weighted by channel" in (shop / "out" / "summary" / "2026-W11.html").read_text(encoding="utf-8")

    tables, files = tables_of(shop), files_of(shop)
    assert run_loop(shop, MONDAY) is None
    assert differences(tables, tables_of(shop)) == []
    assert files_of(shop) == files


def test_a_group_that_nobody_is_in_is_not_weighed_and_that_is_said(shop: Path) -> None:
    roadmap = shop / "roadmap.yaml"
    text = roadmap.read_text(encoding="utf-8").replace("chat: 0.2, email: 0.7, phone: 0.1", "phone: 0.5, fax: 0.5")
    roadmap.write_text(text, encoding="utf-8")
    assert run_loop(shop, MONDAY) is None
    page = (shop / "out" / "summary" / "latest.md").read_text(encoding="utf-8")
    assert "not weighted by channel: fewer than two groups have 10 answers." in page
