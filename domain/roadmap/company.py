"""Who we are, who answers for what, and whom we serve."""

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from domain.roadmap.durations import Duration
from domain.roadmap.part import Every, Id, MonthDay, Part, SlackChannel, SlackHandle, Span, Text, Texts, Zone

_MOST_DAYS = 731


class Company(Part):
    """The company, and how it cuts time."""

    name: Text
    """The name that reports carry."""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    """Currency of every amount here, ISO 4217."""
    languages: Texts = ()
    """Languages that customers write in, BCP 47."""
    zone: Zone = "UTC"
    """Reporting time zone: it cuts days and weeks."""
    week_starts: Literal["monday"] = "monday"
    """Weeks are ISO weeks."""
    fiscal_year_starts: MonthDay = "01-01"
    """Month and day on which the fiscal year starts."""


class Owner(Part):
    """A role, never a person's name."""

    slack: SlackHandle | None = None
    """Whom to mention."""
    channel: SlackChannel | None = None
    """Where the role reads its alerts; without it, `alerts: default_channel`."""
    deputy: Id | None = None
    """The role that stands in on holidays."""


class People(Part):
    """What may be shown about people."""

    show_agents: Literal["never", "pseudonyms"] = "never"
    """Whether agents may be shown at all; they are never ranked."""
    smallest_group: Annotated[int, Field(ge=2)] = 5
    """No figure for a group with fewer people."""
    why: Text | None = None
    """What this rests on."""


class Segment(Part):
    """Customers that belong together; the first rule that holds wins."""

    when: Text
    """Who belongs: one SQL expression over the columns of customers and, with account_ before them, of accounts."""
    count: Literal["customers", "accounts"] = "customers"
    """What is one voice: a customer, or an account with all its users."""


def _days(span: Duration) -> Duration:
    if span.is_working or span.days != int(span.days) or not 1 <= span.days <= _MOST_DAYS:
        raise ValueError(f"'{span}' are no whole days. Write 90 days or 12 weeks; two years at most")
    return span


class Churn(Part):
    """When a customer counts as gone."""

    booked_on: Literal["end", "notice"] = "end"
    """The day the last contract ends, or the day notice of it was given."""
    win_back: Annotated[Span, AfterValidator(_days)] = Duration(90, "day")
    """Who comes back within so long after leaving was won back."""
    watch: bool = False
    """The weekly summary tells who is likelier to leave than usual, and what is at stake with them."""


def _on_the_clock(span: Duration) -> Duration:
    if span.is_working or not 0 < span.days <= _MOST_DAYS:
        raise ValueError(f"'{span}' is no time on the clock. Write 48 h or 14 days; two years at most")
    return span


class Reopening(Part):
    """When a solved contact counts as reopened."""

    within: Annotated[Span, AfterValidator(_on_the_clock)] | None = None
    """Within so long after it was first solved; without it, whenever it is."""
    follow_ups: Literal["counted", "ignored"] = "counted"
    """A new contact that follows up a closed one reopens that one, where the helpdesk tells."""
    thanks: Literal["counted", "ignored"] = "ignored"
    """A customer's message that reopens, and that nobody answers until it is solved again."""


class Persona(Part):
    """What a kind of customer wants and expects."""

    segment: Text | None = None
    """The segment the persona stands for."""
    when: Text | None = None
    """Who of them it stands for, an SQL expression as a segment's; the first persona that holds wins."""
    wants: Text
    """In one sentence, as the customer would say it."""
    expects: dict[Text, float] = Field(default={})
    """Expected values by KPI; durations in hours, as `first_reply_hours`: the KPI `first_reply_time`."""


_DAYS = "mon|tue|wed|thu|fri|sat|sun"


def _hours(open_hours: dict[str, str]) -> dict[str, str]:
    for days, hours in open_hours.items():
        if not re.match(rf"^({_DAYS})(-({_DAYS}))?$", days):
            raise ValueError(f"'{days}' are no days. Write mon, sat or mon-fri")
        span = re.match(r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$", hours)
        if not span or hours[:5] >= hours[6:]:
            raise ValueError(f"'{hours}' are no opening hours. Write \"08:00-18:00\", in quotes")
    return open_hours


class Calendar(Part):
    """Opening hours: they measure durations only, never cut days."""

    zone: Zone = "UTC"
    """Time zone of the hours."""
    open: Annotated[dict[str, str], AfterValidator(_hours)]
    """Hours by days: `mon-fri: "08:00-18:00"`."""
    holidays: Annotated[str, Field(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")] | None = None
    """Closed on the public holidays of a country or region: DE, DE-BE, US-CA."""
    closed: tuple[date, ...] = ()
    """Further closed days of your own."""
    changes: "tuple[CalendarChange, ...]" = ()
    """What changed, and from when; the calendar above is how it was before the first change."""


class CalendarChange(Part):
    """New opening hours from a day on; what it does not say stays as it was."""

    from_: Annotated[date, Field(alias="from")]
    """First day it holds on."""
    zone: Zone | None = None
    """Time zone of the hours."""
    open: Annotated[dict[str, str], AfterValidator(_hours)] | None = None
    """Hours by days, all of them: `{mon-fri: "08:00-18:00"}`."""
    holidays: Annotated[str, Field(pattern=r"^([A-Z]{2}(-[A-Z0-9]{1,3})?|none)$")] | None = None
    """Closed on the public holidays of a country or region: DE, DE-BE, US-CA; `none`: on none any more."""


class Review(Part):
    """A meeting or a reading that comes back."""

    title: Text
    every: Every
    """How often."""
    who: tuple[Id, ...]
    """The roles that take part."""
    remind: Span | None = None
    """How long before to remind them."""
