from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from domain.errors import SourcesError
from domain.source_specs import TableMapping
from tasks.extract.warehouse.ready import READY_MADE, changed, ready_made

Fill = Callable[[Mapping[str, Any]], tuple[str, str]]
Mapped = Callable[..., dict[str, pl.DataFrame]]
SYNCED = "2026-03-09 10:00:00"


def row(**values: str | None) -> dict[str, str | None]:
    return {**values, "_fivetran_synced": SYNCED}


def zendesk(**changes: list[dict[str, str | None]]) -> dict[str, list[dict[str, str | None]]]:
    """Ticket 1: asked by 20, solved, reopened, solved, closed. 2: deleted. 3: merged into 1."""
    ticket = {
        "brand_id": "7", "group_id": "5", "organization_id": "30", "requester_id": "20", "submitter_id": "20",
        "assignee_id": "10", "priority": "high", "via_channel": "email", "url": None,
        "created_at": "2026-03-01 09:00:00", "updated_at": "2026-03-05 09:00:00",
    }  # fmt: skip
    status = {"field_name": "status", "ticket_id": "1", "user_id": "10"}
    user = {
        "active": "true", "created_at": "2026-01-01 09:00:00", "updated_at": "2026-01-02 09:00:00", "locale": "de",
        "url": None, "organization_id": None, "phone": None, "external_id": None,
    }  # fmt: skip
    return {
        "ticket": [
            row(id="1", status="closed", **ticket), row(id="2", status="deleted", **ticket),
            row(id="3", status="closed", **ticket),
        ],
        "ticket_tag": [row(ticket_id="3", tag="closed_by_merge"), row(ticket_id="3", tag="closed_by_merge")],
        "ticket_field_history": [
            row(updated="2026-03-01 09:00:00", value="new", **status),
            row(updated="2026-03-02 09:00:00", value="solved", **status),
            row(updated="2026-03-03 09:00:00", value="open", **status),
            row(updated="2026-03-04 09:00:00", value="solved", **status),
            row(updated="2026-03-05 09:00:00", value="closed", **status),
            row(field_name="group_id", ticket_id="1", user_id="-1", updated="2026-03-01 09:00:00", value="5"),
            row(field_name="assignee_id", ticket_id="1", user_id="10", updated="2026-03-01 09:00:00", value="12"),
        ],
        "ticket_comment": [
            row(id="100", ticket_id="1", created="2026-03-01 09:00:00", public="true", user_id="20"),
            row(id="101", ticket_id="1", created="2026-03-01 10:00:00", public="false", user_id="11"),
            row(id="102", ticket_id="1", created="2026-03-01 11:00:00", public="true", user_id="12"),
            row(id="103", ticket_id="1", created="2026-03-01 12:00:00", public="true", user_id="10"),
            row(id="104", ticket_id="1", created="2026-03-01 13:00:00", public="true", user_id="21"),
        ],
        "user": [
            row(id="10", role="agent", email="ann@acme.example", **user),
            row(id="11", role="admin", email=None, **user),
            row(id="12", role="end-user", email=None, **user),
            row(id="20", role="end-user", email="Kim@Home.example", **user),
            row(id="21", role="end-user", email=None, **(user | {"active": "false"})),
        ],
        "organization": [row(id="30", name="Home", url=None, created_at=SYNCED, updated_at=SYNCED)],
        "group": [row(id="5", name="Billing")],
        "brand": [row(id="7", name="Acme")],
    } | changes  # fmt: skip


@pytest.fixture
def helpdesk(fill: Fill, mapped: Mapped) -> dict[str, pl.DataFrame]:
    return mapped(fill(zendesk()), ready_made("fivetran_zendesk"))


