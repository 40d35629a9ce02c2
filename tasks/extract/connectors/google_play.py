"""Google Play: what customers write about the company's own apps, and what the company answered.

The interface tells reviews with text, written or changed in the last seven days, and nothing older, ever: a source
that stood still for longer has lost days, and says so.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
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
    ServiceAccount,
    Stream,
    iso,
)
from domain.paging import NextToken, Request, inside

LOWEST: Final = 1
HIGHEST: Final = 5
_IS_WHOLE: Final = re.compile(r"-?\d{1,11}")


def parse_reviews(page: Page, options: Options) -> Rows:
    """A page of reviews; each in its latest wording, with the developer's answer."""
    return {"reviews": [_review(record, options) for record in page.body.get("reviews") or ()]}


def instant_of(timestamp: Any) -> str | None:
    """A Google timestamp as ISO 8601; parts of a second are dropped. What is none stays as it is, for the quarantine.

    >>> instant_of({"seconds": "1600000000", "nanos": 5})
    '2020-09-13T12:26:40Z'
    """
    seconds = inside(timestamp, ("seconds",))
    return iso(seconds) if seconds is None or _IS_WHOLE.fullmatch(str(seconds)) else str(seconds)


def _review(record: Mapping[str, Any], options: Options) -> Row:
    user, answer = _comment(record, "userComment"), _comment(record, "developerComment")
    written_at, answered_at = instant_of(user.get("lastModified")), instant_of(answer.get("lastModified"))
    title, body = _title_and_body(user)
    return {
        "review_id": record["reviewId"],
        "about": "us",
        "rating": user.get("starRating"),
        "scale_low": LOWEST, "scale_high": HIGHEST,
        "title": title,
        "body": body,
        "language": user.get("reviewerLanguage"),
        "device": inside(user, ("deviceMetadata", "productName")) or user.get("device"),
        "app_version": user.get("appVersionName"),
        "channel": "google_play",
        "reviewed_at": written_at,
        "version_at": max(filter(None, (written_at, answered_at)), default=None),
        "app": options.get("each"),
        "device_class": inside(user, ("deviceMetadata", "deviceClass")),
        "android_version": user.get("androidOsVersion"),
        "thumbs_up": user.get("thumbsUpCount"),
        "thumbs_down": user.get("thumbsDownCount"),
        "response": answer.get("text"),
        "responded_at": answered_at,
    }  # fmt: skip


def _comment(record: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """The latest comment of one kind; an entry of the conversation holds one or the other."""
    found: list[Mapping[str, Any]] = [entry[kind] for entry in record.get("comments") or () if entry.get(kind)]
    nothing: Mapping[str, Any] = {}
    return max(found, key=lambda comment: instant_of(comment.get("lastModified")) or "", default=nothing)


def _title_and_body(user: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """What the customer wrote, untranslated; a title, where there is one, stands before a tab."""
    written = user.get("originalText") or user.get("text")
    if not isinstance(written, str):
        return None, None
    title, tab, body = written.partition("\t")
    return (title.strip() or None, body.strip()) if tab else (None, written.strip())


CONNECTOR: Final = Connector(
    kind="google_play",
    title="Google Play",
    address="https://androidpublisher.googleapis.com",
    auth=ServiceAccount("account", "https://www.googleapis.com/auth/androidpublisher"),
    secrets=(
        Secret("account", "GOOGLE_PLAY_SERVICE_ACCOUNT", "the JSON key of a service account (Google Cloud console), "
               "invited in Play Console with the right to reply to reviews"),
    ),
    options=(Option("packages", "package names of the apps (com.acme.shop)", "texts", is_required=True),),
    rate=Rate(200, 3600),
    delay=timedelta(hours=1),
    keeps=timedelta(days=7),
    streams=(
        Stream(
            name="reviews",
            request=Request("/androidpublisher/v3/applications/{each}/reviews", {"maxResults": "100"}),
            parse=parse_reviews,
            feeds=("reviews",),
            records=("reviews",),
            key=("reviewId",),
            paging=NextToken(("tokenPagination", "nextPageToken"), "token"),
            # It shows a week, by the last change: six days of it are surely there until the reading has ended.
            covers=Covers("reviewed_at", keeps=timedelta(days=6)),
            per_option="packages",
            leaves_out_empty=True,
            fields=(Field(("reviewId",), "text"), Field(("comments",), "list")),
        ),
    ),
)  # fmt: skip
