"""A person's timeline: every table that knows customers, in words, newest first, masked."""

from datetime import UTC, datetime, timedelta

from cxloop.timeline import TOLD, columns_of, timeline
from domain.facts import FACT_TABLES

NOON = datetime(2026, 3, 16, 12, tzinfo=UTC)


def row(table: str, **values):
    return {**dict.fromkeys(columns_of(table)), "source": "desk", "customer_id": "desk:1", **values}


def told(table: str, **values) -> list[str]:
    return [moment.what for moment in timeline({table: [row(table, **values)]})]


def test_every_fact_table_that_knows_customers_is_told_of_or_tells_who_they_are() -> None:
    knowing = {name for name, table in FACT_TABLES.items() if "customer_id" in table.names}
    assert knowing - set(TOLD) == {"identities"}
    assert all(set(columns_of(name)) <= set(FACT_TABLES[name].names) for name in TOLD)


def test_a_line_of_each_kind() -> None:
    late = NOON + timedelta(hours=1)
    assert told("tickets", topic="bill", opened_at=NOON, resolved_at=late) == [
        "ticket solved: bill",
        "ticket opened: bill",
    ]
    assert told("tickets", opened_at=NOON, excluded_as="spam") == ["ticket opened, no contact: spam"]
    scale = {"survey": "nps", "scale_low": 0.0, "scale_high": 10.0, "answered_at": NOON}
    assert told("survey_answers", score=9.0, **scale) == ["answered nps: 9 of 0 to 10"]
    assert told("survey_answers", question="why", **scale) == ["answered nps, why"]
    assert told("survey_sends", survey="nps", sent_at=NOON) == ["asked: nps"]
    assert told("reviews", about="us", rating=2.0, scale_high=5.0, reviewed_at=NOON) == ["review: 2 of 5"]
    assert told("mentions", mentioned_at=NOON, answered_at=late) == ["mention answered", "mention"]
    assert told("feedback_notes", team="sales", noted_at=NOON) == ["note of team sales"]
    paid = {"product": "office", "mrr_minor": 4990, "currency": "EUR"}
    assert told("subscriptions", started_at=NOON, ended_at=late, end_reason="price", **paid) == [
        "subscription ended: office, because of price", "subscription began: office, 49.90 EUR a month",
    ]  # fmt: skip
    bought = {"quantity": 2, "product": "beans", "ordered_at": NOON}
    assert told("orders", amount_minor=1990, currency="EUR", **bought) == ["ordered 2 × beans, 19.90 EUR"]
    assert told("orders", amount_minor=1990, currency="JPY", **bought) == ["ordered 2 × beans, 1,990 JPY"]
    assert told("customers", created_at=NOON, plan="pro") == ["became a customer, plan now pro"]
    assert told("customer_history", attribute="segment", value="office", valid_from=NOON) == [
        "segment is office from now on"
    ]


def test_the_newest_is_first_and_what_has_no_time_is_left_out() -> None:
    facts = {
        "orders": [row("orders", ordered_at=NOON), row("orders", ordered_at=NOON + timedelta(days=2))],
        "reviews": [row("reviews", about="us", reviewed_at=NOON + timedelta(days=1)), row("reviews", about="us")],
    }
    assert [moment.kind for moment in timeline(facts)] == ["order", "review", "order"]
    assert timeline({}) == []


def test_what_people_wrote_stands_at_its_first_moment_and_is_masked_on_demand() -> None:
    body = row("mentions", body="I am ann@example.org", mentioned_at=NOON, answered_at=NOON + timedelta(hours=1))
    answered, said = timeline({"mentions": [body]})
    assert (answered.text, said.text) == ("", "I am ann@example.org")
    assert said.masked().text == "I am [e-mail]"
