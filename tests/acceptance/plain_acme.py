"""Acme Brew's figures counted in plain Python, row by row, from the raw files: nothing here is the product's.

Slow and simple on purpose: what it says is what docs/kpis.md says, one row after the other.
"""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
NEVER = date(9999, 12, 31)
SOLVED = ("solved", "closed")
TEST_CUSTOMER = "C000000"

Raw = Mapping[str, str]


def read(folder: Path, name: str) -> list[dict[str, str]]:
    """A file of the company, every cell a text."""
    with gzip.open(folder / "data" / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def local(text: str) -> datetime | None:
    """A local time as an instant; None where it cannot be read, does not exist or cannot be true."""
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d"):
        try:
            told = datetime.strptime(text, form).replace(tzinfo=BERLIN)
        except ValueError:
            continue
        instant = told.astimezone(UTC)
        exists = instant.astimezone(BERLIN).replace(tzinfo=None) == told.replace(tzinfo=None)
        return instant if exists and 1990 < told.year < 2090 else None
    return None


def world(text: str) -> datetime | None:
    """An instant of UTC; None where it cannot be read."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


@cache
def day_of(instant: datetime) -> date:
    """The day in the company's zone; kept, for one contact is asked for its day by every KPI and month."""
    return instant.astimezone(BERLIN).date()


def without_duplicates(rows: Iterable[dict[str, str]], key: str) -> Iterator[dict[str, str]]:
    """Rows that are equal once; rows of one key that differ not at all."""
    versions: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        if row not in versions[row[key]]:
            versions[row[key]].append(row)
    return (found[0] for found in versions.values() if len(found) == 1)


@dataclass(frozen=True)
class Ticket:
    """One contact, with what became of it."""

    opened: datetime
    segment: str
    channel: str
    is_met: bool | None
    replied: datetime | None
    first_solved: datetime | None
    n_reopens: int
    customer: str
    handler: str
    said: list[tuple[datetime, str]]
    """Public comments in order: when, and the role of who said it."""
    statuses: list[tuple[datetime, str]]


def first_reply(said: Iterable[tuple[datetime, str]]) -> datetime | None:
    """When one of us, or a bot, first said something."""
    return min((at for at, role in said if role in ("agent", "bot")), default=None)


def tickets(folder: Path) -> list[Ticket]:
    """Contacts that are true and none of the company's own, spam or tests."""
    solved: dict[str, datetime] = {}
    has_status: set[str] = set()
    said: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    statuses: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for event in read(folder, "ticket_events"):
        at = local(event["at"])
        if at is None:
            continue
        name = event["ticket"]
        if event["event"] == "comment" and event["public"] == "true":
            said[name].append((at, event["actor_role"]))
        if event["event"] == "status":
            has_status.add(name)
            statuses[name].append((at, event["new"]))
            if event["new"] in SOLVED:
                solved[name] = min(at, solved.get(name, at))
    found: list[Ticket] = []
    for row in without_duplicates(read(folder, "tickets"), "ticket"):
        opened, resolved = local(row["opened_at"]), local(row["resolved_at"])
        if opened is None or (row["resolved_at"] and resolved is None):
            continue
        if resolved is not None and resolved < opened:
            continue
        if row["customer_id"] == TEST_CUSTOMER or row["topic"] == "spam":
            continue
        name = row["ticket"]
        found.append(
            Ticket(
                opened=opened,
                segment=row["segment"],
                channel=row["channel"],
                is_met={"true": True, "false": False, "": None}[row["sla_met"]],
                replied=first_reply(said[name]) or local(row["first_reply_at"]),
                first_solved=solved.get(name) if name in has_status else resolved,
                n_reopens=int(row["reopens"]),
                customer=row["customer_id"],
                handler=row["handler"],
                said=sorted(said[name], key=lambda told: (told[0], told[1] == "agent")),
                statuses=sorted(statuses[name], key=lambda told: told[0]),
            )
        )
    return found


@dataclass(frozen=True)
class Answer:
    """One score."""

    response: str
    answered: datetime
    account: str
    segment: str
    score: int


def answers(folder: Path, name: str, lowest: int, highest: int) -> list[Answer]:
    """Answers that have a score on the scale."""
    found: list[Answer] = []
    for row in without_duplicates(read(folder, name), "response"):
        answered = world(row["answered_at"])
        if answered is None or row["customer_id"] == TEST_CUSTOMER or not row["score"].lstrip("-").isdigit():
            continue
        if lowest <= int(row["score"]) <= highest:
            found.append(Answer(row["response"], answered, row["account_id"], row["segment"], int(row["score"])))
    return found


def voices(given: Iterable[Answer]) -> list[Answer]:
    """Answers of homes as they are, and the latest one of each office: an account is one voice."""
    heard: dict[str, Answer] = {}
    for answer in sorted(given, key=lambda answer: (answer.answered, answer.response)):
        is_office = answer.segment == "office" and answer.account
        heard[answer.account if is_office else answer.response] = answer
    return list(heard.values())


@dataclass(frozen=True)
class Contract:
    """One subscription: first day, first day without, and cents a month."""

    customer: str
    segment: str
    start: date
    end: date
    cents: int
    reason: str


def contracts(folder: Path) -> list[Contract]:
    """Subscriptions whose days can be read."""
    found: list[Contract] = []
    for row in without_duplicates(read(folder, "subscriptions"), "subscription"):
        start, end = local(row["started_on"]), local(row["ended_on"])
        if start is None or row["customer_id"] == TEST_CUSTOMER:
            continue
        last = day_of(end) if end else NEVER
        cents = int(row["mrr_minor"] or 0)
        found.append(Contract(row["customer_id"], row["segment"], day_of(start), last, cents, row["reason"]))
    return found


def nps(scores: Iterable[int]) -> tuple[float, int]:
    """Promoters less detractors in points, and how many answered."""
    n = n_promoters = n_detractors = 0
    for score in scores:
        n += 1
        n_promoters += score >= 9
        n_detractors += score <= 6
    return 100 * (n_promoters - n_detractors) / n, n


def share(flags: Iterable[bool]) -> tuple[float, int]:
    """The share that is true, and of how many."""
    n = n_true = 0
    for flag in flags:
        n += 1
        n_true += flag
    return n_true / n, n


def median(seconds: list[float]) -> float:
    """The exact median; of two in the middle the lower."""
    return sorted(seconds)[(len(seconds) - 1) // 2]


def customers_on(held: Iterable[Contract], day: date) -> set[str]:
    """Who has a contract on a day."""
    return {contract.customer for contract in held if contract.start <= day < contract.end}


def left_within(held: Iterable[Contract], start: date, end: date) -> tuple[int, int]:
    """Of the customers of the day before a period, those whose last contract without a gap ended in it."""
    before = start - timedelta(days=1)
    there = customers_on(held, before)
    of: dict[str, list[Contract]] = defaultdict(list)
    for contract in held:
        if contract.customer in there:
            of[contract.customer].append(contract)
    n_left = 0
    for theirs in of.values():
        reach = before
        for contract in sorted(theirs, key=lambda contract: contract.start):
            if contract.start <= reach:
                reach = max(reach, contract.end)
        n_left += reach < end
    return n_left, len(there)


def leavings(held: Iterable[Contract]) -> list[tuple[date, date | None]]:
    """Each first day on which a customer has no contract any more, and the first day of the next one."""
    of: dict[str, list[Contract]] = defaultdict(list)
    for contract in held:
        of[contract.customer].append(contract)
    return [
        (end, min((contract.start for contract in theirs if contract.start > end), default=None))
        for theirs in of.values()
        for end in sorted({contract.end for contract in theirs} - {NEVER})
        if not any(contract.start <= end < contract.end for contract in theirs)
    ]


def revenue_on(held: Iterable[Contract], day: date) -> dict[str, int]:
    """Cents a month that each customer pays on a day."""
    found: dict[str, int] = defaultdict(int)
    for contract in held:
        if contract.start <= day < contract.end and contract.cents:
            found[contract.customer] += contract.cents
    return found


def lost_and_left(held: list[Contract], start: date, end: date) -> tuple[int, int, int]:
    """Of those who paid before a period: cents a month then, lost by its last day, and paid on its last day."""
    before, after = revenue_on(held, start - timedelta(days=1)), revenue_on(held, end - timedelta(days=1))
    lost = sum(max(0, cents - after.get(who, 0)) for who, cents in before.items())
    return sum(before.values()), lost, sum(after.get(who, 0) for who in before)
