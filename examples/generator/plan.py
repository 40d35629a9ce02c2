"""The company in numbers: what is true of it, and what was planted (see `stories.yaml`).

Everything that is not planted stays as it is for 18 months, or slowly gets better.
"""

from dataclasses import dataclass
from datetime import date

from examples.generator.days import index_of, share_of_span

HOME, OFFICE = "home", "office"

# --- planted -----------------------------------------------------------------------------------------------------

SURVEY_MOVED = index_of(date(2025, 5, 19))
NPS_BEFORE_MOVE = 0.08
BOT_FROM = index_of(date(2025, 10, 6))
BOT_TAKES = 0.60
CHAT_SHORT_STAFFED = range(index_of(date(2025, 10, 27)), index_of(date(2025, 12, 8)))
CHAT_SLA, CHAT_SLA_SHORT_STAFFED = 0.87, 0.45
OFFICE_SLIDE_FROM = index_of(date(2026, 1, 5))
OFFICE_SLIDE_PER_DAY = 0.034 / 7
OFFICE_SLIDE_AT_DELIVERY = 6 / 7
REFUND_STATUS_FROM = index_of(date(2026, 1, 14))
REFUNDS_AFTER = 1.2
CARDS_REFUSED_FROM = index_of(date(2026, 2, 24))
CARDS_REFUSED_TIMES = 5.0

# --- size --------------------------------------------------------------------------------------------------------

HOME_AT_START, OFFICES_AT_START = 10_400, 1_450
GROWTH = 0.42


def growth(day: int) -> float:
    """Size of the company against its first day."""
    return 1 + GROWTH * share_of_span(day)


def pace_of_work(day: int) -> float:
    """Time that a person needs against the first day: the desk grows a little faster than the company."""
    return 1 / (growth(day) * (1 + 0.12 * share_of_span(day)))


# --- leaving: chance on any one day ------------------------------------------------------------------------------

HOME_REASONS = {"price": 0.0070, "too-much-coffee": 0.0065, "moved": 0.0035, "other": 0.0040}
CARD_REFUSED = 0.0060
OFFICE_REASONS = {"price": 0.0025, "office-closed": 0.0020, "competitor": 0.0020, "other": 0.0015}


def home_leavers(day: int) -> dict[str, float]:
    """Reason → chance that a home customer leaves for it on this day."""
    refused = CARD_REFUSED * (CARDS_REFUSED_TIMES if day >= CARDS_REFUSED_FROM else 1)
    return {reason: p / 28 for reason, p in {**HOME_REASONS, "card-refused": refused}.items()}


def office_leavers(day: int) -> dict[str, float]:  # noqa: ARG001 - as `home_leavers`
    """Reason → chance that an office leaves for it on this day."""
    return {reason: p / 28 for reason, p in OFFICE_REASONS.items()}


# --- contacts ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Topic:
    """What a contact is about; `home` and `office` are contacts per 100 customers and 28 days."""

    name: str
    touchpoint: str
    difficulty: str
    home: float
    office: float


TOPICS = (
    Topic("order-status", "delivery", "easy", 2.9, 9),
    Topic("pause", "app", "easy", 2.0, 4),
    Topic("account", "app", "easy", 1.3, 5),
    Topic("refund", "billing", "medium", 1.9, 4),
    Topic("invoice", "billing", "medium", 1.2, 8),
    Topic("damaged", "delivery", "medium", 1.6, 7),
    Topic("machine", "machine-service", "hard", 0.7, 9),
    Topic("missing", "delivery", "hard", 0.9, 6),
)


def contacts_per_100(topic: Topic, segment: str, day: int) -> float:
    """Contacts per 100 active customers and 28 days."""
    if segment == OFFICE:
        return topic.office
    return REFUNDS_AFTER if topic.name == "refund" and day >= REFUND_STATUS_FROM else topic.home


WEEKDAYS = {HOME: (1.10, 1.04, 1.02, 1.00, 1.00, 0.94, 0.90), OFFICE: (1.36, 1.28, 1.26, 1.24, 1.20, 0.36, 0.30)}
_IN_DECEMBER = {24: 0.8, 25: 0.7, 26: 0.8} | dict.fromkeys(range(17, 24), 1.05)
CHRISTMAS = {index_of(date(year, 12, day)): f for year in (2024, 2025) for day, f in _IN_DECEMBER.items()}


def busyness(segment: str, day: int) -> float:
    """How busy this day is against a usual one: weekday and Christmas, both mild."""
    return WEEKDAYS[segment][day % 7] * CHRISTMAS.get(day, 1.0)


CHANNELS = {"chat": 0.40, "phone": 0.27, "email": 0.28, "social": 0.05}
ANSWER_WITHIN_S = {"email": 8 * 3600, "chat": 120, "phone": 60, "social": 4 * 3600, "bot": 60}
REPLY_H = {
    "email": (0.05, 0.5, 1.1, 1.8, 2.6, 3.6, 4.8, 6.2, 7.6, 10.5, 18.0),
    "social": (0.05, 0.3, 0.6, 0.9, 1.3, 1.8, 2.4, 3.1, 3.9, 5.5, 9.0),
}
PHONE_SLA = 0.86
IN_TIME_S = {"chat": (15, 30, 45, 60, 80, 118), "phone": (5, 12, 20, 30, 42, 58)}
TOO_LATE_S = {"chat": (130, 170, 220, 300, 420, 800), "phone": (65, 80, 100, 130, 170, 260)}
BOT_REPLY_S = (2, 4, 6, 9)
BOT_SOLVES_S = (40, 80, 120, 180, 300)
SOLVED_AFTER_H = {
    "easy": (0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9, 1.2, 1.7, 2.6, 5.0),
    "medium": (1.5, 3.2, 4.8, 6.4, 8.2, 10.2, 12.5, 15.2, 19.0, 25.0, 38.0),
    "hard": (4, 10, 15, 20, 25, 31, 37, 44, 53, 66, 100),
}
"""Open hours of the desk from first reply to solution, by difficulty: quantiles 0, 10 … 100 %."""
REOPENED = 0.06
ASKS_AGAIN = 0.25

# --- surveys -----------------------------------------------------------------------------------------------------

ASK_EVERY_DAYS, REST_DAYS = 180, 30
ASKED_AFTER_HELP, ANSWERS = 0.95, 0.45
ALSO_EFFORT = 0.60
PASSIVE = 0.34
TOUCHPOINTS = {
    HOME: {"delivery": 0.40, "app": 0.30, "billing": 0.15, "checkout": 0.15},
    OFFICE: {"delivery": 0.42, "machine-service": 0.26, "app": 0.19, "billing": 0.13},
}
SATISFIED = 0.89
ANSWER_LAG_H = (0.05, 0.3, 0.7, 1.2, 2.0, 3.2, 5.0, 9.0)


def nps(segment: str, touchpoint: str, day: int) -> float:
    """Expected NPS (as a share, -1 to 1) of answers that name this touchpoint on this day."""
    before = NPS_BEFORE_MOVE if day < SURVEY_MOVED else 0.0
    if segment == HOME:
        return 0.44 + before
    lost = OFFICE_SLIDE_PER_DAY * max(0, day - OFFICE_SLIDE_FROM)
    at_delivery, share = touchpoint == "delivery", TOUCHPOINTS[OFFICE]["delivery"]
    part = OFFICE_SLIDE_AT_DELIVERY / share if at_delivery else (1 - OFFICE_SLIDE_AT_DELIVERY) / (1 - share)
    return 0.285 + before - lost * part
