"""KPIs beside a plain count, one row after the other: whatever comes, both say the same."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.estimates import points
from domain.kpis import KPIS
from tasks.measure.contacts import tickets
from tasks.measure.contacts.conversations import conversation
from tasks.measure.contacts.handling import assignments, multi_touch, one_touch, ping_pong, transfers, zero_touch
from tasks.measure.contacts.help_center import failed_searches, solved_alone, visits
from tasks.measure.contacts.reply_times import first_reply, next_reply, with_replies
from tasks.measure.customers.orders import purchases, volume
from tasks.measure.customers.spells import renewals, spells
from tasks.measure.entries import parts
from tasks.measure.feedback import answers
from tests.factories import at, facts
from tests.unit.measure.helpdesk import BERLIN, moved, said, value

START, ZONE = at("2026-03-02"), ZoneInfo(BERLIN)
few = settings(deadline=None, max_examples=60)
minutes = st.integers(0, 40 * 24 * 60)
scores = st.one_of(st.none(), st.floats(0, 10), st.integers(0, 10).map(float))


def after(n: int) -> datetime:
    return START + timedelta(minutes=n)


def stamp(n: int) -> str:
    return str(after(n).replace(tzinfo=None))


def told(found: dict) -> tuple[int, float | None]:
    return (found.get("n", 0), found.get("value"))


@few
@given(st.lists(scores, max_size=30), st.booleans())
def test_nps_counts_each_score_once(given_scores: list[float | None], is_gone: bool) -> None:
    asked = {"answered_at": START, "measure": "nps", "scale_low": 0.0, "scale_high": 10.0}
    rows = [asked | {"score": score, "deleted_at": START if is_gone and place == 0 else None}
            for place, score in enumerate(given_scores)]  # fmt: skip
    held = [row["score"] for row in rows if row["score"] is not None and row["deleted_at"] is None]
    promoters, detractors = sum(x >= 9 for x in held), sum(x < 7 for x in held)
    between = sum(7 <= x < 9 for x in held)
    assert promoters + detractors + between == len(held)
    n, nps = told(value(answers.nps(facts("survey_answers", rows), "UTC"), "nps"))
    assert n == len(held)
    assert nps == (pytest.approx(100 * (promoters - detractors) / n) if n else None)


@few
@given(
    st.lists(st.one_of(st.none(), st.integers(1, 7).map(float)), max_size=30), st.sampled_from(["up", "down"]),
    st.sampled_from([None, 4.0, 6.0]),
)  # fmt: skip
def test_csat_and_ces_count_each_score_once(
    given_scores: list[float | None], direction: str, satisfied_from: float | None
) -> None:
    rows = [{"score": score, "answered_at": START, "scale_high": 7.0, "direction": direction,
             "satisfied_from": satisfied_from} for score in given_scores]  # fmt: skip
    best = [score if direction == "up" else 8 - score for score in given_scores if score is not None]
    n, csat = told(value(answers.csat(facts("survey_answers", rows), "UTC"), "csat"))
    assert n == (len(best) if satisfied_from else 0)
    assert csat == (pytest.approx(sum(x >= (satisfied_from or 0) for x in best) / n) if n else None)
    asked = facts("survey_answers", [row | {"measure": "ces"} for row in rows])
    n, ces = told(value(answers.ces(asked, "UTC"), "ces"))
    assert (n, ces) == (len(best), pytest.approx(sum(best) / n) if n else None)


@few
@given(st.lists(st.tuples(st.one_of(st.none(), st.integers(1, 5)), st.sampled_from(["us", "Rival"])), max_size=30))
def test_reviews_of_us_are_a_plain_mean(reviews: list[tuple[int | None, str]]) -> None:
    rows = [{"rating": rating, "about": about, "reviewed_at": START} for rating, about in reviews]
    ours = [rating for rating, about in reviews if rating is not None and about == "us"]
    n, mean = told(value(answers.ratings(facts("reviews", rows), "UTC"), "review_rating"))
    assert (n, mean) == (len(ours), pytest.approx(sum(ours) / n) if n else None)


@few
@given(st.lists(st.tuples(minutes, st.one_of(st.none(), st.integers(0, 20 * 24 * 60))), max_size=30))
def test_invitations_are_answered_in_time_or_not_or_open(sends: list[tuple[int, int | None]]) -> None:
    through = date(2026, 3, 31)
    rows = [{"sent_at": after(sent), "answered_at": None if took is None else after(sent + took)}
            for sent, took in sends]  # fmt: skip
    is_answered = [took is not None and took < 14 * 24 * 60 for _, took in sends]
    over = [(after(sent) + timedelta(days=14)).date() <= through for sent, _ in sends]
    known = sum(a or o for a, o in zip(is_answered, over, strict=True))
    found = value(answers.responses(facts("survey_sends", rows), "UTC", through), "survey_response_rate")
    assert (found.get("n", 0), found.get("n_open", 0)) == (known, len(sends) - known)
    assert found.get("value") == (pytest.approx(sum(is_answered) / known) if known else None)


Turn = tuple[int, bool]


def solved_and_back(gaps: Sequence[int]) -> list[Turn]:
    """Minutes after the contact at which it is solved, reopened, solved …"""
    return [(sum(gaps[: place + 1]), place % 2 == 0) for place in range(len(gaps))]


contacts = st.lists(st.tuples(minutes, st.lists(st.integers(1, 5_000), max_size=4)), min_size=1, max_size=12)


def desk(rows: list[tuple[int, list[int]]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    held = facts("tickets", [{"ticket_id": f"t{i}", "opened_at": after(opened)} for i, (opened, _) in enumerate(rows)])
    moves = [
        (f"t{i}", stamp(opened + turn), "open", "solved" if is_solved else "open")
        for i, (opened, gaps) in enumerate(rows) for turn, is_solved in solved_and_back(gaps)
    ]  # fmt: skip
    return held, moved(*moves)


@few
@given(contacts)
def test_only_what_is_solved_now_has_a_full_resolution_and_all_else_waits(rows: list[tuple[int, list[int]]]) -> None:
    held, events = desk(rows)
    turned = tickets.turns(held, events)
    found = value(tickets.full_resolution(tickets.resolutions(held, turned), BERLIN), "full_resolution_time")
    waits = sorted(60.0 * sum(gaps) for _, gaps in rows if len(gaps) % 2 == 1)
    assert found.get("n", 0) == len(waits)
    if waits:
        assert found["value"] == pytest.approx(waits[(len(waits) + 1) // 2 - 1], rel=0.01)
    made = parts(tickets.backlog(held, turned, BERLIN), KPIS["backlog"]).filter(pl.col("scope") == "{}")
    days = points(made, "day", through=date(2026, 5, 15))
    for day, level in days.select("period_start", "value").iter_rows():
        night = datetime.combine(day + timedelta(days=1), datetime.min.time(), ZONE)
        assert level == sum(waits_at(opened, gaps, night) for opened, gaps in rows)


def waits_at(opened: int, gaps: list[int], instant: datetime) -> bool:
    if after(opened) >= instant:
        return False
    turns = [is_solved for turn, is_solved in solved_and_back(gaps) if after(opened + turn) < instant]
    return not (turns and turns[-1])


@few
@given(st.lists(st.tuples(minutes, st.sampled_from([None, True, False])), max_size=30))
def test_contacts_and_kept_service_levels_are_counted_and_what_is_not_known_is_open(
    rows: list[tuple[int, bool | None]],
) -> None:
    held = facts("tickets", [{"opened_at": after(opened), "sla_met": met,
                              "sla_known_at": None if met is None else after(opened + 60)}
                             for opened, met in rows])  # fmt: skip
    assert told(value(tickets.volume(held, BERLIN), "ticket_volume"))[0] == len(rows)
    found = value(tickets.sla(held, facts("ticket_events", []), BERLIN), "sla_attainment")
    known = [met for _, met in rows if met is not None]
    assert told(found) == (len(known), pytest.approx(sum(known) / len(known)) if known else None)


roles = st.sampled_from(["agent", "bot", "customer"])


@few
@given(
    st.lists(
        st.tuples(st.lists(st.tuples(st.integers(1, 9_000), roles), max_size=5), st.none() | st.integers(1, 9_000)),
        min_size=1, max_size=10,
    ),
    st.booleans(),
)  # fmt: skip
def test_the_first_reply_is_the_first_word_of_ours_and_what_is_solved_without_one_waits_for_none(
    rows: list[tuple[list[tuple[int, str]], int | None]], by_people: bool
) -> None:
    held = facts("tickets", [{"ticket_id": f"t{i}", "opened_at": START} for i in range(len(rows))])
    words = [(f"t{i}", stamp(when), role) for i, (some, _) in enumerate(rows) for when, role in some]
    solved = [(f"t{i}", stamp(when), "open", "solved") for i, (_, when) in enumerate(rows) if when]
    events, by = pl.concat([said(*words), moved(*solved)]), "person_replied_at" if by_people else "replied_at"
    entries = first_reply(with_replies(held, events), tickets.turns(held, events), BERLIN, by=by)
    ours = [[when for when, role in some if role == "agent" or (role == "bot" and not by_people)] for some, _ in rows]
    waits = sorted(60.0 * min(some) for some in ours if some)
    for days in (1, 3, 9):
        before = (START + timedelta(days=days)).date()
        minutes = (datetime.combine(before, time(), ZONE) - START).total_seconds() / 60
        found = value(entries, "first_reply_time", before)
        known = [wait for wait in waits if wait < 60 * minutes]
        waiting = [
            not any(when < minutes for when in some) and (solved is None or solved >= minutes)
            for some, (_, solved) in zip(ours, rows, strict=True)
        ]
        if waits:
            assert (found.get("n", 0), found.get("n_open", 0)) == (len(known), sum(waiting))
        if known:
            assert found["value"] == pytest.approx(known[(len(known) + 1) // 2 - 1], rel=0.01)


@few
@given(st.lists(st.lists(st.sampled_from(["north", "south", "east"]), max_size=6), min_size=1, max_size=8))
def test_hand_offs_are_changes_and_a_team_that_is_back_is_ping_pong(rows: list[list[str]]) -> None:
    held = facts("tickets", [{"ticket_id": f"t{i}", "opened_at": START} for i in range(len(rows))])
    went = [[team for place, team in enumerate(some) if place == 0 or team != some[place - 1]] for some in rows]
    steps = [(f"t{i}", stamp(place + 1), some[place - 1] if place else None, team)
             for i, some in enumerate(went) for place, team in enumerate(some)]  # fmt: skip
    solved = moved(*((f"t{i}", stamp(100), "open", "solved") for i in range(len(rows))))
    events = pl.concat([solved, moved(*steps, field="team")])
    turned, told_of = tickets.turns(held, events), [some for some in went if some]
    handed = value(transfers(held, turned, assignments(events), BERLIN), "transfers")
    back = value(ping_pong(held, turned, assignments(events), BERLIN), "ping_pong_rate")
    n = len(told_of)
    assert told(handed) == (n, pytest.approx(sum(len(some) - 1 for some in told_of) / n) if n else None)
    assert told(back) == (n, pytest.approx(sum(len(set(some)) < len(some) for some in told_of) / n) if n else None)


@few
@given(
    st.lists(st.lists(st.sampled_from(["agent", "customer", "bot"]), max_size=8), min_size=1, max_size=8),
    st.sampled_from(["email", "chat"]),
)
def test_each_wait_for_the_next_reply_is_from_the_first_message_to_the_next_word_of_a_person(
    rows: list[list[str]], channel: str
) -> None:
    held = facts("tickets", [{"ticket_id": f"t{i}", "channel": channel, "opened_at": START} for i in range(len(rows))])
    words = said(*((f"t{i}", stamp(7 * (place + 1) ** 2), role) for i, some in enumerate(rows)
                   for place, role in enumerate(some)))  # fmt: skip
    waits, n_open = list[float](), 0
    for some in rows:
        has_reply, since, within, before = False, None, None, -3_600.0
        for place, role in enumerate(some):
            when = 60.0 * 7 * (place + 1) ** 2
            if role == "bot":
                continue
            is_apart, before = channel == "email" or when - before >= 3_600, when
            if role == "customer" and has_reply:
                since = when if is_apart and since is None else since
                within = when if within is None else within
            elif role == "agent":
                since = within if is_apart and since is None else since
                waits += [] if since is None else [when - since]
                has_reply, since, within = True, None, None
        n_open += since is not None
    found = value(
        next_reply(with_replies(held, words), tickets.turns(held, words), conversation(held, words), BERLIN),
        "next_reply_time",
    )
    assert (found.get("n", 0), found.get("n_open", 0)) == (len(waits), n_open)
    if waits:
        assert found["value"] == pytest.approx(sorted(waits)[(len(waits) + 1) // 2 - 1], rel=0.01)


@few
@given(st.lists(st.tuples(st.one_of(st.none(), st.integers(0, 50)), st.one_of(st.none(), st.integers(0, 50)))))
def test_the_help_center_is_its_days_added_up(rows: list[tuple[int | None, int | None]]) -> None:
    sound = [(of, hits) for of, hits in rows if of and hits is not None and hits <= of]
    n = sum(of for of, _ in sound)
    for names, made, kpi in (
        (("n_searches", "n_failed_searches"), failed_searches, "failed_search_rate"),
        (("n_visits", "n_solved"), solved_alone, "self_service_rate"),
    ):
        days = facts("help_center_days", [{"day_at": START, **dict(zip(names, row, strict=True))} for row in rows])
        assert told(value(made(days, BERLIN), kpi)) == (n, pytest.approx(sum(h for _, h in sound) / n) if n else None)


@few
@given(st.lists(st.tuples(st.integers(0, 80), st.sampled_from([None, 0, 5])), max_size=20))
def test_who_is_due_goes_on_or_has_left(rows: list[tuple[int, int | None]]) -> None:
    through, contracts = date(2026, 4, 30), list[dict[str, object]]()
    for place, (day, gap) in enumerate(rows):
        name, end = f"c{place}", START + timedelta(days=day)
        contracts.append({"customer_id": name, "started_at": end - timedelta(days=365), "term_ends_at": end,
                          "ended_at": end})  # fmt: skip
        if gap is not None:
            contracts.append({"customer_id": name, "started_at": end + timedelta(days=gap),
                              "term_ends_at": end + timedelta(days=365)})  # fmt: skip
    held = facts("subscriptions", contracts)
    known = [gap == 0 for day, gap in rows if (START + timedelta(days=day + 1)).date() <= through]
    found = value(renewals(held, spells(held, "UTC"), "UTC", through), "renewal_rate")
    if any(known):
        assert (found["n"], found["total"], found["value"]) == (len(known), sum(known), None)  # too few for a rate
    else:
        assert found == {}


@few
@given(st.lists(st.integers(-3, 9), min_size=7, max_size=7), st.lists(st.integers(0, 20), min_size=7, max_size=7))
def test_contacts_are_per_100_of_the_customers_of_an_average_day(changes: list[int], came: list[int]) -> None:
    days = [date(2026, 3, 2) + timedelta(days=n) for n in range(7)]
    schema = {"kpi": "", "scope": "{}", "total_sq": 0.0, "bins": None}
    rows = [{**schema, "kpi": "active_customers", "booked_day": date(1970, 1, 1), "known_day": date(1970, 1, 1),
             "n_items": 50, "n": 50, "total": 0.0}]  # fmt: skip
    for day, change, n in zip(days, changes, came, strict=True):
        both = {**schema, "booked_day": day, "known_day": day}
        rows.append({**both, "kpi": "active_customers", "n_items": change, "n": change, "total": 0.0})
        rows.append({**both, "kpi": "contact_rate", "n_items": n, "n": n, "total": float(n)})
    made = points(pl.DataFrame(rows, schema_overrides={"bins": pl.String}), "week", through=days[-1])
    levels = [50 + sum(changes[: n + 1]) for n in range(7)]
    rate = made.filter(pl.col("kpi") == "contact_rate")
    if sum(came):
        assert rate["value"].to_list() == [pytest.approx(100 * sum(came) / (sum(levels) / 7))]
    assert made.filter(pl.col("kpi") == "active_customers")["value"].to_list() == [levels[-1]]


days_of_two = st.lists(st.tuples(st.integers(0, 13), st.integers(0, 9)), max_size=30)


@few
@given(days_of_two, days_of_two, days_of_two)
def test_one_count_per_another_is_the_one_over_the_other_week_by_week(
    came: list[tuple[int, int]], ordered: list[tuple[int, int]], visited: list[tuple[int, int]]
) -> None:
    contacts = facts("tickets", [{"opened_at": START + timedelta(days=day)} for day, _ in came])
    bought = facts("orders", [{"customer_id": f"c{who}", "ordered_at": START + timedelta(days=day)}
                              for day, who in ordered])  # fmt: skip
    days = facts("help_center_days", [{"day_at": START + timedelta(days=day), "n_visits": n} for day, n in visited])
    made = {
        "ticket_volume": tickets.volume(contacts, "UTC"), "contacts_per_100_orders": tickets.volume(contacts, "UTC"),
        "order_volume": volume(purchases(bought, "UTC")), "help_center_visits_per_ticket": visits(days, "UTC"),
    }  # fmt: skip
    held = pl.concat(parts(entries, KPIS[name]).filter(pl.col("scope") == "{}") for name, entries in made.items())
    found = {
        (row["kpi"], (row["period_start"] - START.date()).days // 7): row["value"]
        for row in points(held, "week", through=date(2026, 3, 15)).to_dicts()
    }
    first_contact = min((day // 7 for day, _ in came), default=2)
    for week in (0, 1):
        n_contacts = sum(day // 7 == week for day, _ in came)
        n_orders = len({(day, who) for day, who in ordered if day // 7 == week})
        n_visits = sum(n for day, n in visited if day // 7 == week)
        assert found.get(("order_volume", week), 0) == n_orders
        per_order, per_contact = (
            found.get((name, week)) for name in ("contacts_per_100_orders", "help_center_visits_per_ticket")
        )
        assert per_order == (pytest.approx(100 * n_contacts / n_orders) if n_orders and week >= first_contact else None)
        assert per_contact is None or per_contact == pytest.approx(n_visits / n_contacts)
        assert (per_contact is not None) >= (n_visits > 0 and n_contacts > 0)


@few
@given(contacts)
def test_the_first_resolution_is_the_first_turn_whatever_follows(rows: list[tuple[int, list[int]]]) -> None:
    held, events = desk(rows)
    found = value(tickets.first_resolution(held, tickets.turns(held, events), BERLIN), "first_resolution_time")
    waits = sorted(60.0 * gaps[0] for _, gaps in rows if gaps)
    assert found.get("n", 0) == len(waits)
    if waits:
        assert found["value"] == pytest.approx(waits[(len(waits) + 1) // 2 - 1], rel=0.01)


@few
@given(st.lists(st.lists(roles, max_size=5), min_size=1, max_size=8))
def test_none_one_and_many_replies_are_a_plain_count_of_what_people_said(rows: list[list[str]]) -> None:
    held = facts("tickets", [{"ticket_id": f"t{i}", "channel": "email", "opened_at": START} for i in range(len(rows))])
    words = said(*((f"t{i}", stamp(place + 1), role) for i, some in enumerate(rows) for place, role in enumerate(some)))
    events = pl.concat([words, moved(*((f"t{i}", stamp(100), "open", "solved") for i in range(len(rows))))])
    turned, spoken = tickets.turns(held, events), conversation(held, events)
    counts = [some.count("agent") for some in rows if some]
    touched = [n for n in counts if n]
    for entries, name, hits, of in (
        (zero_touch(held, turned, spoken, events, BERLIN), "zero_touch_rate", counts.count(0), len(counts)),
        (one_touch(held, turned, spoken, BERLIN), "one_touch_rate", touched.count(1), len(touched)),
        (multi_touch(held, turned, spoken, BERLIN), "multi_touch_rate", sum(n > 2 for n in touched), len(touched)),
    ):
        assert told(value(entries, name)) == (of, pytest.approx(hits / of) if of else None)
