"""Apple App Store: what customers write about the company's own apps, and what the company answered.

The interface can only sort, not ask for what changed: the list is read from its newest end to the last review seen.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from domain.connectors import (
    Connector,
    Covers,
    Field,
    Option,
    Options,
    Page,
    Rate,
    Row,
    Rows,
    Secret,
    SignedToken,
    Since,
    Stream,
)
from domain.paging import NextUrl, Request, inside
from tasks.extract.connectors.territories import country_of

LOWEST: Final = 1
HIGHEST: Final = 5


def parse_reviews(page: Page, options: Options) -> Rows:
    """A page of reviews with the answers beside them.

    A review that was answered or whose answer was changed counts as changed then.
    """
    answers = {
        item["id"]: item
        for item in page.body.get("included") or ()
        if item.get("type") == "customerReviewResponses"
    }  # fmt: skip
    return {"reviews": [_review(record, answers, options) for record in page.body["data"]]}


def _review(record: Mapping[str, Any], answers: Mapping[str, Mapping[str, Any]], options: Options) -> Row:
    said: Mapping[str, Any] = record.get("attributes") or {}
    answer = answers.get(str(inside(record, ("relationships", "response", "data", "id"))), {})
    answered_at = inside(answer, ("attributes", "lastModifiedDate"))
    written_at = said.get("createdDate")
    return {
        "review_id": record["id"],
        "about": "us",
        "rating": said.get("rating"),
        "scale_low": LOWEST, "scale_high": HIGHEST,
        "title": said.get("title"),
        "body": said.get("body"),
        "country": country_of(said.get("territory")),
        "channel": "app_store",
        "reviewed_at": written_at,
        "version_at": max(filter(None, (written_at, answered_at)), key=_instant, default=None),
        "app": options.get("each"),
        "territory": said.get("territory"),
        "response": inside(answer, ("attributes", "responseBody")),
        "response_state": inside(answer, ("attributes", "state")),
        "responded_at": answered_at,
    }  # fmt: skip


def _instant(written: str) -> datetime:
    """When it was: Apple writes its own zone's time. What is no time is older than everything."""
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


CONNECTOR: Final = Connector(
    kind="app_store",
    title="Apple App Store",
    address="https://api.appstoreconnect.apple.com",
    auth=SignedToken("private_key", "key_id", "issuer_id", audience="appstoreconnect-v1"),
    secrets=(
        Secret("private_key", "APP_STORE_PRIVATE_KEY", "the .p8 file's text: App Store Connect, Users and Access, "
               "Integrations, a team key with the role Customer Support"),
        Secret("key_id", "APP_STORE_KEY_ID", "the key's id, beside it in the list"),
        Secret("issuer_id", "APP_STORE_ISSUER_ID", "the issuer's id, above the list of keys"),
    ),
    options=(
        Option("apps", "Apple's ids of the apps (App Information, General Information)", "texts", is_required=True),
    ),
    rate=Rate(3500, 3600),
    delay=timedelta(hours=1),
    streams=(
        Stream(
            name="reviews",
            request=Request(
                "/v1/apps/{each}/customerReviews",
                {"sort": "-createdDate", "limit": "200", "include": "response"},
            ),
            parse=parse_reviews,
            feeds=("reviews",),
            records=("data",),
            paging=NextUrl(("links", "next")),
            # Answers and edits come to reviews that are already there: a month is read again.
            since=Since(mark=("attributes", "createdDate"), overlap=timedelta(days=30)),
            covers=Covers("reviewed_at"),
            per_option="apps",
            fields=(
                Field(("attributes",), "object"),
                Field(("attributes", "rating"), "number"),
                Field(("attributes", "createdDate"), "text"),
                Field(("attributes", "title"), "text", is_required=False),
                Field(("attributes", "body"), "text", is_required=False),
                Field(("attributes", "territory"), "text", is_required=False),
            ),
        ),
    ),
)  # fmt: skip
