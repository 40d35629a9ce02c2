from typing import Any

import pytest

from tasks.reconcile.export import Export
from tests.factories import at
from tests.unit.reconcile.sides import N, beside, differences, export_row, ours, planted, ticket


def comment(when: str, role: str | None = "agent", actor: str = "a1", number: int = 0) -> dict[str, Any]:
    return {"ticket_id": f"desk:{number}", "field": "comment", "at": at(when), "actor_role": role, "actor": actor}


def status(when: str, new: str, number: int = 0) -> dict[str, Any]:
    return {"ticket_id": f"desk:{number}", "field": "status", "at": at(when), "new": new}


def with_first(*events: dict[str, Any], agents: tuple[str, ...] = (), **more: Any) -> Any:
    """Our side, ticket 0 otherwise than the rest."""
    return ours([ticket(0, **more), *(ticket(n) for n in range(1, N))], events=events, agents=agents)


def test_an_export_that_agrees_leaves_nothing_to_explain() -> None:
    found = beside()
    assert differences(found) == {}
    assert found.n_compared == 6 * N


def test_a_figure_in_business_time_is_told_from_one_in_calendar_time() -> None:
    # opened Monday 17:00 in Berlin, when the office closes; solved on Tuesday at 19:00: eight hours of opening
    assert differences(beside(planted(resolution="480.0"))) == {("0", "resolution"): "business hours"}


def test_where_theirs_is_declared_as_business_time_one_in_calendar_time_differs() -> None:
    rows = [export_row(n, first_reply="0.0", resolution="480.0") for n in range(3)]
    rows[0]["resolution"] = "1560.0"
    found = beside(rows, export=Export(time="business", hours="support"), mine=ours([ticket(n) for n in range(3)]))
    assert differences(found) == {("0", "resolution"): "business hours"}


def test_an_instant_on_another_zones_clock_is_a_time_zone() -> None:
    found = beside(planted(opened="2026-03-02 17:00:00"))
    assert differences(found) == {("0", "opened"): "time zone"}
    assert found.other_zone == "Europe/Berlin"


def test_a_zone_that_the_project_does_not_name_must_explain_several() -> None:
    rows = [export_row(n, opened=f"2026-03-{2 + n:02} 11:00:00") if n < 3 else export_row(n) for n in range(N)]
    found = beside(rows)
    assert differences(found) == {(str(n), "opened"): "time zone" for n in range(3)}
    assert differences(beside([*rows[:2], *(export_row(n) for n in range(2, N))])) == {
        ("0", "opened"): "unknown", ("1", "opened"): "unknown",
    }  # fmt: skip


def test_a_zone_is_followed_through_its_change_to_summer_time() -> None:
    tickets = [ticket(0, opened_at=at("2026-03-27 16:00")), ticket(1, opened_at=at("2026-03-30 16:00"))]
    rows = [export_row(0, opened="2026-03-27 17:00:00"), export_row(1, opened="2026-03-30 18:00:00")]
    found = beside([{"ticket": r["ticket"], "opened": r["opened"]} for r in rows], ours(tickets, exported_at=None))
    assert differences(found) == {("0", "opened"): "time zone", ("1", "opened"): "time zone"}
    # an offset that stays as it is in winter explains but one of them
    assert found.other_zone == "Europe/Berlin"


def test_a_day_that_begins_elsewhere_is_a_time_zone() -> None:
    tickets = [ticket(0, opened_at=at("2026-03-02 23:30")), ticket(1)]
    rows = [{"ticket": "0", "opened": "2026-03-03"}, {"ticket": "1", "opened": "2026-03-03"}]
    found = beside(rows, ours(tickets))
    assert differences(found) == {("0", "opened"): "time zone"}
    assert found.other_zone == "Europe/Berlin"


def test_a_duration_from_wall_clock_to_wall_clock_across_a_change_of_the_clocks_is_a_time_zone() -> None:
    solved = {"opened_at": at("2026-03-28 12:00"), "resolved_at": at("2026-03-29 12:00"), "first_reply_at": None}
    rows = [{"ticket": "0", "resolution": "1500"}]
    found = beside(rows, ours([ticket(0, **solved)], exported_at=None, until=None), Export(zone="Europe/Berlin"))
    assert differences(found) == {("0", "resolution"): "time zone"}


