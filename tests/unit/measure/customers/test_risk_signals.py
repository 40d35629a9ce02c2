from datetime import date

import polars as pl

from tasks.measure.customers.risk_signals import SIGNALS, Known, history, signals
from tests.factories import at, facts

MOMENT = date(2026, 3, 1)
ORDERS = {"customer_id": pl.String(), "ordered_at": pl.Datetime("us", "UTC"), "deleted_at": pl.Datetime("us", "UTC")}


def known(**tables: list[dict[str, object]]) -> Known:
    always = [{"customer_id": "a", "started_at": at("2026-01-01"), "product": "plus"}]
    return Known(
        facts("subscriptions", tables.get("subscriptions", always)),
        facts("tickets", tables.get("tickets", [])),
        facts("survey_answers", tables.get("answers", [])),
        pl.DataFrame(tables.get("orders", []), schema=ORDERS),
        "UTC",
    )


def seen(**tables: list[dict[str, object]]) -> dict[str, object]:
    return signals(known(**tables), MOMENT).row(0, named=True)


def test_every_signal_is_a_column() -> None:
    assert [signal.name for signal in SIGNALS if signal.name not in signals(known(), MOMENT).columns] == []


def test_contacts_repeats_and_what_waits_are_counted_as_of_the_moment() -> None:
    def contact(opened: str, topic: str, resolved: str | None = None) -> dict[str, object]:
        return {
            "customer_id": "a",
            "topic": topic,
            "opened_at": at(opened),
            "resolved_at": at(resolved) if resolved else None,
        }

    found = seen(tickets=[
        contact("2026-01-20", "billing", "2026-01-21"), contact("2026-02-10", "billing", "2026-02-11"),
        contact("2026-02-20", "access", "2026-03-05"), contact("2026-02-25", "billing"),
        contact("2026-03-01", "billing"), contact("2026-02-26", "spam") | {"excluded_as": "spam"},
    ])  # fmt: skip
    assert (found["n_contacts"], found["n_repeats"]) == (3, 2)
    assert (found["n_unresolved"], found["unresolved_days"]) == (2, 9)


def test_the_last_answer_counts_and_an_old_one_no_longer() -> None:
    def answer(day: str, score: float | None, measure: str, **more: object) -> dict[str, object]:
        return {"customer_id": "a", "measure": measure, "score": score, "answered_at": at(day), **more}

    nps = {"scale_low": 0.0, "scale_high": 10.0}
    found = seen(answers=[
        answer("2026-01-10", 9, "nps", **nps), answer("2026-02-10", 6, "nps", **nps),
        answer("2026-02-20", None, "nps", **nps), answer("2026-03-02", 10, "nps", **nps),
        answer("2025-06-01", 1, "csat"),
    ])  # fmt: skip
    assert (found["is_detractor"], found["is_dissatisfied"]) == (True, None)
    assert seen(answers=[answer("2026-02-01", 1, "csat", direction="down")])["is_dissatisfied"] is False


def test_falling_use_is_orders_now_beside_those_before() -> None:
    days = ["2025-10-01", "2025-11-01", "2025-11-15", "2025-11-20", "2026-01-15", "2026-03-01"]
    orders: list[dict[str, object]] = [{"customer_id": "a", "ordered_at": at(day), "deleted_at": None} for day in days]
    assert seen(orders=orders)["use_percent"] == 25.0
    assert seen()["use_percent"] is None


def test_no_helpdesk_at_all_is_not_nobody_wrote() -> None:
    assert seen()["n_contacts"] is None
    assert seen(tickets=[{"customer_id": "b", "opened_at": at("2026-02-20")}])["n_contacts"] == 0


def test_the_product_is_the_one_they_had_then_and_not_the_one_they_took_later() -> None:
    rows = [{"customer_id": "a", "started_at": at("2026-01-01"), "ended_at": at("2026-04-01"), "product": "plus"},
            {"customer_id": "a", "started_at": at("2026-04-01"), "product": "none left"}]  # fmt: skip
    found = seen(subscriptions=rows)
    assert (found["product"], found["tenure_days"]) == ("plus", 59)


def test_who_has_given_notice_is_no_risk_any_more() -> None:
    def contract(customer: str, notice: str) -> dict[str, object]:
        return {
            "customer_id": customer,
            "started_at": at("2026-01-01"),
            "notice_at": at(notice),
            "ended_at": at("2026-03-31"),
        }

    rows = [contract("gave notice", "2026-02-01"), contract("will", "2026-03-02")]
    assert signals(known(subscriptions=rows), MOMENT)["customer_id"].to_list() == ["will"]


def test_nothing_that_came_later_changes_what_was_known() -> None:
    before = {"tickets": [{"customer_id": "a", "topic": "billing", "opened_at": at("2026-02-10")}],
              "subscriptions": [{"customer_id": "a", "started_at": at("2026-01-01"), "product": "plus"}]}  # fmt: skip
    leaving = {"ended_at": at("2026-03-09"), "notice_at": at("2026-03-03")}
    later = {"tickets": [*before["tickets"], {"customer_id": "a", "topic": "billing", "opened_at": at("2026-03-01")}],
             "subscriptions": [before["subscriptions"][0] | leaving],
             "answers": [{"customer_id": "a", "measure": "nps", "score": 0.0, "answered_at": at("2026-03-02")}],
             "orders": [{"customer_id": "a", "ordered_at": at("2026-03-01"), "deleted_at": None}]}  # fmt: skip
    assert signals(known(**before), MOMENT).equals(signals(known(**later), MOMENT))


def test_a_history_tells_who_left_within_the_horizon_and_leaves_open_ones_out() -> None:
    ends = {"within": at("2026-03-20"), "behind": at("2026-04-15"), "never": None}
    rows = [{"customer_id": name, "started_at": at("2026-01-01"), "ended_at": end} for name, end in ends.items()]
    moments = [date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 30)]
    found = history(known(subscriptions=rows), moments, 30, date(2026, 4, 29))
    assert found.select("moment", "customer_id", "has_left").rows() == [
        (date(2026, 3, 1), "behind", False), (date(2026, 3, 1), "never", False), (date(2026, 3, 1), "within", True),
        (date(2026, 3, 31), "behind", True), (date(2026, 3, 31), "never", False),
    ]  # fmt: skip
    assert history(known(subscriptions=rows), [], 30, date(2026, 4, 29)).is_empty()
