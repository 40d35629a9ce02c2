"""The ways contacts went: by hand, and against an oracle in plain Python, one contact at a time."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.measure.contacts.tickets import turns
from tasks.measure.journey.path_sums import commonest, detours, switches, whole
from tasks.measure.journey.paths import ARROW, IDLE_S, first_solved_in, stays, ways
from tests.factories import at, facts
from tests.unit.measure.helpdesk import moved, said, tickets_of

HOUR = 3600.0
OPENED = at("2026-03-02 08:00")


def went(tickets: pl.DataFrame, *events: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The ways of contacts that were solved, and their steps."""
    every = pl.concat(events) if events else facts("ticket_events", [])
    held = tickets.join(first_solved_in(turns(tickets, every)), on="ticket_id")
    acts = every.filter(~(pl.col("actor_role") == "customer").fill_null(value=False)).select("ticket_id", "at")
    return ways(held, every, acts)


def one(team: str | None = None, **more: Any) -> pl.DataFrame:
    return tickets_of([{"ticket_id": "t", "opened": "2026-03-02 08:00", "channel": "email", "team": team, **more}])


def statuses(*rows: tuple[str, str]) -> pl.DataFrame:
    return moved(*(("t", f"2026-03-02 {when}", None, new) for when, new in rows))


def test_a_contact_goes_to_another_team_to_its_customer_and_back_by_hand() -> None:
    made, taken = went(
        one("late name"),
        statuses(("08:00", "new"), ("12:00", "pending"), ("15:00", "open"), ("18:00", "solved")),
        moved(("t", "2026-03-02 08:00", None, "front"), ("t", "2026-03-02 10:00", "front", "back"), field="team"),
        said(("t", "2026-03-02 11:50", "agent"), ("t", "2026-03-02 15:00", "customer"),
             ("t", "2026-03-02 16:00", "customer"), ("t", "2026-03-02 17:30", "agent")),
    )  # fmt: skip
    (row,) = made.to_dicts()
    assert row["path"] == ARROW.join(["email", "front", "back", "customer", "back"])
    assert (row["n_steps"], row["n_hand_offs"], row["total_s"]) == (4, 1, 10 * HOUR)
    assert taken["seconds"].to_list() == [2 * HOUR, 2 * HOUR, 3 * HOUR, 3 * HOUR]
    # with us 8 to 12 and 15 to 18; something was done at 10, 11:50, 12, 17:30; what the customer adds is nothing done
    assert row["us_s"] == 7 * HOUR
    assert row["dead_s"] == 2 * HOUR + 110 * 60 + 150 * 60
    assert row["is_reopened"] is False


def test_persons_of_a_team_are_counted_and_never_named() -> None:
    made, _ = went(
        one(),
        statuses(("08:00", "new"), ("18:00", "solved")),
        moved(("t", "2026-03-02 08:00", None, "front"), ("t", "2026-03-02 11:00", "front", "back"), field="team"),
        moved(("t", "2026-03-02 08:30", None, "ann"), ("t", "2026-03-02 09:00", "ann", "bob"),
              ("t", "2026-03-02 10:00", "bob", "ann"), ("t", "2026-03-02 11:10", "ann", "cyd"), field="agent"),
    )  # fmt: skip
    (row,) = made.to_dicts()
    assert row["path"] == ARROW.join(["email", "front", "front (person 2)", "front", "back"])
    assert row["n_hand_offs"] == 3


def test_what_happens_after_it_was_first_solved_is_told_as_reopened() -> None:
    made, _ = went(
        one("front"), statuses(("08:00", "new"), ("09:00", "solved"), ("10:00", "open"), ("11:00", "solved")),
        moved(("t", "2026-03-02 10:30", "front", "back"), field="team"),
    )  # fmt: skip
    (row,) = made.to_dicts()
    assert (row["path"], row["total_s"], row["is_reopened"]) == ("email → front", HOUR, True)