def test_a_duration_of_which_one_end_was_read_in_the_wrong_zone_is_a_time_zone() -> None:
    assert differences(beside(planted(resolution="1500.0"))) == {("0", "resolution"): "time zone"}
    assert differences(beside(planted(resolution="1620.0"))) == {("0", "resolution"): "time zone"}


def test_a_reply_by_who_was_no_agent_then_is_a_matter_of_the_role() -> None:
    mine = with_first(comment("2026-03-02 16:20", "customer"), comment("2026-03-02 17:30:30"))
    assert differences(beside(planted(first_reply="20.0"), mine)) == {("0", "first_reply"): "role at comment time"}


def test_a_reply_by_who_is_no_agent_any_more_is_a_matter_of_the_role() -> None:
    mine = with_first(comment("2026-03-02 17:30:30"), comment("2026-03-02 19:00"))
    assert differences(beside(planted(first_reply="180.0"), mine)) == {("0", "first_reply"): "role at comment time"}


def test_no_reply_at_all_is_a_matter_of_the_role_where_who_replied_has_left() -> None:
    mine = with_first(comment("2026-03-02 17:30:30", actor="gone"), agents=("desk:a1",))
    assert differences(beside(planted(first_reply=""), mine)) == {("0", "first_reply"): "role at comment time"}


def test_no_reply_at_all_is_unknown_where_who_replied_is_still_there() -> None:
    mine = with_first(comment("2026-03-02 17:30:30", actor="a1"), agents=("desk:a1",))
    assert differences(beside(planted(first_reply=""), mine)) == {("0", "first_reply"): "unknown"}


def test_a_resolution_that_stands_at_the_first_solve_is_reopened() -> None:
    turned = (status("2026-03-02 18:00", "solved"), status("2026-03-02 20:00", "open"),
              status("2026-03-03 18:00", "solved"))  # fmt: skip
    found = beside(planted(resolution="120.0", reopens="1"), with_first(*turned, n_reopens=1))
    assert differences(found) == {("0", "resolution"): "reopened"}


def test_a_resolution_of_a_ticket_that_is_open_again_is_reopened() -> None:
    turned = (status("2026-03-03 18:00", "solved"), status("2026-03-04 09:00", "open"))
    found = beside(planted(status="Open", reopens="1"), with_first(*turned, status="open", n_reopens=1))
    assert differences(found) == {("0", "resolution"): "reopened"}


def test_whether_it_was_reopened_is_not_how_often() -> None:
    assert differences(beside(planted(reopens="1"), with_first(n_reopens=3))) == {("0", "reopens"): "reopened"}


def test_a_ticket_that_we_know_to_be_deleted_and_they_list_is_deleted() -> None:
    found = beside(mine=with_first(deleted_at=at("2026-03-05")))
    assert differences(found) == {("0", "tickets"): "deleted"}


def test_a_ticket_that_they_call_deleted_and_we_count_is_deleted() -> None:
    assert differences(beside(planted(status="Deleted"))) == {("0", "tickets"): "deleted"}


def test_a_ticket_deleted_on_both_sides_is_no_difference() -> None:
    rows = [export_row(n) for n in range(1, N)]
    assert differences(beside(rows, with_first(deleted_at=at("2026-03-05")))) == {}


def test_a_ticket_that_is_no_contact_for_us_is_excluded() -> None:
    assert differences(beside(mine=with_first(excluded_as="spam"))) == {("0", "tickets"): "excluded"}


def test_a_ticket_whose_row_is_in_quarantine_is_set_aside() -> None:
    mine = ours(set_aside=['{"id": "77", "opened": "soon"}'])
    rows = [*(export_row(n) for n in range(N)), export_row(5) | {"ticket": "77"}]
    assert differences(beside(rows, mine)) == {("77", "tickets"): "set aside"}


def test_what_was_solved_after_their_export_is_late() -> None:
    turned = (status("2026-03-16 12:00", "solved"),)
    mine = with_first(*turned, resolved_at=at("2026-03-16 12:00"))
    assert differences(beside(planted(resolution="", status="Open"), mine)) == {
        ("0", "resolution"): "late", ("0", "status"): "unknown",
    }  # fmt: skip