def test_a_zendesk_ticket_is_mapped_with_its_names(helpdesk: dict[str, pl.DataFrame]) -> None:
    assert helpdesk["set_aside"].is_empty()
    ticket = helpdesk["tickets"].row(by_predicate=pl.col("ticket_id") == "desk:1", named=True)
    wanted = {
        "brand": "Acme", "team": "Billing", "channel": "email", "priority": "high", "status": "closed",
        "customer_id": "desk:20", "account_id": "desk:30", "excluded_as": None, "deleted_at": None,
        "resolved_at": datetime(2026, 3, 4, 9, tzinfo=UTC), "closed_at": datetime(2026, 3, 5, 9, tzinfo=UTC),
    }  # fmt: skip
    assert wanted == {name: ticket[name] for name in wanted}
    assert ticket["agent"].startswith("agent-")


def test_a_deleted_and_a_merged_zendesk_ticket_are_kept_as_such(helpdesk: dict[str, pl.DataFrame]) -> None:
    tickets = helpdesk["tickets"].sort("ticket_id")
    assert tickets["excluded_as"].to_list() == [None, None, "merged"]
    assert tickets["deleted_at"].to_list() == [None, datetime(2026, 3, 5, 9, tzinfo=UTC), None]


def test_a_zendesk_table_need_not_tell_of_follow_ups(helpdesk: dict[str, pl.DataFrame]) -> None:
    assert helpdesk["tickets"]["follows"].to_list() == [None] * 3


def test_a_zendesk_follow_up_names_the_ticket_that_it_follows(fill: Fill, mapped: Mapped) -> None:
    told = zendesk()
    tickets = [{**ticket, "via_followup_source_id": "1" if ticket["id"] == "3" else None} for ticket in told["ticket"]]
    found = mapped(fill(told | {"ticket": tickets}), ready_made("fivetran_zendesk"))["tickets"].sort("ticket_id")
    assert found["follows"].to_list() == [None, None, "desk:1"]


def test_zendesks_history_says_what_was_before(helpdesk: dict[str, pl.DataFrame]) -> None:
    changes = helpdesk["ticket_events"].filter(pl.col("field") != "comment").sort("field", "at")
    assert changes.select("field", "old", "new", "actor_role").rows() == [
        ("status", None, "new", "agent"), ("status", "new", "solved", "agent"), ("status", "solved", "open", "agent"),
        ("status", "open", "solved", "agent"), ("status", "solved", "closed", "agent"),
        ("team", None, "Billing", "bot"),
    ]  # fmt: skip


def test_who_commented_on_a_zendesk_ticket(helpdesk: dict[str, pl.DataFrame]) -> None:
    comments = helpdesk["ticket_events"].filter(field="comment").sort("event_id")
    assert comments.select("actor_role", "is_public").rows() == [
        ("customer", True), ("agent", False), ("agent", True), ("agent", True), ("customer", True),
    ]  # fmt: skip


def test_what_an_agent_wrote_to_open_a_zendesk_ticket_is_no_reply(fill: Fill, mapped: Mapped) -> None:
    tables = zendesk()
    written = [{**ticket, "submitter_id": "10"} for ticket in tables["ticket"]]
    said = [{**tables["ticket_comment"][0], "user_id": "10"}, *tables["ticket_comment"][1:]]
    comments = mapped(fill(tables | {"ticket": written, "ticket_comment": said}), ready_made("fivetran_zendesk"))
    told = comments["ticket_events"].filter(pl.col("field").is_in(["comment", "opening"])).sort("event_id")
    assert told["field"].to_list() == ["opening", *["comment"] * 4]
    assert told["actor_role"].to_list()[0] == "agent"


def test_an_agent_who_left_stays_an_agent_in_old_zendesk_tickets(helpdesk: dict[str, pl.DataFrame]) -> None:
    left = helpdesk["ticket_events"].filter(event_id="desk:comment-102")
    assert left["actor_role"].to_list() == ["agent"]  # an end user today, assigned a ticket once


def test_zendesks_people_are_customers_or_agents(helpdesk: dict[str, pl.DataFrame]) -> None:
    customers = helpdesk["customers"].sort("customer_id")
    assert customers["customer_id"].to_list() == ["desk:12", "desk:20", "desk:21"]
    assert customers["deleted_at"].is_null().to_list() == [True, True, False]
    assert (helpdesk["agents"].height, helpdesk["accounts"]["name"].to_list()) == (2, ["Home"])
    assert helpdesk["identities"].select("customer_id", "kind").rows() == [("desk:20", "email")]


