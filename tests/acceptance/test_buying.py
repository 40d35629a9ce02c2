"""Customers without a contract: what is said of them, against a shop of which it is known who is gone."""

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests.acceptance.runner import answer, cxloop, run_loop
from tests.acceptance.small import ROADMAP

pytestmark = pytest.mark.usefixtures("undrawn")

FIRST, LAST, MONDAY = date(2025, 1, 1), date(2026, 3, 15), date(2026, 3, 16)
DAYS, N_CUSTOMERS, N_BOUND = 90, 1500, 40
SOURCES = """\
version: 1
sources:
  shop:
    kind: files
    path: orders.csv
    format: csv
    zone: UTC
    complete_through: 2026-03-15
    tables:
      orders: {key: id, columns: {customer_id: customer, ordered_at: day, quantity: pieces, amount_minor: cents, currency: currency}}
  crm:
    kind: files
    path: contracts.csv
    format: csv
    zone: UTC
    namespace: shop
    complete_through: 2026-03-15
    tables:
      subscriptions: {key: id, columns: {customer_id: customer, started_at: started, ended_at: ended}}
"""  # noqa: E501


@dataclass(frozen=True)
class Buyer:
    """One customer as made up: every purchase, those to come too, with its cents, and whether they are gone on LAST."""

    name: str
    bought: list[tuple[date, int]]
    is_gone: bool

    @property
    def known(self) -> list[date]:
        return sorted({day for day, _ in self.bought if day <= LAST})

    @property
    def to_come(self) -> int:
        return len({day for day, _ in self.bought if LAST < day <= LAST + timedelta(days=DAYS)})


def crowd() -> list[Buyer]:
    """Each buys at a pace of their own, and after each purchase but the first may have had enough."""
    dice = random.Random(20_260_315)
    made: list[Buyer] = []
    for number in range(N_CUSTOMERS):
        pace, enough = dice.gammavariate(1.0, 1 / 30), dice.betavariate(0.8, 2.4)
        day, price = float(dice.randrange(300)), dice.randrange(500, 9000)
        bought, gone_on = [(FIRST + timedelta(days=int(day)), price)], date.max
        while gone_on == date.max and day < 700:
            day += dice.expovariate(pace)
            if day < 700:
                bought.append((FIRST + timedelta(days=int(day)), price + dice.randrange(300)))
                gone_on = bought[-1][0] if dice.random() < enough else date.max
        made.append(Buyer(f"B{number:04}", bought, is_gone=gone_on <= LAST))
    return made


