"""Customers who write and buy by two ids: what they do again counts as if they had one, whenever that came to light."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from numpy.random import Generator, default_rng

from domain.scopes import WHOLE
from tests.acceptance.dumps import table
from tests.acceptance.runner import answer, cxloop, run_loop
from tests.acceptance.small import ROADMAP

pytestmark = pytest.mark.usefixtures("undrawn")

FIRST = datetime(2026, 3, 1, tzinfo=UTC)
THROUGH = (date(2026, 3, 20), date(2026, 3, 22), date(2026, 3, 31))
N, N_CUSTOMERS = 220, 45
MEASURED = ("kpi_days", "kpi_stretches", "kpi_values", "kpi_years")
KPIS = (
    "kpis: [first_contact_resolution, bot_containment, repeat_contact_rate, repeat_contact_rate_30d, "
    "channel_switch_rate, repeat_purchase_rate, purchase_frequency]\n"
)
SOURCES = """\
version: 1
sources:
  desk:
    kind: files
    path: tickets_*.csv
    format: csv
    zone: UTC
    complete_through: {through}
    tables:
      tickets:
        key: id
        columns: {{customer_id: customer, channel: channel, topic: "'bill'", status: "'solved'", opened_at: at, resolved_at: solved}}
  shop:
    kind: files
    path: orders_*.csv
    format: csv
    zone: UTC
    complete_through: {through}
    namespace: desk
    tables:
      orders:
        key: id
        columns: {{customer_id: customer, product: "'beans'", quantity: "1", amount_minor: "1990", currency: "'EUR'", ordered_at: at}}
  crm:
    kind: files
    path: identities_*.csv
    format: csv
    zone: UTC
    complete_through: {through}
    namespace: desk
    tables:
      identities:
        key: customer
        columns: {{customer_id: customer, kind: "'email'", value_hash: email}}
"""  # noqa: E501
HEADS = {"tickets": "id,customer,channel,at,solved", "orders": "id,customer,at", "identities": "customer,email"}
DEEDS = ("tickets", "orders")
Rows = dict[str, list[str]]
Naming = Callable[[int, bool], str]
"""A customer's id: of whom, and whether by the second one."""


def told(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


class Deed:
    """Something that a customer did: a contact, or an order."""

    def __init__(self, draw: Generator, number: int) -> None:
        self.number, self.customer = number, int(draw.integers(0, N_CUSTOMERS))
        self.at = FIRST + timedelta(minutes=int(draw.integers(0, 30 * 1440)))
        self.solved = self.at + timedelta(minutes=int(draw.exponential(2000)))
        self.channel = str(draw.choice(["email", "chat", "bot"]))
        self.is_second, self.is_order = bool(draw.random() < 0.4), bool(draw.random() < 0.3)

    def row(self, naming: Naming) -> str:
        who = naming(self.customer, self.is_second)
        if self.is_order:
            return f"O{self.number},{who},{told(self.at)}"
        return f"T{self.number},{who},{self.channel},{told(self.at)},{told(self.solved)}"


def one_id(customer: int, _: bool) -> str:
    return f"c{customer}"


def two_ids(customer: int, is_second: bool) -> str:
    return f"{'w' if is_second else 'c'}{customer}"


def tied(customers: range) -> list[str]:
    return [f"{naming}{customer},{customer}@example.org" for customer in customers for naming in "cw"]


def turn(folder: Path, through: date, step: int, rows: Rows) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "roadmap.yaml").write_text(ROADMAP + KPIS, encoding="utf-8")
    (folder / "sources.yaml").write_text(SOURCES.format(through=through), encoding="utf-8")
    for name, head in HEADS.items():
        (folder / f"{name}_{step}.csv").write_text("\n".join([head, *rows.get(name, [])]) + "\n", encoding="utf-8")
    assert run_loop(folder, through + timedelta(days=1)) is None


def deeds(every: list[Deed], since: datetime, until: datetime, naming: Naming) -> Rows:
    held = [deed for deed in every if since <= deed.at < until]
    return {name: [deed.row(naming) for deed in held if deed.is_order == (name == "orders")] for name in DEEDS}


def figures(folder: Path) -> list[list[dict]]:
    return [table(folder, name) for name in MEASURED]


@pytest.fixture
def every() -> list[Deed]:
    draw = default_rng(7)
    return [Deed(draw, number) for number in range(N)]


def test_two_ids_of_a_person_count_as_one_whenever_that_came_to_light(
    tmp_path: Path, every: list[Deed], monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = [datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1) for day in THROUGH]
    turn(tmp_path / "one id", THROUGH[-1], 0, deeds(every, FIRST, ends[-1], one_id))

    known = [range(20), range(20, 30), range(30, N_CUSTOMERS)]  # the last ones are tied long after they wrote
    for step, (since, until) in enumerate(zip([FIRST, *ends], ends, strict=False)):
        rows = deeds(every, since, until, two_ids) | {"identities": tied(known[step])}
        turn(tmp_path / "bit by bit", THROUGH[step], step, rows)
    assert figures(tmp_path / "bit by bit") == figures(tmp_path / "one id")

    monkeypatch.setenv("CXLOOP_ROWS_AT_ONCE", "60")
    whole = deeds(every, FIRST, ends[-1], two_ids) | {"identities": tied(range(N_CUSTOMERS))}
    turn(tmp_path / "in pieces", THROUGH[-1], 0, whole)
    assert figures(tmp_path / "in pieces") == figures(tmp_path / "one id")
    switches = [answer(tmp_path / name, "paths")["switches"] for name in ("one id", "in pieces")]
    assert switches[0] == switches[1] != []


def test_a_decision_that_two_customers_are_one_moves_what_they_did_again(tmp_path: Path) -> None:
    folder, start = tmp_path / "decided", FIRST
    rows = [f"T{n},{who},email,{told(start + timedelta(days=n))},{told(start + timedelta(days=n, hours=1))}"
            for n, who in enumerate(["c1", "w1", "c2"])]  # fmt: skip
    turn(folder, THROUGH[0], 0, {"tickets": rows})

    def came_back() -> float:
        held = table(folder, "kpi_days")
        return sum(row["total"] for row in held if row["kpi"] == "repeat_contact_rate" and row["scope"] == WHOLE)

    assert came_back() == 0
    assert cxloop(folder, "customers", "merge", "desk:c1", "desk:w1", "--why", "she told us", "--by", "lead") == 0
    assert run_loop(folder, THROUGH[0] + timedelta(days=1)) is None
    assert came_back() == 1
    assert cxloop(folder, "customers", "apart", "desk:c1", "desk:w1", "--why", "twins", "--by", "lead") == 0
    assert run_loop(folder, THROUGH[0] + timedelta(days=1)) is None
    assert came_back() == 0
