"""Zendesk Support: tickets with their history, service levels, satisfaction ratings, people and organisations.

The exports are read, never the lists: lists do not show tickets that are archived (120 days after closing) or deleted.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from domain.connectors import Basic, Child, Connector, Field, Option, Rate, Secret, Since, Stream
from domain.paging import Answer, NextToken, NextUrl, Request, inside
from tasks.extract.connectors.zendesk_audits import AUDITS, has_audits, parse_audits
from tasks.extract.connectors.zendesk_parsing import (
    parse_metric_events,
    parse_organizations,
    parse_ratings,
    parse_tickets,
    parse_users,
)

EXPORTS: Final = Rate(10, 60)
CURSOR: Final = "cursor"
END: Final = ("end_of_stream",)
EXPORT: Final = NextToken(("after_cursor",), CURSOR, end=END, drops=("start_time",))
"""How exports of tickets and users go on; the last token is where the next fetch begins."""
FULL: Final = 1000
"""Records on a full page of an export by time."""
LIST: Final = NextToken(("meta", "after_cursor"), "page[after]", has_more=("meta", "has_more"))


@dataclass(frozen=True)
class TimeExport:
    """Each page names the next one, the last page too: that one says so, or else is shorter than `size`."""

    size: int

    def following(self, request: Request, answer: Answer, n_records: int) -> Request | None:
        """The call of the URL the body names."""
        if inside(answer.body, END) is None and n_records < self.size:
            return None
        return NextUrl(("next_page",), end=END).following(request, answer, n_records)


STATUSES: Final = ("new", "open", "pending", "hold", "solved", "closed", "deleted")
TICKET: Final = (
    Field(("id",), "number"),
    Field(("status",), "text", STATUSES),
    Field(("created_at",), "text"),
    Field(("updated_at",), "text"),
    Field(("requester_id",), "number"),
    Field(("generated_timestamp",), "number", is_required=False),
    Field(("submitter_id",), "number", is_required=False),
    Field(("priority",), "text", ("low", "normal", "high", "urgent"), is_required=False),
    Field(("via",), "object", is_required=False),
    Field(("tags",), "list", is_required=False),
    Field(("custom_fields",), "list", is_required=False),
)

TICKETS: Final = Stream(
    name="tickets",
    request=Request("/api/v2/incremental/tickets/cursor", {"include": "metric_sets,organizations"}),
    parse=parse_tickets,
    feeds=("tickets",),
    records=("tickets",),
    paging=EXPORT,
    since=Since(("generated_timestamp",), "start_time", written="epoch_s"),
    keeps_token=CURSOR,
    token=("after_cursor",),
    fields=TICKET,
    rate=EXPORTS,
)  # fmt: skip

TICKET_EVENTS: Final = Stream(
    name="ticket_events",
    request=Request("/api/v2/incremental/tickets/cursor", {"include": "users", "per_page": "100"}),
    parse=parse_audits,
    feeds=("ticket_events",),
    records=("tickets",),
    paging=EXPORT,
    since=Since(("generated_timestamp",), "start_time", written="epoch_s"),
    keeps_token=CURSOR,
    token=("after_cursor",),
    fields=TICKET,
    rate=EXPORTS,
    children=(
        Child(
            AUDITS,
            Request("/api/v2/tickets/{id}/audits", {"include": "users", "page[size]": "100"}),
            LIST,
            ("audits",),
            has_audits,
        ),
    ),
)  # fmt: skip

SLA_EVENTS: Final = Stream(
    name="sla_events",
    request=Request("/api/v2/incremental/ticket_metric_events"),
    parse=parse_metric_events,
    feeds=("ticket_events",),
    records=("ticket_metric_events",),
    paging=TimeExport(FULL),
    since=Since(("time",), "start_time", written="epoch_s"),
    rate=EXPORTS,
    fields=(
        Field(("id",), "number"),
        Field(("ticket_id",), "number"),
        Field(("time",), "text"),
        Field(("metric",), "text"),
        Field(("instance_id",), "number", is_required=False),
        Field(
            ("type",), "text",
            ("activate", "pause", "fulfill", "apply_sla", "apply_group_sla", "breach", "update_status", "measure"),
        ),
    ),
)  # fmt: skip

RATINGS: Final = Stream(
    name="satisfaction_ratings",
    request=Request("/api/v2/satisfaction_ratings", {"page[size]": "100"}),
    parse=parse_ratings,
    feeds=("survey_sends", "survey_answers"),
    records=("satisfaction_ratings",),
    paging=LIST,
    # The filter is by creation, and an invitation is answered later: a month is read again.
    since=Since(("updated_at",), "start_time", written="epoch_s", overlap=timedelta(days=30)),
    fields=(
        Field(("id",), "number"),
        Field(("ticket_id",), "number"),
        Field(("score",), "text", ("offered", "unoffered", "good", "bad", "good_with_comment", "bad_with_comment",
                                   "good_without_comment", "bad_without_comment")),
        Field(("created_at",), "text"),
        Field(("updated_at",), "text"),
        Field(("comment",), "text", is_required=False),
    ),
)  # fmt: skip

USERS: Final = Stream(
    name="users",
    request=Request("/api/v2/incremental/users/cursor", {"per_page": "1000"}),
    parse=parse_users,
    feeds=("customers", "identities", "agents"),
    records=("users",),
    paging=EXPORT,
    since=Since(("updated_at",), "start_time", written="epoch_s"),
    keeps_token=CURSOR,
    token=("after_cursor",),
    fields=(
        Field(("id",), "number"),
        Field(("role",), "text", ("end-user", "agent", "admin")),
        Field(("active",), "flag", is_required=False),
        Field(("created_at",), "text"),
        Field(("updated_at",), "text"),
        Field(("email",), "text", is_required=False),
        Field(("phone",), "text", is_required=False),
        Field(("user_fields",), "object", is_required=False),
    ),
    rate=EXPORTS,
)  # fmt: skip

ORGANIZATIONS: Final = Stream(
    name="organizations",
    request=Request("/api/v2/incremental/organizations", {"per_page": str(FULL)}),
    parse=parse_organizations,
    feeds=("accounts",),
    records=("organizations",),
    paging=TimeExport(FULL),
    since=Since(("updated_at",), "start_time", written="epoch_s"),
    fields=(
        Field(("id",), "number"),
        Field(("name",), "text"),
        Field(("created_at",), "text"),
        Field(("updated_at",), "text"),
        Field(("organization_fields",), "object", is_required=False),
    ),
    rate=EXPORTS,
)  # fmt: skip

CONNECTOR: Final = Connector(
    kind="zendesk",
    title="Zendesk Support",
    address="https://{subdomain}.zendesk.com",
    auth=Basic("{email}/token", "{token}"),
    secrets=(
        Secret("email", "ZENDESK_EMAIL", "e-mail of the administrator whose token it is: others may not export"),
        Secret("token", "ZENDESK_TOKEN", "API token: Admin Center, Apps and integrations, APIs, API tokens"),
    ),
    options=(
        Option("subdomain", "`acme` of acme.zendesk.com", is_required=True),
        Option("teams", "names of groups by their number: {98738: Payments}", "mapping", {}),
        Option("brands", "names of brands by their number", "mapping", {}),
        Option("survey", "name of the satisfaction survey", default="ticket-csat"),
        Option("agent_created", "tickets that agents write: `outbound` (no contacts) or `contact`", default="outbound"),
    ),
    rate=Rate(200, 60),
    streams=(ORGANIZATIONS, USERS, TICKETS, TICKET_EVENTS, SLA_EVENTS, RATINGS),
)  # fmt: skip