def test_on_hold_waits_for_us_and_a_short_wait_is_not_dead() -> None:
    made, _ = went(one("front"), statuses(("08:59", "hold"), ("09:58", "open"), ("10:57", "solved")))
    (row,) = made.to_dicts()
    assert row["path"] == "email → front → front, on hold → front"
    assert (row["us_s"], row["dead_s"]) == (177 * 60, 0)
    assert IDLE_S == HOUR


def test_a_helpdesk_that_tells_nothing_but_the_end_has_one_step_and_one_that_is_solved_at_once_none() -> None:
    silent = one("front", resolved_at=at("2026-03-02 10:00"))
    assert went(silent)[0].select("path", "n_steps", "dead_s").row(0) == ("email → front", 1, 2 * HOUR)
    at_once = one(None, channel=None, resolved_at=OPENED)
    assert went(at_once)[0].select("path", "n_steps", "total_s").row(0) == ("", 0, 0)


def test_nothing_gives_nothing() -> None:
    made, taken = went(tickets_of([]).with_columns(opened_at=pl.lit(None, pl.Datetime("us", "UTC"))).clear())
    assert (made.height, taken.height) == (0, 0)
    assert (commonest(made, 5).height, detours(taken, 0, 5).height) == (0, 0)
    assert whole(made, 5)["n"] == 0
    assert whole(made, 5)["reopened_share"] is None


# ---- the oracle ------------------------------------------------------------------------------------------------------

Event = tuple[int, str, str | None, str | None]
"""Minute, field, old, new."""


State = tuple[int, str, str, int]
"""Minute, whose turn, team, which person of it."""


def by_hand(team: str | None, events: Iterable[Event]) -> dict[str, Any] | None:
    """One contact's way, told step by step; None: it was never solved."""
    rows = sorted(events, key=lambda event: event[0])
    solved = next((minute for minute, field, _, new in rows if field == "status" and new == "solved"), None)
    if solved is None:
        return None
    states = [state for state in numbered(told_states(team, rows)) if state[0] < solved]
    steps = [name for name, _ in groupby(map(named, states))]
    us, dead = waited(states, rows, solved)
    return {
        "path": ARROW.join(["email", *steps]), "n_steps": len(steps),
        "n_hand_offs": sum(before[2:] != after[2:] for before, after in pairwise(states)),
        "total_s": max(0, solved) * 60.0, "us_s": us * 60.0, "dead_s": dead * 60.0,
    }  # fmt: skip


def told_states(team: str | None, rows: list[Event]) -> list[list[Any]]:
    """Minute, turn, team and the person told at each instant."""
    told = {field: [v for _, f, old, new in rows if f == field for v in (old, new) if v] for field in ("team", "agent")}
    turn, now = "us", (told["team"] or [team or "us"])[0]
    states: list[list[Any]] = [[0, turn, now, (told["agent"] or [None])[0]]]
    for minute, of_minute in groupby(rows, key=lambda row: max(0, row[0])):
        agent = None
        for _, field, old, new in of_minute:
            if field == "status" and new != "solved":
                turn = {"pending": "customer", "hold": "on hold"}.get(str(new), "us")
            now = (new or old or now) if field == "team" else now
            agent = (new or old or agent) if field == "agent" else agent
        first = states.pop()[3] if minute == 0 else None
        states.append([minute, turn, now, agent or first])
    return states


def numbered(states: list[list[Any]]) -> list[State]:
    """The same with persons counted, those of each team by themselves."""
    persons: dict[str, list[str]] = {}
    found: list[State] = []
    for _, stay in groupby(states, key=lambda state: state[2]):
        mine = list(stay)
        for some in (mine, mine[::-1]):
            last = None
            for state in some:
                state[3] = last = state[3] or last
        for minute, turn, team, agent in mine:
            known = persons.setdefault(team, [])
            if agent and agent not in known:
                known.append(agent)
            found.append((minute, turn, team, known.index(agent) + 1 if agent else 1))
    return found


def named(state: State) -> str:
    _, turn, team, who = state
    name = team if who == 1 else f"{team} (person {who})"
    return "customer" if turn == "customer" else f"{name}, on hold" if turn == "on hold" else name


