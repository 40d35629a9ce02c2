"""Our figures beside those of fivetran/dbt_zendesk, over the same warehouse; each difference has a written reason."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import polars as pl
import pytest

from domain.calendars import Calendar, Schedule, assigned_business_seconds, from_sunday
from tasks.extract.warehouse.ready import ready_made
from tasks.measure.contacts.reply_times import first_reply, with_replies
from tasks.measure.contacts.tickets import turns
from tests.unit.extract.warehouse import dbt_zendesk as theirs
from tests.unit.extract.warehouse import our_figures as ours
from tests.unit.extract.warehouse.dbt_zendesk import OURS, PUBLISHED, Departure, Figure, Warehouse
from tests.unit.extract.warehouse.made_up_zendesk import zendesk

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
N = 250
Figures = dict[str, dict[str, Figure]]
Facts = dict[str, pl.DataFrame]
Fill = Callable[..., tuple[str, str]]
Mapped = Callable[..., Facts]
OF_A_DAY = {Departure.CONTACTS, Departure.STATUS, Departure.UNREPLIED}
"""These change the backlog and the summary, not a ticket's own figures."""


def same(one: Figure, other: Figure) -> bool:
    if isinstance(one, float | int) and isinstance(other, float | int):
        return one == pytest.approx(other, abs=1e-6)
    return one == other


def cells(figures: Figures) -> dict[tuple[str, str], Figure]:
    return {(ticket, name): value for ticket, row in figures.items() for name, value in row.items()}


def reasons(tables: theirs.Tables, now: datetime) -> Counter[Departure | None]:
    """How many figures are theirs (None), and how many each departure changes."""
    published, kept = (cells(theirs.ticket_metrics(Warehouse(tables, now, how))) for how in (PUBLISHED, OURS))
    found: Counter[Departure | None] = Counter()
    apart = {cell for cell in published if not same(published[cell], kept[cell])}
    found[None] = len(published) - len(apart)
    for departure in Departure:
        alone, without = (
            cells(theirs.ticket_metrics(Warehouse(tables, now, how)))
            for how in (PUBLISHED | {departure}, OURS - {departure})
        )
        found[departure] = sum(
            not same(alone[cell], published[cell]) or not same(without[cell], kept[cell]) for cell in apart
        )
    return found


@pytest.fixture(scope="module")
def made_up() -> theirs.Tables:
    return zendesk(N, seed=11)


def test_every_figure_of_a_ticket_is_theirs_but_for_what_we_do_otherwise_on_purpose(
    made_up: theirs.Tables, fill: Fill, mapped: Mapped
) -> None:
    facts = mapped(fill(made_up), ready_made("fivetran_zendesk"))
    wanted, found = cells(theirs.ticket_metrics(Warehouse(made_up, NOW, OURS))), cells(ours.ticket_metrics(facts, NOW))
    assert found.keys() == wanted.keys()
    assert {cell: (found[cell], wanted[cell]) for cell in wanted if not same(found[cell], wanted[cell])} == {}


def test_most_figures_are_theirs_and_everything_we_do_otherwise_happens(made_up: theirs.Tables) -> None:
    counted = reasons(made_up, NOW)
    assert {departure for departure in Departure if not counted[departure]} == OF_A_DAY
    assert counted[None] > 0.6 * N * 35


def test_the_backlog_of_each_day_and_the_summary_are_theirs_but_for_what_we_do_otherwise_on_purpose(
    made_up: theirs.Tables, fill: Fill, mapped: Mapped
) -> None:
    facts = mapped(fill(made_up), ready_made("fivetran_zendesk"))
    house = Warehouse(made_up, NOW, OURS)
    waiting = {day: len(tickets) for day, tickets in theirs.backlog(house).items()}
    assert ours.backlog(facts, NOW.date()) == waiting
    assert ours.summary(facts, NOW) == theirs.summary(house)
    published = Warehouse(made_up, NOW)
    assert waiting != {day: len(tickets) for day, tickets in theirs.backlog(published).items()}


def test_an_unreplied_ticket_is_counted_where_they_count_none(
    made_up: theirs.Tables, fill: Fill, mapped: Mapped
) -> None:
    found = ours.summary(mapped(fill(made_up), ready_made("fivetran_zendesk")), NOW)
    assert theirs.summary(Warehouse(made_up, NOW))["unreplied_ticket_count"] == 0
    assert found["unreplied_ticket_count"] > found["unreplied_unsolved_ticket_count"] > 0


def rated(*scores: str) -> theirs.Tables:
    """One ticket whose rating changed."""
    tables = zendesk(1, seed=1)
    held = [row for row in tables["ticket_field_history"] if row["field_name"] != "satisfaction_score"]
    changes = [
        {**held[0], "field_name": "satisfaction_score", "value": score, "updated": f"2026-05-{day:02} 10:00:00"}
        for day, score in enumerate(scores, start=1)
    ]
    return {**tables, "ticket_field_history": [*held, *changes]}


