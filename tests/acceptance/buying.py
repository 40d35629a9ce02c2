"""A company that sells by contract, in two currencies, and by order, and hears from nobody."""

import random
from datetime import timedelta
from pathlib import Path

from tests.acceptance.projects import FIRST, LAST_MONDAY, Row, write_csv

N_CUSTOMERS = 400
ROADMAP = """\
version: 1
company: {name: Little Roastery, currency: EUR, languages: [en], zone: Europe/Berlin}
vision: Who buys once comes back.
owners: {lead: {slack: "@lead", channel: "#lead"}}
segments:
  office: {when: "plan = 'office'"}
kpis: [churn_rate, net_revenue_retention, purchase_frequency]
benchmarks:
  churn: {kpi: churn_rate, window: 28d, baseline: 0.03, on: 2025-06-09, target: 0.02, by: 2026-12-31, tolerance: 0.02, owner: lead}
"""  # noqa: E501
SOURCES = """\
version: 1
sources:
  crm:
    kind: files
    path: contracts.csv
    format: csv
    zone: Europe/Berlin
    dates: ["%Y-%m-%d"]
    namespace: roastery
    complete_through: 2026-03-15
    tables:
      subscriptions:
        key: contract
        columns: {customer_id: customer, segment: plan, started_at: started, ended_at: ended, end_reason: reason,
                  mrr_minor: price, currency: currency}
  shop:
    kind: files
    path: orders.csv
    format: csv
    zone: Europe/Berlin
    dates: ["%Y-%m-%d %H:%M:%S"]
    namespace: roastery
    complete_through: 2026-03-15
    tables:
      orders: {key: id, columns: {customer_id: customer, ordered_at: at, quantity: lines}}
"""


def buying_project(folder: Path) -> Path:
    """Write the project into `folder`; always the same bytes."""
    folder.mkdir()
    dice = random.Random(20_260_317)
    (folder / "roadmap.yaml").write_text(ROADMAP, encoding="utf-8")
    (folder / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    write_csv(folder / "contracts.csv", _contracts(dice))
    write_csv(folder / "orders.csv", _orders(dice))
    return folder


def _contracts(dice: random.Random) -> list[Row]:
    """One or two a customer, at another price the second time; a few in dollars, the last customers' alone."""
    found: list[Row] = []
    for number in range(N_CUSTOMERS):
        started = FIRST - timedelta(days=dice.randrange(10, 500))
        for _ in range(dice.choice((1, 1, 2))):
            ended = started + timedelta(days=dice.randrange(30, 900))
            left = ended < LAST_MONDAY
            found.append({
                "contract": f"K{len(found):04}", "customer": f"C{number:04}", "plan": dice.choice(("office", "home")),
                "started": started, "ended": ended if left else "",
                "reason": dice.choice(("price", "moved")) if left else "", "price": dice.randrange(500, 90_000),
                "currency": "USD" if number > N_CUSTOMERS - 12 else "EUR",
            })  # fmt: skip
            if not left:
                break
            started = ended + timedelta(days=dice.randrange(60))
    return found


def _orders(dice: random.Random) -> list[Row]:
    days = (LAST_MONDAY - FIRST).days
    return [
        {
            "id": f"O{number:05}", "customer": f"C{dice.randrange(N_CUSTOMERS):04}", "lines": dice.randrange(1, 5),
            "at": f"{FIRST + timedelta(days=dice.randrange(days))} {dice.randrange(24):02}:15:00",
        }
        for number in range(900)
    ]  # fmt: skip
