"""What became of Acme Brew's contacts, one contact after the other, as docs/kpis.md says it and in no hurry."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from math import inf

from tests.acceptance.plain_acme import BERLIN, SOLVED, Ticket, day_of

THROUGH = date(2026, 3, 15)
OPENS, CLOSES = time(7), time(22)
ROUND_THE_CLOCK = ("bot",)
PROMISED_S = {"chat": 120, "email": 8 * 3600, "phone": 60, "social": 4 * 3600}
HOUR, WEEK, HOURS_72 = timedelta(hours=1), timedelta(days=7), timedelta(hours=72)


@dataclass(frozen=True)
class Outcome:
    """What is known of one contact: booked when, in whose segment; None: not known yet."""

    booked: datetime
    segment: str
    value: float | None


@cache
def our_hours(day: date) -> tuple[datetime, datetime]:
    """When we open and close on a local day."""
    opens, closes = (datetime.combine(day, at, BERLIN).astimezone(UTC) for at in (OPENS, CLOSES))
    return opens, closes


def in_our_hours(channel: str, start: datetime, end: datetime, enough: float = inf) -> float:
    """Seconds from start to end while the channel is open, one local day after the other until there are enough."""
    if channel in ROUND_THE_CLOCK:
        return (end - start).total_seconds()
    seconds, day = 0.0, day_of(start)
    while day <= day_of(end) and seconds < enough:
        opens, closes = our_hours(day)
        seconds += max(0.0, (min(end, closes) - max(start, opens)).total_seconds())
        day += timedelta(days=1)
    return seconds


def person_replied(ticket: Ticket) -> datetime | None:
    """When an agent first replied in public."""
    if any(role in ("agent", "bot") for _, role in ticket.said):
        return next((at for at, role in ticket.said if role == "agent"), None)
    return None if ticket.handler == "bot" else ticket.replied


def solved_for_good(ticket: Ticket) -> datetime | None:
    """When it was solved the last time; None: it is not solved now."""
    at = None
    for moved, status in ticket.statuses:
        at = (at or moved) if status in SOLVED else None
    return at if ticket.statuses else ticket.first_solved


def waiting_at(held: Iterable[Ticket], instant: datetime) -> Iterator[Ticket]:
    """Contacts that have come before an instant and are not solved then."""
    for ticket in held:
        known = [status for moved, status in ticket.statuses if moved < instant]
        is_solved = known[-1] in SOLVED if known else ticket.first_solved is not None and ticket.first_solved < instant
        if ticket.opened < instant and not is_solved:
            yield ticket


def exchanges(ticket: Ticket) -> list[list[tuple[datetime, str]]]:
    """Messages between the customer and people: sessions of a chat, elsewhere each by itself."""
    found: list[list[tuple[datetime, str]]] = []
    for at, role in ticket.said:
        if role == "bot":
            continue
        if ticket.channel == "chat" and found and at - found[-1][-1][0] < HOUR:
            found[-1].append((at, role))
        else:
            found.append([(at, role)])
    return found


def n_touches(ticket: Ticket, until: datetime) -> int:
    """Exchanges in which an agent had replied by then."""
    firsts = [next((at for at, role in exchange if role == "agent"), None) for exchange in exchanges(ticket)]
    return sum(at is not None and at <= until for at in firsts)


def replies_by_people(held: Iterable[Ticket]) -> Iterator[Outcome]:
    """Seconds until a person first replied."""
    for ticket in held:
        at = person_replied(ticket)
        if at is not None:
            yield Outcome(ticket.opened, ticket.segment, (at - ticket.opened).total_seconds())


def replies_in_hours(held: Iterable[Ticket]) -> Iterator[Outcome]:
    """Seconds of our hours until the first reply."""
    for ticket in held:
        if ticket.replied:
            yield Outcome(ticket.opened, ticket.segment, in_our_hours(ticket.channel, ticket.opened, ticket.replied))


def resolutions_in_hours(held: Iterable[Ticket]) -> Iterator[Outcome]:
    """Seconds of our hours until it was solved for good."""
    for ticket in held:
        at = solved_for_good(ticket)
        if at is not None:
            yield Outcome(at, ticket.segment, in_our_hours(ticket.channel, ticket.opened, at))


def one_touches(held: Iterable[Ticket]) -> Iterator[Outcome]:
    """1 for a contact that is solved with one reply, 0 for more."""
    for ticket in held:
        at = solved_for_good(ticket)
        n = n_touches(ticket, at) if at else 0
        if at and n:
            yield Outcome(at, ticket.segment, float(n == 1))


def waits_for_us(held: Iterable[Ticket]) -> Iterator[Outcome]:
    """Seconds until it was solved for good, less those in which it was solved before."""
    for ticket in held:
        at = solved_for_good(ticket)
        if at is None or not ticket.statuses:
            continue
        seconds, since = 0.0, ticket.opened
        is_solved = False
        for moved, status in ticket.statuses:
            if moved > at:
                break
            if not is_solved:
                seconds += (moved - since).total_seconds()
            since, is_solved = moved, status in SOLVED
        yield Outcome(at, ticket.segment, seconds)


def backs(held: Iterable[Ticket], *, elsewhere: bool = False) -> dict[int, datetime]:
    """When the customer of a contact came next, by the contact's identity."""
    of: dict[str, list[Ticket]] = defaultdict(list)
    for ticket in held:
        if ticket.customer:
            of[ticket.customer].append(ticket)
    found: dict[int, datetime] = {}
    for theirs in of.values():
        for ticket in theirs:
            later = [
                other.opened for other in theirs
                if other.opened > ticket.opened
                and not (elsewhere and ("" in (ticket.channel, other.channel) or other.channel == ticket.channel))
            ]  # fmt: skip
            if later:
                found[id(ticket)] = min(later)
    return found