@pytest.mark.parametrize(("scores", "to_bad", "to_good"), [
    (("offered", "good", "bad"), True, False), (("offered", "bad", "good"), False, True),
    (("offered", "bad"), False, False),
])  # fmt: skip
def test_a_rating_that_turns_bad_is_told_as_that_where_they_tell_the_opposite(
    scores: tuple[str, ...],
    to_bad: bool,
    to_good: bool,
    fill: Fill,
    mapped: Mapped,
) -> None:
    tables = rated(*scores)
    flags = ("is_good_to_bad_satisfaction_score", "is_bad_to_good_satisfaction_score")
    found = ours.ticket_metrics(mapped(fill(tables), ready_made("fivetran_zendesk")), NOW)["1"]
    published = theirs.ticket_metrics(Warehouse(tables, NOW))["1"]
    assert [found[flag] for flag in flags] == [to_bad, to_good]
    assert [published[flag] for flag in flags] == [to_good, to_bad]


def test_the_latest_rating_of_a_ticket_is_its_answer(fill: Fill, mapped: Mapped) -> None:
    ready = ready_made("fivetran_zendesk", also=["satisfaction_scores"])
    answers = mapped(fill(rated("offered", "good", "bad")), ready)["survey_answers"]
    assert answers.select("ticket_id", "score").rows() == [("desk:1", 0.0)]
    assert answers["answered_at"].to_list() == [datetime(2026, 5, 3, 10, tzinfo=UTC)]


# ---- the ticket worked in their decision log -------------------------------------------------------------------------

CHICAGO = [(day * 1440 + 720, day * 1440 + 1560) for day in range(7)]
SAN_FRANCISCO = [(2340, 2910), (3780, 4350), (5220, 5790), (6660, 7230), (8100, 8670)]


def worked(opened: str, moved: str, replied: str) -> theirs.Tables:
    """Ticket 941606 and its two schedules, which the log tells in UTC, as Fivetran lands them."""
    tables = zendesk(1, seed=1)
    ticket = {**tables["ticket"][0], "id": "941606", "created_at": opened, "status": "solved"}
    said = [
        (opened, "true", "20"),
        (moved, "false", "10"),
        (replied, "true", "10"),
        ("2020-10-01 15:03:44", "true", "10"),
    ]
    comments = [
        {"id": str(n), "ticket_id": "941606", "created": at, "public": public, "user_id": user,
         "_fivetran_synced": "2020-10-02 00:00:00"} for n, (at, public, user) in enumerate(said, start=1)
    ]  # fmt: skip
    schedules = [{"id": key, "start_time_utc": str(start), "end_time_utc": str(end)}
                 for key, hours in (("1", CHICAGO), ("2", SAN_FRANCISCO)) for start, end in hours]  # fmt: skip
    given = [{"ticket_id": "941606", "schedule_id": key, "created_at": at} for key, at in (("1", opened), ("2", moved))]
    ticket = {**ticket, "requester_id": "20", "submitter_id": "20"}
    solved = {"ticket_id": "941606", "field_name": "status", "updated": "2020-10-01 15:03:44", "value": "solved"}
    history = [{**tables["ticket_field_history"][0], **solved}]
    tables = {**tables, "ticket_field_history": history}
    return {**tables, "ticket": [ticket], "ticket_comment": comments, "schedule": schedules, "ticket_schedule": given}


@pytest.mark.parametrize(("opened", "moved", "replied", "over_all", "by_the_last"), [
    # as the log rounds: 17:01:38 to 17:02, and 19:01:25 and 19:01:46 read as minutes 1.25 and 1.46
    ("2020-09-29 17:02:00", "2020-09-30 19:01:15", "2020-09-30 19:01:27.600", 959.46, 689.46),
    ("2020-09-29 17:01:38", "2020-09-30 19:01:25", "2020-09-30 19:01:46", 960 + 8 / 60, 690 + 8 / 60),
])  # fmt: skip
def test_the_ticket_of_their_decision_log_takes_what_it_says_with_its_roundings_and_40_seconds_more_without(
    opened: str, moved: str, replied: str, over_all: float, by_the_last: float, fill: Fill, mapped: Mapped
) -> None:
    tables = worked(opened, moved, replied)
    facts = mapped(fill(tables), ready_made("fivetran_zendesk"))
    begun = facts["tickets"]["opened_at"]
    replied = with_replies(facts["tickets"], facts["ticket_events"])
    turned = turns(facts["tickets"], facts["ticket_events"])
    waited = first_reply(replied, turned, "UTC").filter(pl.col("n") == 1)["total"].item()
    spans = pl.DataFrame({"item": ["941606"], "start": begun}).with_columns(
        end=pl.col("start") + pl.duration(microseconds=round(waited * 1e6))
    )
    calendars: dict[str, Calendar] = {
        key: Schedule("UTC", sum((from_sunday(int(row["start_time_utc"] or 0), int(row["end_time_utc"] or 0))
                                  for row in tables["schedule"] if row["id"] == key), ()))
        for key in ("1", "2")
    }  # fmt: skip
    given = pl.DataFrame({
        "item": [row["ticket_id"] for row in tables["ticket_schedule"]],
        "at": [theirs.instant(row["created_at"]) for row in tables["ticket_schedule"]],
        "schedule": [row["schedule_id"] for row in tables["ticket_schedule"]],
    })  # fmt: skip
    each, last = (assigned_business_seconds(spans, given, calendars, how=how).item() / 60 for how in ("each", "last"))
    assert (each, last) == (pytest.approx(over_all, abs=1e-6), pytest.approx(by_the_last, abs=1e-6))