def test_what_fivetran_says_was_deleted_is_deleted(fill: Fill, mapped: Mapped) -> None:
    tables = zendesk()
    (organization,), users = tables["organization"], tables["user"]
    gone = {"_fivetran_deleted": "true", "_fivetran_synced": "2026-04-01 09:00:00"}
    tables["organization"] = [organization | {"_fivetran_deleted": "false"}, organization | {"id": "31"} | gone]
    tables["user"] = [
        user | {"_fivetran_deleted": None} | (gone if user["id"] in ("10", "20") else {}) for user in users
    ]
    found = mapped(fill(tables), ready_made("fivetran_zendesk"))
    at = datetime(2026, 4, 1, 9, tzinfo=UTC)
    assert found["accounts"].sort("account_id")["deleted_at"].to_list() == [None, at]
    assert sorted(found["agents"]["deleted_at"].to_list(), key=str) == [at, None]
    deleted = dict(found["customers"].select("customer_id", "deleted_at").iter_rows())
    assert (deleted["desk:20"], deleted["desk:12"]) == (at, None)
    assert deleted["desk:21"] is not None  # not active, as before


def test_a_teammate_that_fivetran_says_was_deleted_is_deleted(fill: Fill, mapped: Mapped) -> None:
    tables = intercom()
    (ann,) = tables["admin"]
    tables["admin"] = [ann | {"_fivetran_deleted": "false"}, ann | {"id": "11", "_fivetran_deleted": "true"}]
    found = mapped(fill(tables), ready_made("fivetran_intercom"))["agents"]
    assert found["deleted_at"].null_count() == 1


def test_zendesks_ratings_are_read_where_a_company_has_them(fill: Fill, mapped: Mapped) -> None:
    rating = {
        "assignee_id": "10", "group_id": "5", "requester_id": "20", "ticket_id": "1", "created_at": SYNCED,
        "updated_at": SYNCED, "comment": None,
    }  # fmt: skip
    ratings = [
        row(id="1", score="good", **rating), row(id="2", score="bad", **rating), row(id="3", score="offered", **rating)
    ]  # fmt: skip
    ready = ready_made("fivetran_zendesk", also=["satisfaction_ratings"])
    answers = mapped(fill(zendesk(satisfaction_rating=ratings)), ready)["survey_answers"].sort("answer_id")
    assert answers.select("score", "satisfied_from", "ticket_id", "team").rows() == [
        (1.0, 1.0, "desk:1", "Billing"), (0.0, 1.0, "desk:1", "Billing"),
    ]  # fmt: skip


