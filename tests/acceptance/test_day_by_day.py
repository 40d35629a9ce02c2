"""Acme Brew's figures measured in pieces of one day each, and of a few keys, beside the same measured at once."""

import csv
import gzip
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from domain.windows import Window
from tasks.measure.pieces import Counting, Cutting, Slice, stretches_of
from tests.acceptance.dumps import differences, table, tables_of
from tests.acceptance.examples import example
from tests.acceptance.runner import run_loop
from tests.acceptance.test_long_histories import MEASURED, forgotten

pytestmark = pytest.mark.usefixtures("undrawn")

FIRST, MONDAY = date(2025, 10, 20), date(2025, 11, 17)
"""Four weeks that hold the end of a month and of summer time."""
ORDERED = MONDAY - timedelta(days=98)
"""Since when orders are known: how often customers buy is told after 90 days."""
ONE_IN = 12
TOLD = {
    "answered_in_time", "backlog_age_p90", "bot_containment", "channel_switch_rate", "churn_rate", "contact_rate",
    "failed_search_rate", "first_contact_resolution", "first_reply_time_business", "net_revenue_retention", "nps",
    "purchase_frequency", "renewal_rate", "repeat_purchase_rate", "sentiment", "survey_response_rate", "winback_rate",
    "lines", "price", "stars", "time_open", "top_scores",
}  # fmt: skip
"""KPIs of every family among those that are compared, and the company's own."""
HAPPENED = {
    "tickets": "opened_at", "after_help_answers": "answered_at", "relationship_answers": "answered_at",
    "survey_sends": "sent_at", "help_center_days": "day",
}  # fmt: skip
OWN = """\
version: 1
kpis:
  top_scores: {question: How many?, fact: survey_answers, statistic: share, numerator: score >= satisfied_from, better: up}
  stars: {question: How do they rate us?, fact: reviews, statistic: mean, value: rating, better: up}
  time_open: {question: How long?, fact: tickets, statistic: quantile, quantile: 0.5, value: resolved_at - opened_at,
              known_at: resolved_at, better: down, booked_at: resolved_at}
  lines: {question: How much?, fact: orders, statistic: mean, value: quantity, better: up}
  price: {question: At which price?, fact: subscriptions, statistic: mean, value: mrr_minor, booked_at: started_at, better: up}
"""  # noqa: E501
SHOP = """\
  shop:
    kind: files
    path: data/orders.csv
    format: csv
    zone: Europe/Berlin
    dates: ["%Y-%m-%d %H:%M:%S"]
    namespace: acme
    complete_through: 2026-03-15
    tables:
      orders: {key: id, columns: {customer_id: customer, ordered_at: at, quantity: lines}}
"""


def is_kept(row: dict[str, str]) -> bool:
    """One customer in so many, with all that is theirs; and what is of nobody."""
    return int(row.get("customer_id", "C0")[1:] or 0) % ONE_IN == 0


def cut(folder: Path, name: str, is_wanted: Callable[[dict[str, str]], bool]) -> list[dict[str, str]]:
    """Keep some rows of a file."""
    file = folder / "data" / f"{name}.csv.gz"
    with gzip.open(file, "rt", encoding="utf-8", newline="") as held:
        rows = [row for row in csv.DictReader(held) if is_wanted(row)]
    with gzip.open(file, "wt", encoding="utf-8", newline="") as held:
        told = csv.DictWriter(held, rows[0])
        told.writeheader()
        told.writerows(rows)
    return rows


def is_within(at: str) -> bool:
    return str(FIRST) <= at < str(MONDAY)


@pytest.fixture
def brew(tmp_path: Path) -> Path:
    """A part of Acme Brew, with a shop and KPIs of its own."""
    folder = example("acme", tmp_path / "brew")
    kept = {
        name: cut(folder, name, lambda row, at=at: is_kept(row) and is_within(row[at])) for name, at in HAPPENED.items()
    }
    tickets = {row["ticket"] for row in kept["tickets"]}
    cut(folder, "ticket_events", lambda row: row["ticket"] in tickets and is_within(row["at"]))
    contracts = cut(folder, "subscriptions", lambda row: is_kept(row) and row["started_on"] < str(MONDAY))
    cut(folder, "customers", is_kept)
    reviews = folder / "data" / "reviews.jsonl.gz"
    with gzip.open(reviews, "rt", encoding="utf-8") as held:
        lines = [line for line in held if is_within(json.loads(line)["published"])]
    with gzip.open(reviews, "wt", encoding="utf-8") as held:
        held.writelines(lines)
    orders = ["id,customer,at,lines"]
    for n, row in enumerate(contracts[::5]):  # some of them at the hour that comes twice
        days = [ORDERED + timedelta(days=d + n % 2) for d in range(n % 9 * 7, 97, 7 + n % 5 * 7)]
        orders += [f"{n}-{i},{row['customer_id']},{day} 0{n % 4}:30:00,{n % 9}" for i, day in enumerate(days)]
    (folder / "data" / "orders.csv").write_text("\n".join(orders) + "\n", encoding="utf-8")
    (folder / "kpis.yaml").write_text(OWN, encoding="utf-8")
    sources = folder / "sources.yaml"
    text = sources.read_text(encoding="utf-8").rstrip("\n") + "\n" + SHOP
    text = text.replace("ended_at: ended_on", "ended_at: ended_on\n          term_ends_at: started_on")
    sources.write_text(text.replace("2026-03-15", str(MONDAY - timedelta(days=1))), encoding="utf-8")
    return folder


def day_by_day(
    months: Iterable[tuple[Window, int]], _most: int, count: Counting, _cut: Cutting
) -> Iterator[list[Slice]]:
    """The pieces of a history: of each stretch the days that have any facts, one by one."""
    for month, _n in months:
        for stretch in stretches_of(month):
            days = (stretch.start + timedelta(days=i) for i in range(stretch.days))
            windows = [Window(day, day + timedelta(days=1)) for day in days]
            if held := [Slice(window) for window in windows if count(window)]:
                yield held


def test_a_history_measured_day_by_day_gives_what_it_gives_at_once(brew: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_loop(brew, MONDAY) is None
    at_once = tables_of(brew, *MEASURED)
    kpis = {row["kpi"] for name in ("kpi_days", "kpi_values") for row in table(brew, name)}
    assert kpis >= TOLD
    forgotten(brew)
    monkeypatch.setattr("tasks.measure.steps.history.pieces", day_by_day)
    monkeypatch.setenv("CXLOOP_ROWS_AT_ONCE", "90")
    assert run_loop(brew, MONDAY) is None
    assert differences(at_once, tables_of(brew, *MEASURED)) == []