def waited(states: list[State], rows: list[Event], solved: int) -> tuple[int, int]:
    """Minutes that it waited for us, and those of them in which nothing was done for an hour or more."""
    turned = {after[0] for before, after in pairwise(states) if before[1] != after[1]}
    done = {minute for minute, field, _, _ in rows if 0 < minute < solved and field != "said"}
    marks: list[int] = sorted({0, *turned, *done}) if states else []
    ends: list[int] = [*marks, solved] if marks else []
    us = dead = 0
    for start, end in pairwise(ends):
        is_ours = [turn for minute, turn, _, _ in states if minute <= start][-1] != "customer"
        us += (end - start) * is_ours
        dead += (end - start) * (is_ours and end - start >= 60)
    return us, dead


def _events() -> st.SearchStrategy[list[Event]]:
    minute = st.integers(-30, 400)
    teams, agents = st.sampled_from(["north", "south", None]), st.sampled_from(["ann", "bob", "cyd", None])
    status = st.tuples(minute, st.just("status"), st.none(), st.sampled_from(["open", "pending", "hold", "solved"]))
    team = st.tuples(minute, st.just("team"), teams, teams)
    agent = st.tuples(minute, st.just("agent"), agents, agents)
    words = st.tuples(minute, st.sampled_from(["note", "said"]), st.none(), st.none())
    return st.lists(st.one_of(status, team, agent, words), max_size=12)


def _frames(contacts: list[tuple[str | None, list[Event]]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    tickets = facts("tickets", [{"ticket_id": f"t{i}", "opened_at": OPENED, "channel": "email", "team": team}
                                for i, (team, _) in enumerate(contacts)])  # fmt: skip
    rows = [
        {"ticket_id": f"t{i}", "event_id": f"{i}-{j}", "at": OPENED + timedelta(minutes=minute), "field": field,
         "old": old, "new": new, "sequence": j, "actor_role": "customer" if field == "said" else "agent"}
        for i, (_, events) in enumerate(contacts)
        for j, (minute, field, old, new) in enumerate(events)
    ]  # fmt: skip
    return tickets, facts("ticket_events", rows)


@settings(max_examples=120, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["west", None]), _events()), min_size=1, max_size=6))
def test_ways_are_what_counting_one_contact_at_a_time_gives(contacts: list[tuple[str | None, list[Event]]]) -> None:
    made, _ = went(*_frames(contacts))
    found = {row.pop("ticket_id"): row for row in made.drop("is_reopened").to_dicts()}
    wanted = {f"t{i}": by_hand(team, events) for i, (team, events) in enumerate(contacts)}
    assert found == {name: way for name, way in wanted.items() if way is not None}


def test_the_order_of_rows_does_not_matter() -> None:
    tickets, events = _frames([("west", [(0, "status", None, "open"), (60, "team", "a", "b"), (90, "agent", None, "x"),
                                         (95, "status", None, "solved")])])  # fmt: skip
    held = tickets.join(first_solved_in(turns(tickets, events)), on="ticket_id")
    assert stays(held, events).equals(stays(held, events.reverse()))


# ---- what they add up to ---------------------------------------------------------------------------------------------


def of_path(path: str, n: int, total_s: float = HOUR, *, n_reopened: int = 0) -> pl.DataFrame:
    return pl.DataFrame({
        "ticket_id": [f"{path}-{i}" for i in range(n)], "path": path, "n_steps": 2, "n_hand_offs": 1,
        "total_s": [total_s + i for i in range(n)], "us_s": total_s, "dead_s": total_s / 4,
        "is_reopened": [i < n_reopened for i in range(n)],
    })  # fmt: skip


def test_the_commonest_paths_with_their_medians_and_how_many_came_again() -> None:
    found = commonest(pl.concat([of_path("a", 25, n_reopened=5), of_path("b", 71), of_path("c", 4)]), 5)
    assert found.select("path", "n").rows() == [("b", 71), ("a", 25)]
    a = found.row(1, named=True)
    assert (a["share"], a["total_s"], a["dead_s"], a["dead_share"]) == (0.25, HOUR + 12, HOUR / 4, 0.25)
    # ranks 7 and 18 of 25: 12.5 -/+ 1.96 * 2.5
    assert (a["total_low"], a["total_high"]) == (HOUR + 6, HOUR + 17)
    assert (a["n_reopened"], a["reopened_share"]) == (5, 0.2)
    assert a["reopened_low"] == pytest.approx(0.0886, abs=1e-4)
    assert a["reopened_high"] == pytest.approx(0.3913, abs=1e-4)