def test_a_status_of_before_their_export_is_late() -> None:
    turned = (status("2026-03-02 17:00", "pending"), status("2026-03-16 12:00", "solved"))
    mine = with_first(*turned, resolved_at=at("2026-03-16 12:00"))
    found = beside(planted(resolution="", status="Pending"), mine)
    assert set(differences(found).values()) == {"late"}


def test_a_first_solve_that_was_the_last_one_at_their_export_is_late_not_reopened() -> None:
    turned = (status("2026-03-02 18:00", "solved"), status("2026-03-16 09:00", "open"),
              status("2026-03-16 18:00", "solved"))  # fmt: skip
    found = beside(planted(resolution="120.0"), with_first(*turned, n_reopens=1))
    assert differences(found) == {("0", "resolution"): "late", ("0", "reopens"): "late"}


def test_a_ticket_opened_after_their_export_is_late() -> None:
    more = ticket(9, opened_at=at("2026-03-16 09:00"), first_reply_at=None, resolved_at=None, status="open")
    mine = ours([*(ticket(n) for n in range(N)), more])
    rows = [*(export_row(n) for n in range(N)), export_row(0) | {"ticket": "8", "opened": "2026-03-16 07:00:00"}]
    assert differences(beside(rows, mine)) == {("9", "tickets"): "late", ("8", "tickets"): "late"}


def test_what_they_changed_after_our_last_fetch_is_late() -> None:
    rows = [{**export_row(0), "status": "Closed", "updated": "2026-03-15 10:00:00"}]
    assert differences(beside(rows, ours([ticket(0)]))) == {("0", "status"): "late"}


def test_without_a_history_a_ticket_that_changed_after_their_export_is_late() -> None:
    mine = with_first(version_at=at("2026-03-17"))
    assert differences(beside(planted(status="Open"), mine)) == {("0", "status"): "late"}


def test_a_ticket_that_is_theirs_alone_and_nothing_explains_is_unknown() -> None:
    rows = [*(export_row(n) for n in range(N)), export_row(5) | {"ticket": "77"}]
    assert differences(beside(rows)) == {("77", "tickets"): "unknown"}


def test_a_ticket_that_is_ours_alone_is_unknown_unless_the_export_is_a_selection() -> None:
    rows = [export_row(n) for n in range(N) if n != 3]
    assert differences(beside(rows)) == {("3", "tickets"): "unknown"}
    assert differences(beside(rows, is_selection=True)) == {}


def test_a_ticket_of_a_day_that_the_export_does_not_cover_is_no_difference() -> None:
    assert differences(beside([export_row(n) for n in range(2, 6)])) == {}


@pytest.mark.parametrize("written", ["90", "91", "1:30", "90.4"])
def test_a_difference_finer_than_their_column_is_rounding(written: str) -> None:
    rows = [{"ticket": "0", "first_reply": written}]
    assert differences(beside(rows, ours([ticket(0, first_reply_at=at("2026-03-02 17:30:27"))]))) == {
        ("0", "first_reply"): "rounding"
    }


def test_a_difference_that_nothing_explains_is_unknown() -> None:
    found = beside(planted(first_reply="333.3"))
    assert differences(found) == {("0", "first_reply"): "unknown"}
    assert (found.n_unknown, found.n_different) == (1, 1)


def test_a_rating_given_again_after_their_export_is_late() -> None:
    votes = [{"ticket_id": "desk:0", "score": 2.0, "answered_at": at("2026-03-04")},
             {"ticket_id": "desk:0", "score": 5.0, "answered_at": at("2026-03-17")}]  # fmt: skip
    rows = [{"ticket": "0", "satisfaction": "Bad"}]
    assert differences(beside(rows, ours([ticket(0)], answers=votes))) == {("0", "satisfaction"): "late"}
    assert (
        differences(beside([{"ticket": "0", "satisfaction": "Good with comment"}], ours([ticket(0)], answers=votes)))
        == {}
    )
    assert differences(beside([{"ticket": "0", "satisfaction": "5"}], ours([ticket(0)], answers=votes))) == {}


def test_a_zone_that_would_explain_one_instant_by_chance_does_not_explain_a_difference_of_seconds() -> None:
    assert differences(beside(planted(opened="2026-03-02 16:07:11"))) == {("0", "opened"): "unknown"}