def once_over(over: datetime, *, is_so: bool) -> float | None:
    """What is known of something that is decided when its time is over."""
    return float(is_so) if day_of(over) <= THROUGH else None


def repeats(held: list[Ticket], within: timedelta, *, elsewhere: bool = False) -> Iterator[Outcome]:
    """1 for a contact whose customer is back in time, 0 for others, once the time is over."""
    back = backs(held, elsewhere=elsewhere)
    for ticket in held:
        if not ticket.customer or (elsewhere and not ticket.channel):
            continue
        at, over = back.get(id(ticket)), ticket.opened + within
        is_back = at is not None and at < over
        yield Outcome(ticket.opened, ticket.segment, once_over(over, is_so=is_back))


def contained(held: list[Ticket]) -> Iterator[Outcome]:
    """1 for a bot's contact that needed nothing else, 0 for one that did."""
    back = backs(held)
    for ticket in held:
        person, bots = person_replied(ticket), [at for at, role in ticket.said if role == "bot"]
        is_bots = ticket.handler == "bot" or (bots and (person is None or bots[0] < person))
        if not ticket.customer or not is_bots:
            continue
        at, over = back.get(id(ticket)), ticket.opened + HOURS_72
        failed = person is not None or (at is not None and at < over)
        yield Outcome(ticket.opened, ticket.segment, once_over(over, is_so=not failed))


def first_time_right(held: list[Ticket]) -> Iterator[Outcome]:
    """1 for a contact that one reply solved once and for all."""
    back = backs(held)
    for ticket in held:
        at = ticket.first_solved
        n = n_touches(ticket, at) if at else 0
        if not ticket.customer or at is None or n == 0:
            continue
        over, again = at + WEEK, back.get(id(ticket))
        reopened = next((moved for moved, status in ticket.statuses if moved > at and status not in SOLVED), None)
        failed = n > 1 or (again is not None and again < over) or (reopened is not None and reopened < over)
        yield Outcome(at, ticket.segment, once_over(over, is_so=not failed))


def promises_kept(held: list[Ticket]) -> Iterator[Outcome]:
    """1 for a contact that was answered within what its channel promises, 0 for one whose time is over."""
    midnight = datetime.combine(THROUGH + timedelta(days=1), time(0), BERLIN).astimezone(UTC)
    for ticket in held:
        if ticket.channel not in PROMISED_S:
            continue
        bots = next((at for at, role in ticket.said if role in ("agent", "bot")), ticket.replied)
        ways = (person_replied(ticket), bots if ticket.handler == "bot" else None, ticket.first_solved)
        answered = min((at for at in ways if at is not None), default=None)
        waited, promised = in_our_hours(ticket.channel, ticket.opened, answered or midnight), PROMISED_S[ticket.channel]
        is_kept = answered is not None and waited <= promised
        is_over = in_our_hours(ticket.channel, ticket.opened, midnight, promised) >= promised
        yield Outcome(ticket.opened, ticket.segment, 1.0 if is_kept else 0.0 if is_over else None)


SHARES: dict[str, Callable[[list[Ticket]], Iterator[Outcome]]] = {
    "answered_in_time": promises_kept,
    "one_touch_rate": one_touches,
    "bot_containment": contained,
    "first_contact_resolution": first_time_right,
    "repeat_contact_rate": lambda held: repeats(held, WEEK),
    "repeat_contact_rate_30d": lambda held: repeats(held, timedelta(days=30)),
    "channel_switch_rate": lambda held: repeats(held, HOURS_72, elsewhere=True),
}
MEDIANS: dict[str, Callable[[list[Ticket]], Iterator[Outcome]]] = {
    "first_reply_time_people": replies_by_people,
    "first_reply_time_business": replies_in_hours,
    "full_resolution_time_business": resolutions_in_hours,
}