def test_all_contacts_together_and_of_too_few_only_how_many() -> None:
    every = whole(pl.concat([of_path("a", 6, n_reopened=3), of_path("b", 6)]), 5)
    assert (every["n"], every["steps"], every["hand_offs"], every["dead_share"]) == (12, 2, 1, 0.25)
    assert every["reopened_share"] == pytest.approx(0.25)
    few = whole(of_path("a", 4), 5)
    assert (few["n"], {value for name, value in few.items() if name != "n"}) == (4, {None})


def taken(*paths: tuple[str, list[str]]) -> pl.DataFrame:
    rows = [(ticket, step, 600.0 * (i + 1)) for ticket, steps in paths for i, step in enumerate(steps)]
    return pl.DataFrame(rows, schema={"ticket_id": pl.String, "step": pl.String, "seconds": pl.Float64}, orient="row")


def test_a_step_after_which_a_contact_is_where_it_was_could_go() -> None:
    every = taken(
        *((f"p{i}", ["front", "back", "front"]) for i in range(5)),
        ("q", ["front", "back", "front", "back", "front"]), ("r", ["front", "back"]),
        *((f"s{i}", ["front", "customer", "front", "end"]) for i in range(5)),
        *((f"u{i}", ["front", "front, on hold", "front"]) for i in range(4)),
    )  # fmt: skip
    found = detours(every, 20, 5)
    hand_off, question = found.to_dicts()
    assert [hand_off[name] for name in ("place", "step", "kind", "n_times", "n_contacts")] == [
        "front", "back", "hand-off", 7, 6,
    ]  # fmt: skip
    assert hand_off["lost_s"] == 5 * 1200 + 1200 + 2400
    assert hand_off["share"] == pytest.approx(0.3)
    assert (question["kind"], question["n_contacts"]) == ("question", 5)
    # and back → front → back, of one contact alone, is told of nobody
    assert detours(every, 20, 1).height == 4


def test_the_same_topic_in_another_channel_within_72_hours_is_the_same_matter() -> None:
    rows: list[dict[str, Any]] = []

    def came(
        customer: str | None, channel: str, when: datetime, topic: str | None = "late", *, ours: bool = True
    ) -> None:
        rows.append({"ticket_id": f"t{len(rows)}", "customer_id": customer, "channel": channel, "opened_at": when,
                     "topic": topic, "is_counted": ours})  # fmt: skip

    for i in range(5):
        came(f"c{i}", "email", OPENED)
        came(f"c{i}", "phone", OPENED + timedelta(hours=71 if i else 73))
    came("c5", "email", OPENED)
    came("c5", "phone", OPENED + timedelta(hours=1), "billing")
    came("c6", "email", OPENED)
    came("c6", "email", OPENED + timedelta(hours=1))
    came("c7", "email", OPENED)
    came("c7", "chat", OPENED + timedelta(hours=1), ours=False)
    came("c7", "phone", OPENED + timedelta(hours=2), ours=False)
    came(None, "email", OPENED)
    came("c8", "email", OPENED, None)
    schema = {"ticket_id": pl.String, "customer_id": pl.String, "channel": pl.String, "topic": pl.String,
              "opened_at": pl.Datetime("us", "UTC"), "is_counted": pl.Boolean}  # fmt: skip
    tickets = pl.DataFrame(rows, schema=schema)
    found = switches(tickets, 1)
    assert found.select("channel", "then", "n", "n_contacts").rows() == [
        ("email", "phone", 4, 9), ("email", "chat", 1, 9),
    ]  # fmt: skip
    assert switches(tickets, 5).height == 0
    assert switches(tickets.clear(), 1).height == 0
