"""Tickets and what happened to them, decided when the customer makes contact."""

from dataclasses import dataclass, field

from examples.generator import plan
from examples.generator.days import DAY_S, END, after_open_time
from examples.generator.dice import Dice, Luck, Weighted
from examples.generator.people import Company, Customer
from examples.generator.plan import HOME, OFFICE, TOPICS, Topic

TEAMS = {HOME: "support", OFFICE: "office-desk"}
_CHANNEL = Weighted(plan.CHANNELS)
_WAKING = (6 * 3600, 23.5 * 3600)
_DESK_HOURS = (7 * 3600, 21.9 * 3600)


@dataclass(frozen=True)
class Event:
    """One change of a ticket, or one word said in it."""

    at: int
    field: str
    old: str
    new: str
    role: str
    is_public: bool


@dataclass(eq=False)
class Ticket:
    """One contact. Moments after the last day have not happened: they are not in the files."""

    opened: int
    customer: Customer
    topic: Topic
    channel: str
    team: str
    priority: str
    replied: int
    solved: int
    """When it was solved for good."""
    sla_met: bool
    sla_known: int
    n_reopens: int
    events: list[Event] = field(default_factory=list[Event])

    @property
    def is_bots(self) -> bool:
        """The bot did the work."""
        return self.channel == "bot"


def contacts_of_day(company: Company, dice: Dice, luck: Luck, day: int) -> list[Ticket]:
    """The day's contacts, in order of time."""
    tickets: list[Ticket] = []
    for segment in (HOME, OFFICE):
        active = company.active[segment]
        for topic in TOPICS:
            rate = plan.contacts_per_100(topic, segment, day) / 100 / 28 * plan.busyness(segment, day)
            n = dice.count(len(active) * rate)
            tickets += [_ticket(dice, luck, dice.one_of(dice.one_of(active).people), topic, day) for _ in range(n)]
    return sorted(tickets, key=lambda ticket: ticket.opened)


def _ticket(dice: Dice, luck: Luck, customer: Customer, topic: Topic, day: int) -> Ticket:
    parts = [customer.segment, customer.product, topic.touchpoint]
    is_easy = day >= plan.BOT_FROM and topic.difficulty == "easy"
    takes_bot = is_easy and luck.chance("bot", plan.BOT_TAKES, [*parts, topic.name])
    channel = "bot" if takes_bot else luck.pick("channel", _CHANNEL, [*parts, topic.name])
    parts.append(channel)
    opened = day * DAY_S + int(dice.within(_DESK_HOURS if channel in ("chat", "phone") else _WAKING))
    replied, is_met = _reply(dice, luck, channel, opened, parts)
    known = replied if is_met else _due(channel, opened)
    solved_first = _solved(luck, topic, channel, replied, parts)
    ticket = Ticket(
        opened, customer, topic, channel, "bot" if takes_bot else TEAMS[customer.segment],
        "high" if dice.chance(0.1) else "normal", replied, solved_first, is_met, known, 0,
    )  # fmt: skip
    role = "bot" if takes_bot else "agent"
    ticket.events = [
        Event(opened, "status", "", "open", "customer", is_public=False),
        Event(replied, "comment", "", "", role, is_public=True),
        Event(known, "sla_met", "", "true" if is_met else "false", "", is_public=False),
        Event(solved_first, "status", "open", "solved", role, is_public=False),
    ]
    if dice.chance(plan.ASKS_AGAIN) and solved_first - replied > 3600:
        ticket.events.append(_ask_again(dice, replied, solved_first))
    if luck.chance("reopened", plan.REOPENED, parts):
        _reopen(dice, luck, ticket, role, parts)
    ticket.events = sorted((event for event in ticket.events if event.at < END), key=lambda event: event.at)
    return ticket


def _reply(dice: Dice, luck: Luck, channel: str, opened: int, parts: list[str]) -> tuple[int, bool]:
    day = opened // DAY_S
    if channel == "bot":
        return opened + int(dice.within(plan.BOT_REPLY_S)), True
    if channel in plan.REPLY_H:
        hours = luck.within("reply", plan.REPLY_H[channel], parts) * plan.pace_of_work(day)
        replied = after_open_time(opened, hours * 3600)
        return replied, replied <= _due(channel, opened)
    short = channel == "chat" and day in plan.CHAT_SHORT_STAFFED
    in_time = plan.PHONE_SLA if channel == "phone" else plan.CHAT_SLA_SHORT_STAFFED if short else plan.CHAT_SLA
    is_met = luck.chance("in time", in_time, parts)
    seconds = luck.within(f"seconds {is_met}", (plan.IN_TIME_S if is_met else plan.TOO_LATE_S)[channel], parts)
    return opened + int(seconds), is_met


def _due(channel: str, opened: int) -> int:
    seconds = plan.ANSWER_WITHIN_S[channel]
    return after_open_time(opened, seconds) if channel in plan.REPLY_H else opened + seconds


def _solved(luck: Luck, topic: Topic, channel: str, since: int, parts: list[str]) -> int:
    if channel == "bot":
        return since + int(luck.within("bot solves", plan.BOT_SOLVES_S, parts))
    hours = luck.within(f"solved {topic.difficulty}", plan.SOLVED_AFTER_H[topic.difficulty], [*parts, topic.name])
    return after_open_time(since, hours * 3600 * plan.pace_of_work(since // DAY_S))


def _ask_again(dice: Dice, replied: int, solved: int) -> Event:
    at = replied + int(dice.within((0.1, 0.9)) * (solved - replied))
    at = max(replied, min(solved, after_open_time(at, 0)))
    return Event(at, "comment", "", "", "customer", is_public=True)


def _reopen(dice: Dice, luck: Luck, ticket: Ticket, role: str, parts: list[str]) -> None:
    again = after_open_time(ticket.solved + DAY_S, dice.within((0, 40)) * 3600)
    solved = _solved(luck, ticket.topic, ticket.channel, again, parts)
    ticket.events += [
        Event(again, "status", "solved", "open", "customer", is_public=False),
        Event(solved, "status", "open", "solved", role, is_public=False),
    ]
    if again < END:
        ticket.solved, ticket.n_reopens = solved, 1