def intercom() -> dict[str, list[dict[str, str | None]]]:
    """Conversation 1: closed by an agent, reopened by the customer, seen closed again. 2: sent by a campaign."""
    talk = {
        "created_at": "2026-03-01 09:00:00", "assignee_id": "10", "assignee_type": "admin", "priority": "priority",
        "source_type": "conversation", "source_author_id": "20", "source_author_type": "user",
        "source_delivered_as": "customer_initiated", "conversation_rating_value": None,
        "conversation_rating_remark": None, "conversation_rating_created_at": None,
    }  # fmt: skip
    rated = {"conversation_rating_value": "4", "conversation_rating_created_at": "2026-03-03 10:00:00"}
    part = {"conversation_id": "1", "body": "text"}
    person = {
        "location_country": "DE", "language_override": None, "browser_language": "de", "signed_up_at": None,
        "created_at": "2026-01-01 09:00:00", "phone": None, "external_id": "x-20",
    }  # fmt: skip
    return {
        "conversation_history": [
            row(id="1", updated_at="2026-03-01 09:00:00", state="open", **talk),
            row(id="1", updated_at="2026-03-02 09:00:01", state="closed", **talk),
            row(id="1", updated_at="2026-03-03 08:00:00", state="open", **talk),
            row(id="1", updated_at="2026-03-03 09:00:00", state="closed", **(talk | rated)),
            row(id="2", updated_at="2026-03-01 09:00:00", state="snoozed",
                **(talk | {"source_delivered_as": "campaigns_initiated"})),
        ],
        "conversation_part_history": [
            row(id="50", updated_at="2026-03-01 10:00:00", created_at="2026-03-01 10:00:00", part_type="note",
                author_id="10", author_type="admin", **part),
            row(id="51", updated_at="2026-03-02 09:00:00", created_at="2026-03-02 09:00:00", part_type="close",
                author_id="10", author_type="admin", **part),
            row(id="51", updated_at="2026-03-02 09:30:00", created_at="2026-03-02 09:00:00", part_type="close",
                author_id="10", author_type="admin", **part),
            row(id="52", updated_at="2026-03-03 08:00:00", created_at="2026-03-03 08:00:00", part_type="comment",
                author_id="20", author_type="user", **part),
            row(id="53", updated_at="2026-03-03 08:01:00", created_at="2026-03-03 08:01:00", part_type="comment",
                author_id="99", author_type="bot", **part),
        ],
        "contact_history": [
            row(id="20", updated_at="2026-02-01 09:00:00", email="old@home.example", **person),
            row(id="20", updated_at="2026-02-02 09:00:00", email="kim@home.example", **person),
        ],
        "contact_company_history": [
            row(contact_id="20", company_id="30", contact_updated_at="2026-02-01 09:00:00"),
            row(contact_id="20", company_id="31", contact_updated_at="2026-02-02 09:00:00"),
        ],
        "company_history": [row(id="31", updated_at=SYNCED, name="Home", industry=None, remote_created_at=None,
                                created_at=SYNCED)],
        "admin": [row(id="10", name="Ann")],
        "team_admin": [row(admin_id="10", team_id="5")],
        "team": [row(id="5", name="Billing")],
    }  # fmt: skip


def test_intercoms_conversations_come_in_their_latest_state(fill: Fill, mapped: Mapped) -> None:
    found = mapped(fill(intercom()), ready_made("fivetran_intercom"))
    assert found["set_aside"].is_empty()
    tickets = found["tickets"].sort("ticket_id")
    assert tickets.select("status", "channel", "team", "customer_id", "priority", "excluded_as").rows() == [
        ("solved", "chat", "Billing", "desk:20", "high", None),
        ("hold", "chat", "Billing", "desk:20", "high", "outbound"),
    ]  # fmt: skip
    assert found["survey_answers"].select("score", "scale_low", "scale_high", "ticket_id").rows() == [
        (4, 1, 5, "desk:1")
    ]


def test_intercoms_states_are_read_from_parts_and_from_versions(fill: Fill, mapped: Mapped) -> None:
    events = mapped(fill(intercom()), ready_made("fivetran_intercom"))["ticket_events"].filter(ticket_id="desk:1")
    statuses = events.filter(field="status").sort("at")
    assert statuses["new"].to_list() == ["open", "solved", "solved", "open", "solved"]
    assert statuses["at"].dt.day().to_list() == [1, 2, 2, 3, 3]
    comments = events.filter(field="comment").sort("at")
    assert comments.select("actor_role", "is_public").rows() == [
        ("agent", False), ("agent", True), ("customer", True), ("bot", True),
    ]  # fmt: skip


def test_intercoms_contacts_keep_their_latest_address_and_company(fill: Fill, mapped: Mapped) -> None:
    found = mapped(fill(intercom()), ready_made("fivetran_intercom"))
    assert found["customers"].select("customer_id", "account_id", "language").rows() == [("desk:20", "desk:31", "de")]
    assert sorted(found["identities"]["kind"]) == ["email", "external"]
    assert found["agents"]["team"].to_list() == ["Billing"]


NPS = {"measure": "nps", "scale": {"low": 0, "high": 10, "direction": "up"}}
SURVEYS = {"SV_1": {"survey": "nps-relationship", "questions": {"QID1": NPS}}}


