"""HubSpot: tickets with the history of their stages, feedback submissions, contacts and owners.

A search knows no archived records, gives no associations and ends after 10,000 records: archived ones have lists of
their own, associations and history come with one call for each ticket, and the search begins anew from its last mark.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from domain.connectors import Child, Connector, Covers, Field, Option, Parse, Rate, Secret, Since, Stream, Token
from domain.paging import Answer, NextToken, Path, Request
from tasks.extract.connectors.hubspot_feedback import SUBMISSION, parse_submissions
from tasks.extract.connectors.hubspot_people import CONTACT, parse_contacts, parse_owners
from tasks.extract.connectors.hubspot_tickets import DETAILS, HISTORY, STAGES, TICKET, parse_tickets
from tasks.extract.connectors.surveys import SURVEYS

_NEXT: Final[Path] = ("paging", "next", "after")
_SINCE: Final[Path] = ("filterGroups", "0", "filters", "0", "value")
_MORE: Final = "{more_properties}"
_ASSOCIATIONS: Final = "contacts,companies"
_WINDOW: Final = 10_000
_OBJECT: Final = (Field(("id",), "text"), Field(("properties",), "object"), Field(("archived",), "flag"))


def _changed(
    name: str, kind: str, mark: str, properties: Sequence[str], parse: Parse, feeds: tuple[str, ...]
) -> Stream:
    """The search for one kind of record by its last change, oldest first.

    Contacts keep their last change in another property than all other kinds.
    """
    return Stream(
        name=name,
        request=Request(f"/crm/v3/objects/{kind}/search", method="POST", body={
            "filterGroups": [{"filters": [{"propertyName": mark, "operator": "GTE", "value": "0"}]}],
            "sorts": [mark], "properties": [*properties, _MORE], "limit": 200, "after": "0",
        }),
        parse=parse,
        feeds=feeds,
        records=("results",),
        paging=NextToken(_NEXT, into=("after",)),
        # The filter's value is a text, milliseconds or not.
        since=Since(("properties", mark), into=_SINCE, written="epoch_ms", template="{since!s}",
                    overlap=timedelta(minutes=15)),
        window=_WINDOW,
        rate=Rate(4, 1),
        fields=(*_OBJECT, Field(("properties", mark), "text", is_required=False)),
    )  # fmt: skip


def _archived(stream: Stream, kind: str, properties: Sequence[str], **asked: str) -> Stream:
    """The list of what was archived in the last 90 days; HubSpot then forgets it."""
    query = {"archived": "true", "limit": "100", "properties": ",".join(properties), **asked}
    return replace(
        stream, name=f"archived_{stream.name}", request=Request(f"/crm/v3/objects/{kind}", query),
        paging=NextToken(_NEXT, "after"), since=None, window=None, rate=None, children=(),
        fields=(*_OBJECT, Field(("archivedAt",), "text")),
    )  # fmt: skip


_TICKETS: Final = replace(
    _changed("tickets", "tickets", "hs_lastmodifieddate", TICKET, parse_tickets, ("tickets", "ticket_events")),
    children=(
        Child(DETAILS, Request("/crm/v3/objects/tickets/{id}", {
            "associations": _ASSOCIATIONS, "propertiesWithHistory": ",".join(HISTORY),
        })),
    ),
)  # fmt: skip
_CONTACTS: Final = _changed(
    "contacts", "contacts", "lastmodifieddate", CONTACT, parse_contacts, ("customers", "identities")
)
_SUBMISSIONS: Final = _changed(
    "feedback_submissions", "feedback_submissions", "hs_lastmodifieddate", SUBMISSION, parse_submissions,
    ("survey_answers",),
)  # fmt: skip


def _is_daily(answer: Answer) -> bool:
    """HubSpot says which of its limits it was; the day's comes without a time to wait."""
    return b'"policyName"' in answer.content and b'"DAILY"' in answer.content


CONNECTOR: Final = Connector(
    kind="hubspot",
    title="HubSpot",
    address="https://api.hubapi.com",
    auth=Token(),
    secrets=(
        Secret("token", "HUBSPOT_TOKEN", "access token of a private app (Settings, Integrations, Private Apps) with "
               "the scopes tickets, crm.objects.contacts.read, crm.objects.owners.read and, for surveys, "
               "crm.objects.feedback_submissions.read"),
    ),
    options=(
        Option("portal", "the account's number, as in the address of its pages: gives tickets their links"),
        Option("stages", "status (new, open, pending, hold, solved) of each pipeline stage by its id; a stage that is "
               "not named is open, or solved while the ticket has a close date", "mapping", STAGES),
        Option("teams", "names of teams by their ids; a team that is not named keeps its id", "mapping", {}),
        Option("more_properties", "names of more properties to read, for `columns:`", "texts", ()),
        replace(SURVEYS, meaning="each survey to read by HubSpot's id of it, with its name and, as its one question "
                "hs_value, what it measures and its scale", is_required=False, default={}),
    ),
    rate=Rate(100, 10),
    per_day=250_000,
    is_day_spent=_is_daily,
    delay=timedelta(minutes=5),
    streams=(
        _TICKETS,
        _archived(replace(_TICKETS, feeds=("tickets",)), "tickets", TICKET, associations=_ASSOCIATIONS),
        _SUBMISSIONS,
        _archived(_SUBMISSIONS, "feedback_submissions", SUBMISSION),
        _CONTACTS,
        _archived(_CONTACTS, "contacts", CONTACT),
        Stream(
            name="owners",
            request=Request("/crm/v3/owners", {"limit": "100"}),
            parse=parse_owners,
            feeds=("agents",),
            covers=Covers(),
            records=("results",),
            paging=NextToken(_NEXT, "after"),
            fields=(Field(("id",), "text"), Field(("archived",), "flag"), Field(("teams",), "list", is_required=False)),
        ),
    ),
)  # fmt: skip
