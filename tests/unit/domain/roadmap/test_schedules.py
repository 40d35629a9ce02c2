from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays as library
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendars import ALWAYS, DAY, Hours, Schedule, business_seconds
from domain.errors import RoadmapError
from domain.promises import Promise, due_at
from domain.roadmap import parse_roadmap
from domain.roadmap.company import Calendar
from domain.roadmap.durations import Duration
from domain.roadmap.schedules import hours_of_channels, promises_of, schedules_of

ROADMAP = """version: 1
company: {name: Acme}
vision: Nobody waits
owners: {lead: {channel: "#cx"}}
calendars:
  support:
    zone: Europe/Berlin
    open: {mon-fri: "08:00-18:00"}
    holidays: DE-BE
"""


def schedule_of(**calendar: object) -> Schedule:
    (schedule,) = schedules_of({"support": Calendar.model_validate(calendar)})["support"]
    return schedule


def test_days_and_hours_become_minutes_of_the_week() -> None:
    found = schedule_of(zone="Europe/Berlin", open={"mon-tue": "08:00-18:00", "sat": "09:00-24:00"})
    hours = (Hours(480, 1080), Hours(DAY + 480, DAY + 1080), Hours(5 * DAY + 540, 6 * DAY))
    assert found == Schedule("Europe/Berlin", hours)


def test_days_may_run_over_the_end_of_the_week() -> None:
    assert schedule_of(open={"sun-mon": "00:00-24:00"}).hours == (Hours(6 * DAY, 7 * DAY), Hours(0, DAY))


def test_closed_days_are_holidays() -> None:
    eve = date(2026, 12, 24)
    assert schedule_of(open={"mon": "08:00-18:00"}, closed=(eve,)).holidays == ((eve, eve),)


def test_public_holidays_are_those_of_the_region() -> None:
    open_hours = {"mon-fri": "08:00-18:00"}
    assert schedule_of(open=open_hours, zone="Europe/Berlin", holidays="DE-BE").region == "DE-BE"
    assert schedule_of(open=open_hours, zone="Europe/Berlin").region == ""


def test_a_calendar_without_hours_is_never_open() -> None:
    assert schedule_of(open={}).hours == ()


def test_a_change_counts_from_midnight_of_its_own_zone_and_keeps_what_it_does_not_say() -> None:
    changes = """    closed: [2026-12-24]
    changes:
      - {from: 2025-01-01, open: {mon-sun: "00:00-24:00"}}
      - {from: 2026-07-01, zone: Europe/Lisbon, holidays: none}
"""
    first, second, third = schedules_of(parse_roadmap(ROADMAP + changes).calendars)["support"]
    new_year, july = datetime(2024, 12, 31, 23, tzinfo=UTC), datetime(2026, 6, 30, 23, tzinfo=UTC)
    assert [first.valid_from, first.valid_to, second.valid_to, third.valid_to] == [None, new_year, july, None]
    assert [first.zone, second.zone, third.zone] == ["Europe/Berlin", "Europe/Berlin", "Europe/Lisbon"]
    assert [first.region, second.region, third.region] == ["DE-BE", "DE-BE", ""]
    assert len(first.hours) == 5
    assert second.hours == third.hours == tuple(Hours(n * DAY, (n + 1) * DAY) for n in range(7))
    assert first.holidays == second.holidays == third.holidays


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("{from: 2025-01-01}", "roadmap.yaml:11  support: the change from 2025-01-01 says not what changes. Give it "),
        ("{from: 2025-01-01, opens: {mon: x}}", "unknown key 'opens'. Did you mean 'open'?"),
        ("{open: {}}", "`from` is missing (first day it holds on)"),
        ("{from: 2025-01-01, holidays: DE-BX}", "the holidays of 'DE-BX' are not known. Near it are: "),
        ("{from: 2025-01-01, holidays: nowhere}", "'nowhere' cannot be read here. Write country, or "),
        ("{from: 2025-01-01, open: {mon: '18-8'}}", "'18-8' are no opening hours"),
        ("{from: 2025-01-01, zone: Europe/Berlim}", "there is no time zone 'Europe/Berlim'. Did you mean"),
    ],
)  # fmt: skip
def test_a_change_that_cannot_hold_is_told_in_the_writers_words(change: str, told: str) -> None:
    with pytest.raises(RoadmapError) as refused:
        parse_roadmap(f"{ROADMAP}    changes:\n      - {change}\n")
    assert told in str(refused.value)


