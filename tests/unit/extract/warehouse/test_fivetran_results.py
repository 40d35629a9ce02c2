"""What Fivetran's packages publish over their own seeds, beside what we make of the same rows."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import pairwise

import polars as pl
import pytest

from domain.calendars import Schedule, business_seconds, from_sunday
from tasks.extract.warehouse.ready import ready_made
from tests.unit.extract.warehouse import dbt_zendesk as theirs
from tests.unit.extract.warehouse import our_figures as ours
from tests.unit.extract.warehouse.dbt_zendesk import OURS, PUBLISHED, Departure, Warehouse
from tests.unit.extract.warehouse.dbt_zendesk_business import Offset, business_minutes
from tests.unit.extract.warehouse.fivetran_seeds import DATA, seeds

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PACIFIC = (Offset(-420, date(2020, 3, 8), date(2020, 11, 1)), Offset(-480, date(2020, 11, 1), date(2021, 3, 14)))
Fill = Callable[..., tuple[str, str]]
Mapped = Callable[..., dict[str, pl.DataFrame]]

if DATA:

    def test_zendesks_seed_gives_their_figures_but_for_seconds_and_the_spelling_of_hold(
        fill: Fill, mapped: Mapped
    ) -> None:
        tables = seeds("zendesk_fivetran")
        found = ours.ticket_metrics(mapped(fill(tables), ready_made("fivetran_zendesk")), NOW)
        published = theirs.ticket_metrics(Warehouse(tables, NOW, PUBLISHED))
        assert sum(len(row) for row in published.values()) == 350
        users = {row["id"] for row in tables["user"]}
        # their last step joins people: it drops the nine tickets whose requester is in no user table
        assert [row["id"] for row in tables["ticket"] if {row["requester_id"], row["submitter_id"]} <= users] == [
            "11071"
        ]
        apart = {
            (ticket, name): (published[ticket][name], found[ticket][name])
            for ticket, row in published.items() for name in row if row[name] != found[ticket][name]
        }  # fmt: skip
        seconds, held = (111_895, pytest.approx(111_894.85)), 20 * 1440  # eight days and twelve on-hold
        assert apart == {
            ("11071", "first_resolution_calendar_minutes"): seconds,
            ("11071", "final_resolution_calendar_minutes"): seconds,
            ("11071", "on_hold_time_in_calendar_minutes"): (0, held),
            ("11071", "requester_wait_time_in_calendar_minutes"): (43_200, 43_200 + held),
            ("11071", "solve_time_in_calendar_minutes"): (83_520, 83_520 + held),
        }
        exact = theirs.ticket_metrics(Warehouse(tables, NOW, OURS))
        assert {ticket: {name: pytest.approx(value) if isinstance(value, float) else value
                         for name, value in row.items()} for ticket, row in exact.items()} == found  # fmt: skip

    def test_zendesks_seed_gives_their_backlog_of_each_day(fill: Fill, mapped: Mapped) -> None:
        tables = seeds("zendesk_fivetran")
        published = theirs.backlog(Warehouse(tables, NOW))
        found = ours.backlog(mapped(fill(tables), ready_made("fivetran_zendesk")), NOW.date())
        assert found == {day: len(tickets) for day, tickets in published.items()}
        assert (min(found), max(found), len(found)) == (date(2020, 8, 28), date(2020, 11, 13), 78)

    def test_zendesks_seed_gives_their_summary_but_for_the_defect_and_deleted_tickets(
        fill: Fill, mapped: Mapped
    ) -> None:
        tables = seeds("zendesk_fivetran")
        found = ours.summary(mapped(fill(tables), ready_made("fivetran_zendesk")), NOW)
        published = theirs.summary(Warehouse(tables, NOW))
        assert {name: (published[name], found[name]) for name in found if published[name] != found[name]} == {
            "unreplied_ticket_count": (0, 8), "unsolved_ticket_count": (2, 0),
            "unassigned_unsolved_ticket_count": (1, 0),
        }  # fmt: skip
        deleted = theirs.summary(Warehouse(tables, NOW, {Departure.CONTACTS, Departure.UNREPLIED}))
        assert found == deleted

    def test_zendesks_seed_applies_no_service_level_and_neither_do_we(fill: Fill, mapped: Mapped) -> None:
        """Theirs begin at a change of the ticket that is named as a clock is; policies alone apply nothing."""
        tables = seeds("zendesk_fivetran")
        clocks = {"first_reply_time", "next_reply_time", "agent_work_time", "requester_wait_time"}
        assert not clocks & {row["field_name"] for row in tables["ticket_field_history"]}
        found = mapped(fill(tables), ready_made("fivetran_zendesk", also=["sla_targets"]))
        assert found["tickets"]["sla_met"].null_count() == found["tickets"].height == 10
        assert found["ticket_events"].filter(field="sla_target").is_empty()

    def test_business_minutes_of_the_seeds_ticket_are_theirs_where_they_know_its_zone(
        fill: Fill, mapped: Mapped
    ) -> None:
        tables = seeds("zendesk_fivetran")
        facts = mapped(fill(tables), ready_made("fivetran_zendesk"))
        opened = facts["tickets"].row(by_predicate=pl.col("ticket_id") == "desk:11071", named=True)["opened_at"]
        events = facts["ticket_events"].filter(ticket_id="desk:11071", field="status").sort("at")
        schedule = tables["schedule"]
        hours = sum((from_sunday(int(row["start_time"] or 0), int(row["end_time"] or 0)) for row in schedule), ())
        office = Schedule("America/Los_Angeles", hours)
        published: dict[str, float] = defaultdict(float)
        counted: dict[str, float] = defaultdict(float)
        for (at, status), (until, _) in pairwise(events.select("at", "new").iter_rows()):
            start = max(at, opened)  # a schedule applies from the ticket's creation on
            published[status] += business_minutes(start, until, schedule, PACIFIC)
            spans = pl.Series([start, until], dtype=pl.Datetime("us", "UTC"))
            counted[status] += business_seconds(spans[:1], spans[1:], office).item() / 60
            assert business_minutes(start, until, schedule, ()) == 0  # what the seed, which lacks the zone, gives them
        assert counted == {status: pytest.approx(value) for status, value in published.items()}
        assert {status: round(value) for status, value in counted.items()} == {
            "open": 17_093, "pending": 18 * 720, "hold": 14 * 720, "solved": 0
        }  # fmt: skip

    def test_intercoms_seed_gives_their_conversations_and_when_they_were_closed(fill: Fill, mapped: Mapped) -> None:
        tables = seeds("intercom_fivetran")
        found = mapped(fill(tables), ready_made("fivetran_intercom"))
        latest = [row for row in tables["conversation_history"] if row["_fivetran_active"] == "true"]
        assert sorted(found["tickets"].select("ticket_id", "status", "opened_at", "version_at").iter_rows()) == sorted(
            (f"desk:{row['id']}", "solved" if row["state"] == "closed" else row["state"],
             theirs.instant(row["created_at"]), theirs.instant(row["updated_at"])) for row in latest
        )  # fmt: skip
        assert found["survey_answers"].height == sum(row["conversation_rating_value"] is not None for row in latest)
        closes: dict[str, list[datetime]] = {}
        for row in tables["conversation_part_history"]:
            if row["part_type"] == "close" and row["author_type"] == "admin":
                closes.setdefault(f"desk:{row['conversation_id']}", []).append(theirs.instant(row["created_at"]))
        solved = found["ticket_events"].filter(field="status", new="solved", actor_role="agent")
        ours_of = solved.group_by("ticket_id").agg(first=pl.col("at").min(), last=pl.col("at").max())
        assert {ticket: (first, last) for ticket, first, last in ours_of.iter_rows()} == {
            ticket: (min(at), max(at)) for ticket, at in closes.items()
        }
        assert len(closes) == 5

    def test_qualtrics_seed_gives_their_contacts_and_invitations(fill: Fill, mapped: Mapped) -> None:
        tables = seeds("qualtrics_fivetran")
        asked = {"QID2": {"measure": "other", "scale": {"low": 1, "high": 3, "direction": "up"}}}
        known = {str(row["survey_link_survey_id"]) for row in tables["distribution"]}
        surveys = {survey: {"survey": survey, "questions": asked} for survey in sorted(known)}
        found = mapped(fill(tables), ready_made("fivetran_qualtrics", surveys=surveys))
        survey_of = {row["id"]: row["survey_link_survey_id"] for row in tables["distribution"]}
        sent = Counter(
            survey_of[row["distribution_id"]] for row in tables["distribution_contact"]
            if row["distribution_id"] in survey_of and row["sent_at"] is not None
        )  # fmt: skip
        assert Counter(found["survey_sends"]["survey"].to_list()) == sent == {"SV_djzINkbJIFJUs05": 1}
        assert found["survey_sends"]["answered_at"].null_count() == 1
        assert found["customers"].height == len({row["id"] for row in tables["directory_contact"]})
        assert found["survey_answers"].is_empty()  # its answers belong to responses that it does not hold

    def test_google_plays_seed_gives_their_average_rating_of_each_day(fill: Fill, mapped: Mapped) -> None:
        tables = seeds("google_play_fivetran")
        found = mapped(fill(tables), ready_made("fivetran_google_play"))["reviews"]
        published = {
            (str(row["package_name"]), date.fromisoformat(row["date"] or "")): float(row["daily_average_rating"] or 0)
            for row in tables["stats_ratings_overview"] if row["daily_average_rating"] != "NA"
        }  # fmt: skip
        days = found.select("product", pl.col("reviewed_at").dt.date(), "rating").iter_rows()
        assert {(product, day): rating for product, day, rating in days} == published
        assert (len(published), len(tables["stats_ratings_overview"])) == (6, 10)