def qualtrics() -> dict[str, list[dict[str, str | None]]]:
    """A declared survey's answer, one of a preview, one to a question that is not declared, one of another survey."""
    response = {
        "distribution_channel": "email", "user_language": "EN", "finished": "1", "recorded_date": SYNCED,
        "last_modified_date": SYNCED,
    }  # fmt: skip
    answer = {"loop_id": None, "sub_question_key": None}
    return {
        "survey_response": [
            row(id="R_1", survey_id="SV_1", status="0", **response),
            row(id="R_2", survey_id="SV_1", status="1", **response),
            row(id="R_3", survey_id="SV_2", status="0", **response),
        ],
        "question_response": [
            row(_fivetran_id="a", response_id="R_1", question_id="QID1", value="9", **answer),
            row(_fivetran_id="b", response_id="R_1", question_id="QID2", value="1", **answer),
            row(_fivetran_id="c", response_id="R_2", question_id="QID1", value="0", **answer),
            row(_fivetran_id="d", response_id="R_3", question_id="QID1", value="0", **answer),
        ],
        "distribution": [row(id="EMD_1", survey_link_survey_id="SV_1", request_type="Invite")],
        "distribution_contact": [
            row(distribution_id="EMD_1", contact_id="CID_1", response_id="R_1", sent_at="2026-03-08 10:00:00",
                response_completed_at=SYNCED),
            row(distribution_id="EMD_1", contact_id="CID_2", response_id=None, sent_at="2026-03-08 10:00:00",
                response_completed_at=None),
            row(distribution_id="EMD_1", contact_id="CID_3", response_id=None, sent_at=None,
                response_completed_at=None),
        ],
        "directory_contact": [row(id="CID_1", email="kim@home.example", phone=None, ext_ref=None, language="en",
                                  creation_date=SYNCED, last_modified=SYNCED)],
    }  # fmt: skip


def test_only_declared_questions_of_qualtrics_are_answers(fill: Fill, mapped: Mapped) -> None:
    found = mapped(fill(qualtrics()), ready_made("fivetran_qualtrics", surveys=SURVEYS))
    assert found["set_aside"].is_empty()
    answer = {"question": "QID1", "measure": "nps", "score": 9.0, "send_id": "desk:EMD_1-CID_1"}
    answer |= {"survey": "nps-relationship", "customer_id": "desk:CID_1"}
    assert found["survey_answers"].select(*answer).rows(named=True) == [answer]
    assert found["survey_sends"].sort("send_id").select("send_id", pl.col("answered_at").is_null()).rows() == [
        ("desk:EMD_1-CID_1", False), ("desk:EMD_1-CID_2", True),
    ]  # fmt: skip


def test_answers_of_an_anonymous_survey_name_no_customer(fill: Fill, mapped: Mapped) -> None:
    declared = {"SV_1": SURVEYS["SV_1"] | {"is_anonymous": True}}
    found = mapped(fill(qualtrics()), ready_made("fivetran_qualtrics", surveys=declared))
    assert found["survey_answers"].select("is_anonymous", "customer_id", "send_id").rows() == [(True, None, None)]
    assert found["survey_sends"].height == 2


def test_without_a_declared_survey_only_qualtrics_contacts_are_read() -> None:
    assert list(ready_made("fivetran_qualtrics").streams) == ["contacts"]


def test_google_plays_days_without_a_rating_are_left_out(fill: Fill, mapped: Mapped) -> None:
    day = {"package_name": "acme.app", "_modified": "2026-03-09 10:00:00+00:00"}
    tables = {
        "stats_ratings_overview": [
            row(date="2026-03-01", daily_average_rating="NA", **day),
            row(date="2026-03-02", daily_average_rating="4.33", **day)
        ]
    }  # fmt: skip
    reviews = mapped(fill(tables), ready_made("fivetran_google_play"))["reviews"]
    assert reviews.select("rating", "product", "reviewed_at").rows() == [
        (4.33, "acme.app", datetime(2026, 3, 2, tzinfo=UTC))
    ]