def test_changes_come_in_order() -> None:
    changes = "    changes:\n      - {from: 2026-01-01, holidays: none}\n      - {from: 2025-01-01, holidays: DE}\n"
    with pytest.raises(RoadmapError, match="from 2025-01-01 stands after the one from 2026-01-01"):
        parse_roadmap(ROADMAP + changes)


# ---- the oracle: reads the declaration itself, once for each minute ---------------------------------------------

MINUTE = timedelta(minutes=1)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
REGIONS = {
    "Europe/Berlin": "DE-BE", "America/New_York": "US-NY", "Australia/Lord_Howe": "AU-NSW", "Asia/Kolkata": "IN",
    "Pacific/Auckland": "NZ",
}  # fmt: skip
NIGHTS = [
    "2026-03-28", "2026-10-24", "2026-03-07", "2026-10-31", "2026-04-04", "2026-10-03", "2026-09-26", "2025-12-31",
    "2024-02-28", "2026-12-24",
]  # fmt: skip
HOLIDAYS = {
    region: set(library.country_holidays(*region.split("-"), years=range(2023, 2028))) for region in REGIONS.values()
}


def is_open(instant: datetime, declared: dict[str, object]) -> bool:
    held = {key: value for key, value in declared.items() if key != "changes"}
    for change in declared["changes"]:
        zone = ZoneInfo(change.get("zone", held["zone"]))
        if instant >= datetime.combine(change["from"], datetime.min.time(), zone).astimezone(UTC):
            held |= {key: value for key, value in change.items() if key != "from"}
        else:
            break
    wall = instant.astimezone(ZoneInfo(held["zone"]))
    if wall.date() in held["closed"] or wall.date() in HOLIDAYS.get(held["holidays"], ()):
        return False
    return any(_covers(days, hours, wall) for days, hours in held["open"].items())


def _covers(days: str, hours: str, wall: datetime) -> bool:
    first, last = DAYS.index(days[:3]), DAYS.index(days[-3:])
    on = first <= wall.weekday() <= last if first <= last else not last < wall.weekday() < first
    return on and hours[:5] <= f"{wall:%H:%M}" < hours[6:]


instants = st.builds(
    lambda day, minute: datetime.fromisoformat(day).replace(tzinfo=UTC) + minute * MINUTE,
    st.sampled_from(NIGHTS), st.integers(-DAY, 3 * DAY),
)  # fmt: skip
some_days = st.builds(lambda a, b: f"{a}-{b}", st.sampled_from(DAYS), st.sampled_from(DAYS)) | st.sampled_from(DAYS)
some_hours = st.sampled_from(["00:00-24:00", "01:30-03:15", "08:00-18:00", "00:00-02:30", "22:00-24:00"])
opened = st.dictionaries(some_days, some_hours, max_size=3)
days = st.sampled_from(NIGHTS).map(date.fromisoformat)
changes = st.lists(
    st.fixed_dictionaries(
        {"from": st.builds(lambda day, n: day + timedelta(days=n), days, st.integers(-1, 2)), "open": opened},
        optional={"zone": st.sampled_from([*REGIONS]), "holidays": st.sampled_from([*REGIONS.values(), "none"])},
    ), max_size=2, unique_by=lambda each: each["from"],
).map(lambda several: sorted(several, key=lambda each: each["from"]))  # fmt: skip
calendars = st.sampled_from([*REGIONS]).flatmap(
    lambda zone: st.fixed_dictionaries(
        {
            "zone": st.just(zone),
            "open": opened,
            "holidays": st.sampled_from([None, REGIONS[zone]]),
            "closed": st.lists(days, max_size=1).map(tuple),
            "changes": changes,
        }
    )
)