def shop(folder: Path, buyers: list[Buyer]) -> Path:
    """A shop with these buyers' orders; the first N_BOUND have a contract that runs, the next one that has ended."""
    folder.mkdir()
    (folder / "roadmap.yaml").write_text(
        f"{ROADMAP}kpis: [purchase_frequency]\nchurn: {{watch: true}}\n", encoding="utf-8"
    )
    (folder / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    known = [(one.name, day, cents) for one in buyers for day, cents in one.bought if day <= LAST]
    orders = [f"{i},{name},{day},1,{cents},EUR" for i, (name, day, cents) in enumerate(known)]
    taken_back = [f"back,{buyers[-1].name},{LAST},-1,-500,EUR"]
    contracts = [f"{i},{one.name},2025-01-01," for i, one in enumerate(buyers[:N_BOUND])]
    contracts += [f"old,{buyers[N_BOUND].name},2024-01-01,2025-01-01"] if len(buyers) > N_BOUND else []
    for name, head, rows in (
        ("orders", "id,customer,day,pieces,cents,currency", [*orders, *taken_back]),
        ("contracts", "id,customer,started,ended", contracts),
    ):
        (folder / f"{name}.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def buyers() -> dict[str, Buyer]:
    return {f"shop:{one.name}": one for one in crowd()}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, buyers: dict[str, Buyer]) -> Path:
    folder = shop(tmp_path_factory.mktemp("buying") / "shop", list(buyers.values()))
    assert run_loop(folder, MONDAY) is None
    return folder


def free(buyers: dict[str, Buyer]) -> dict[str, Buyer]:
    """Those without a running contract who bought by LAST."""
    return {name: one for i, (name, one) in enumerate(buyers.items()) if i >= N_BOUND and one.known}


def test_who_bought_when_and_for_how_much_is_a_count_row_by_row(project: Path, buyers: dict[str, Buyer]) -> None:
    told = answer(project, "customers", "buying", "--limit", "10000")
    rows = {row["customer_id"]: row for row in told["customers"]}
    assert set(rows) == set(free(buyers))
    assert (told["as_of"], told["n_customers"], told["n_with_contract"]) == (str(LAST), len(rows), N_BOUND)
    for name, one in free(buyers).items():
        row, days = rows[name], one.known
        gaps = [(later - earlier).days for earlier, later in pairwise(days)]
        gap = sum(gaps) / len(gaps) if gaps else None
        quiet = (LAST - days[-1]).days
        assert (row["n_purchases"], row["last"], row["quiet_days"]) == (len(days), str(days[-1]), quiet)
        assert row["gap_days"] == (None if gap is None else pytest.approx(gap))
        assert row["is_quiet"] == (None if gap is None else quiet > 3 * gap)
        assert row["spent_minor"] == sum(cents for day, cents in one.bought if day <= LAST)


def test_the_chance_to_be_there_and_the_purchases_to_come_are_those_of_the_truth(
    project: Path, buyers: dict[str, Buyer]
) -> None:
    told = answer(project, "customers", "buying", "--limit", "10000", "--days", str(DAYS))
    rows = [row for row in told["customers"] if row["n_purchases"] > 1]
    by_tenth: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for row in rows:
        by_tenth[min(4, int(5 * row["alive_share"]))].append(
            (row["alive_share"], not buyers[row["customer_id"]].is_gone)
        )
    for cases in by_tenth.values():
        foretold, true = (sum(map(float, side)) / len(cases) for side in zip(*cases, strict=True))
        assert abs(foretold - true) < 3 * (0.25 / len(cases)) ** 0.5
    actual = [buyers[row["customer_id"]].to_come for row in told["customers"]]
    assert sum(row["n_expected"] for row in told["customers"]) == pytest.approx(sum(actual), rel=0.1)
    held = [row["likely_low"] <= n <= row["likely_high"] for row, n in zip(told["customers"], actual, strict=True)]
    assert sum(held) / len(held) > 0.94
    is_gone = [buyers[row["customer_id"]].is_gone for row in rows if row["standing"] == "probably gone"]
    assert len(is_gone) > 50
    assert sum(is_gone) / len(is_gone) > 0.75


def test_who_would_bring_most_and_is_likeliest_gone_stands_first(project: Path) -> None:
    told = answer(project, "customers", "buying", "--limit", "10000")
    stakes = [row["at_stake_minor"] for row in told["customers"] if row["at_stake_minor"] is not None]
    assert stakes == sorted(stakes, reverse=True)
    once = [row for row in told["customers"] if row["n_purchases"] == 1]
    assert {(row["standing"], row["at_stake_minor"]) for row in once} == {("bought once", None)}
    (stake,) = told["at_stake"]
    assert stake["at_stake_minor"] == pytest.approx(sum(stakes), abs=len(stakes))
    assert stake["low_minor"] < stake["at_stake_minor"] < stake["high_minor"]


def test_what_became_of_those_judged_before_stands_beside_it(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = {row["standing"]: row for row in answer(project, "customers", "buying")["standings"]}
    assert told["probably gone"]["bought_share"] < 0.5 < told["buys"]["bought_share"]
    assert cxloop(project, "customers", "buying", "--limit", "3") == 0
    said = capsys.readouterr()
    assert "Customers without a contract, as of 15 Mar 2026: 1,4" in said.out
    assert f", {N_BOUND} with one left out" in said.out
    assert "judged so 90 days before" in said.out
    assert "quiet too long" in said.out
    assert said.out.count("shop:B") == 3
    assert said.err == ""


def test_the_weekly_summary_says_in_a_line_what_the_command_says(project: Path) -> None:
    standings = {row["standing"]: row for row in answer(project, "customers", "buying")["standings"]}
    gone = standings.pop("probably gone")
    n_back = gone["n"] + standings["buys"]["n"] + standings["unsure"]["n"]
    page = (project / "out" / "summary" / "latest.html").read_text(encoding="utf-8").replace("\u00a0", " ")
    said = f"{gone['n']} of {n_back:,} who came back are probably gone (of {gone['n_then']} judged so 90 days before, "
    assert said in page


def test_too_few_orders_are_told_by_the_plain_rule_alone(
    tmp_path: Path, buyers: dict[str, Buyer], capsys: pytest.CaptureFixture[str]
) -> None:
    few = shop(tmp_path / "few", list(buyers.values())[N_BOUND : N_BOUND + 30])
    (few / "contracts.csv").write_text("id,customer,started,ended\n", encoding="utf-8")
    assert run_loop(few, MONDAY) is None
    assert cxloop(few, "customers", "buying") == 0
    said = capsys.readouterr().out
    assert "Too few orders to say: who is probably gone cannot be told: 30 customers" in said
    assert "By the plain rule" in said
    assert "still there" not in said
    told = answer(few, "customers", "buying")
    assert {row["alive_share"] for row in told["customers"]} == {None}
    assert told["customers"][0]["is_quiet"]
    assert told["at_stake"] == []
    assert "who came back" not in (few / "out" / "summary" / "latest.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("days", ["0", "5000"])
def test_days_that_make_no_sense_are_refused(project: Path, days: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cxloop(project, "customers", "buying", "--days", days) == 2
    assert "--days" in capsys.readouterr().err