@pytest.mark.parametrize("name", READY_MADE)
def test_a_ready_made_mapping_follows_every_stream_it_can(name: str) -> None:
    ready = ready_made(name, also=ready_made(name).optional)
    assert {mapping.stream for mapping in ready.tables} == set(ready.streams)
    assert all(query.key for query in ready.streams.values())


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("fivetran_zendsk", {}, "no ready-made mapping 'fivetran_zendsk'. Did you mean 'fivetran_zendesk'"),
        ("fivetran_zendesk", {"also": ["chats"]}, "no optional stream 'chats'. Optional ones are: satisf"),
        ("fivetran_intercom", {"also": ["chats"]}, "It has no optional one"),
        ("fivetran_zendesk", {"surveys": SURVEYS}, "needs none declared"),
        ("fivetran_qualtrics", {"surveys": {"SV_1": {"questions": {}}}}, "surveys.SV_1: survey is missing"),
        ("fivetran_qualtrics", {"surveys": {"SV_1": {"survey": "x"}}}, "surveys.SV_1: questions is missing"),
        ("fivetran_qualtrics", {"surveys": {"SV_1": {"survey": "x", "qestions": {}}}}, "Did you mean 'questions'"),
        ("fivetran_qualtrics", {"surveys": {"SV_1": "x"}}, "expected names with values"),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_told_with_the_likely_fix(name: str, options: dict[str, Any], said: str) -> None:
    with pytest.raises(SourcesError, match=said.replace("?", r"\?")):
        ready_made(name, **options)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ({"measure": "npss", "scale": NPS["scale"]}, "measure is 'npss'. Did you mean 'nps'"),
        ({"measure": "nps"}, "scale is missing"),
        ({"measure": "nps", "scale": {"low": 10, "high": 0, "direction": "up"}}, "low below high"),
        ({"measure": "ces", "scale": {"low": 1, "high": 7}}, "direction must be up"),
        ({"measure": "csat", "scale": {"low": 1, "high": 5, "direction": "up"}}, "satisfied_from is missing"),
        (
            {"measure": "csat", "scale": {"low": 1, "high": 5, "direction": "up", "satisfied_from": 9}},
            "outside the scale",
        ),
    ],
)
def test_a_declared_question_needs_its_measure_and_its_scale(question: dict[str, Any], said: str) -> None:
    with pytest.raises(SourcesError, match=said):
        ready_made("fivetran_qualtrics", surveys={"SV_1": {"survey": "x", "questions": {"QID1": question}}})


def test_a_surveys_id_cannot_end_the_condition_it_stands_in() -> None:
    ready = ready_made("fivetran_qualtrics", surveys={"x' OR 'a' = 'a": SURVEYS["SV_1"]})
    assert "survey_id = 'x'' OR ''a'' = ''a'" in (ready.tables[-1].where or "")


def test_a_company_adds_its_segments_and_leaves_rows_out(fill: Fill, mapped: Mapped) -> None:
    ready = ready_made("fivetran_zendesk")
    changes = [
        TableMapping("tickets", "tickets", {"segment": "custom_plan"}, exclude={"test": "id = '2'"}),
        TableMapping("customers", "customers", {}, where="id <> '21'", stream="users"),
    ]
    tables = zendesk()
    for ticket in tables["ticket"]:
        ticket["custom_plan"] = "gold"
    found = mapped(fill(tables), replace(ready, tables=changed(ready.tables, changes)))
    tickets = found["tickets"].sort("ticket_id")
    assert tickets.select("segment", "excluded_as", "team").rows() == [
        ("gold", None, "Billing"), ("gold", "test", "Billing"), ("gold", "merged", "Billing"),
    ]  # fmt: skip
    assert sorted(found["customers"]["customer_id"]) == ["desk:12", "desk:20"]


def test_a_change_of_a_table_that_is_not_fed_is_told() -> None:
    with pytest.raises(SourcesError, match=r"orders: nothing ready-made feeds this table\. It feeds: reviews"):
        changed(ready_made("fivetran_google_play").tables, [TableMapping("orders", "orders", {})])