@settings(max_examples=100, deadline=None)
@given(declared=calendars, start=instants, length=st.integers(0, 2 * DAY))
def test_what_is_declared_is_what_a_look_at_the_clock_each_minute_gives(
    declared: dict[str, object], start: datetime, length: int
) -> None:
    calendar = Calendar.model_validate({**declared, "changes": tuple(declared["changes"])})
    ends = pl.Series([start + length * MINUTE], dtype=pl.Datetime("us", "UTC"))
    found = business_seconds(pl.Series([start], dtype=ends.dtype), ends, schedules_of({"it": calendar})["it"]).item()
    assert found == 60 * sum(is_open(start + n * MINUTE, declared) for n in range(length))


def test_a_calendar_that_is_always_open_gives_calendar_time_through_a_change_of_zone() -> None:
    day = {"mon-sun": "00:00-24:00"}
    always = Calendar.model_validate(
        {"zone": "Europe/Berlin", "open": day, "changes": ({"from": date(2026, 7, 1), "zone": "Pacific/Auckland"},)}
    )
    starts = pl.Series([datetime(2026, 3, 1, 4, 5, 6, 789, UTC)], dtype=pl.Datetime("us", "UTC"))
    ends = pl.Series([datetime(2027, 4, 5, 6, 7, 8, 987_654, UTC)], dtype=pl.Datetime("us", "UTC"))
    found = business_seconds(starts, ends, schedules_of({"it": always})["it"])
    assert found.item() == business_seconds(starts, ends, Schedule("UTC", ALWAYS)).item()
    assert found.item() == (ends.item() - starts.item()) / timedelta(seconds=1)


def test_a_channel_has_the_hours_of_its_calendar_and_without_one_it_is_open_always() -> None:
    channels = """channels:
  phone: {owner: lead, calendar: support}
  chat: {owner: lead, calendar: always}
  bot: {owner: lead}
"""
    roadmap = parse_roadmap(ROADMAP + channels)
    always = (Schedule("UTC", ALWAYS),)
    support = schedules_of(roadmap.calendars)["support"]
    assert hours_of_channels(roadmap) == {"phone": support, "chat": always, "bot": always}
    assert hours_of_channels(parse_roadmap(ROADMAP)) == {}


def test_a_channel_that_promises_an_answer_has_a_promise_and_its_share_asks_for_the_kpi() -> None:
    plain = """channels:
  phone: {owner: lead, calendar: support, answer_within: 60 s}
  chat: {owner: lead, calendar: always}
"""
    roadmap = parse_roadmap(ROADMAP + plain)
    support = schedules_of(roadmap.calendars)["support"]
    assert promises_of(roadmap) == {"phone": Promise(Duration(60, "s"), support, "Europe/Berlin")}
    assert "answered_in_time" not in roadmap.measured
    share = ", share: {baseline: 0.7, on: 2026-01-01, target: 0.8, by: 2026-12-31}}"
    assert "answered_in_time" in parse_roadmap(ROADMAP + plain.replace(" 60 s}", f" 60 s{share}")).measured


def test_working_days_are_those_of_the_calendar_and_not_of_the_company() -> None:
    said = """channels:
  phone: {owner: lead, calendar: office, answer_within: 2 working days}
  bot: {owner: lead, answer_within: 1 working day}
"""
    office = '  office: {zone: America/New_York, open: {mon-fri: "09:00-20:00"}}\n'
    roadmap = parse_roadmap(
        ROADMAP.replace("{name: Acme}", "{name: Acme, zone: Europe/Berlin}") + office + said
    )  # fmt: skip
    friday, until = datetime(2026, 3, 13, 14, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)  # ten in New York
    due = {name: due_at(pl.Series([friday]), held, until)[0] for name, held in promises_of(roadmap).items()}
    assert due["phone"] == datetime(2026, 3, 17, 20, tzinfo=ZoneInfo("America/New_York"))
    assert due["bot"] == datetime(2026, 3, 15, tzinfo=ZoneInfo("Europe/Berlin"))  # all of Saturday
