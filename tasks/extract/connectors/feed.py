"""Any RSS 2.0, Atom or JSON Feed: mentions of a brand, posts of a forum, reviews of a review site.

One source is one feed; its address is the feed's. `about:` says whom it is about: `us`, or a competitor, whose
reviews and mentions stay apart from ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from domain.connectors import Connector, Covers, Field, Option, Options, Page, Public, Rate, Row, Rows, Since, Stream
from domain.errors import SourceChangedError, SourcesError
from domain.paging import Answer, Request
from tasks.extract.connectors.authors import addresses_of, customer_of
from tasks.extract.connectors.feed_entries import Entry, decode

MENTIONS: Final = "mentions"
REVIEWS: Final = "reviews"
IDENTITIES: Final = "identities"
LISTED_AT: Final = "listed_at"


@dataclass(frozen=True)
class NextPage:
    """The feed names its next page: `next_url` of a JSON Feed, the link rel="next" of RSS and Atom (RFC 5005)."""

    def following(self, request: Request, answer: Answer, n_records: int) -> Request | None:
        """The call of the URL the feed names; none after an empty page."""
        try:
            url = decode(answer.content.decode("utf-8", "replace"))["next_url"]
        except SourceChangedError:
            return None
        return request.at(url) if url and n_records else None


def parse_entries(page: Page, options: Options) -> Rows:
    """A page of a feed, as mentions or as reviews.

    Raises:
        SourceChangedError: it is no feed.
        SourcesError: reviews are asked for without their scale, or as something else.
    """
    entries = decode(page.body)["entries"]
    people = [one for entry in entries for one in addresses_of(_known(entry, options), entry["changed_at"])]
    if _kind(options.get("as") or MENTIONS) == MENTIONS:
        return {MENTIONS: [_mention(entry, options) for entry in entries], IDENTITIES: people}
    low, high = _scale(options.get("scale"))
    return {REVIEWS: [_review(entry, options, low, high) for entry in entries], IDENTITIES: people}


def _known(entry: Entry, options: Options) -> list[tuple[str, Any]]:
    """The author's addresses. A name alone is none, unless `author` says that it is the one of a single person."""
    author = entry["author"]
    return [("email", author["email"]), ("handle", author["url"]), ("handle", _field(entry, options, "author"))]


def _mention(entry: Entry, options: Options) -> Row:
    title, body = entry["title"], entry["body"]
    return {
        **_extras(entry),
        "mention_id": entry["id"], "url": entry["url"], "about": _about(options),
        "channel": options.get("channel") or "web",
        "body": body if not title or body.startswith(title) else f"{title}\n{body}".strip(),
        "reach": _field(entry, options, "reach"), "customer_id": customer_of(_known(entry, options)),
        "mentioned_at": entry["at"], "version_at": entry["updated_at"], **_listed(entry, options),
    }  # fmt: skip


def _review(entry: Entry, options: Options, low: float, high: float) -> Row:
    return {
        **_extras(entry),
        "review_id": entry["id"], "url": entry["url"], "about": _about(options),
        "channel": options.get("channel") or "web",
        "title": entry["title"] or None, "body": entry["body"] or None, "language": entry["language"],
        "rating": _field(entry, options, "rating"), "scale_low": low, "scale_high": high,
        "app_version": _field(entry, options, "app_version"), "customer_id": customer_of(_known(entry, options)),
        "reviewed_at": entry["at"], "version_at": entry["updated_at"], **_listed(entry, options),
    }  # fmt: skip


def _listed(entry: Entry, options: Options) -> Row:
    """By when an entry that is shown no more is judged; without it, it is not."""
    return {LISTED_AT: entry["at"]} if options.get("follow_deletions") else {}


def _extras(entry: Entry) -> Row:
    """Everything else in the entry, for `columns:` in sources.yaml: `feed_rating`, `feed_author_followers`."""
    named = {
        "feed_" + "".join(c if c.isalnum() else "_" for c in name): value for name, value in entry["fields"].items()
    }
    return {
        **named,
        "tags": entry["tags"],
        "feed_title": entry["title"] or None,
        "author_name": entry["author"]["name"],
    }


def _about(options: Options) -> str:
    return str(options.get("about") or "us")


def _field(entry: Entry, options: Options, option: str) -> str | None:
    name = options.get(option)
    return entry["fields"].get(str(name)) if name else None


def _kind(written: Any) -> str:
    if written not in (MENTIONS, REVIEWS):
        raise SourcesError(f"as: '{written}' is neither {MENTIONS} nor {REVIEWS}")
    return str(written)


def _scale(scale: Any) -> tuple[float, float]:
    low, high = (scale.get("low"), scale.get("high")) if isinstance(scale, Mapping) else (None, None)  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    if not isinstance(low, int | float) or not isinstance(high, int | float) or low >= high:
        raise SourcesError(f"scale: expected the rating's scale, as {{low: 1, high: 5}}, found {scale!r}")
    return low, high


CONNECTOR: Final = Connector(
    kind="feed",
    title="RSS, Atom or JSON Feed",
    address="",
    auth=Public(),
    secrets=(),
    options=(
        Option("as", "what its entries are: mentions or reviews", default=MENTIONS, check=_kind),
        Option("about", "us, or a competitor's name", default="us"),
        Option("channel", "where it is: forum, news, the review site's name", default="web"),
        Option("scale", "the scale of its ratings, {low: 1, high: 5}; needed for reviews", "mapping", check=_scale),
        Option("rating", "name of the entry's element or field that holds the rating"),
        Option("reach", "name of the element or field that holds the author's reach (author.followers)"),
        Option("author", "name of the element or field with the author's name in that place, where no two share one "
               "(creator): a handle by which the same person is known elsewhere"),
        Option("follow_deletions", "the feed shows all of its newest entries: one that is missing between two that it "
               "shows was withdrawn", "flag", default=False),
        Option("app_version", "name of the element or field that holds the version reviewed"),
    ),
    headers={"Accept": "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9"},
    rate=Rate(30, 60),
    delay=timedelta(hours=1),
    streams=(
        Stream(
            name="entries",
            request=Request(""),
            parse=parse_entries,
            feeds=(MENTIONS, REVIEWS, IDENTITIES),
            records=("entries",),
            paging=NextPage(),
            since=Since(mark=("changed_at",), overlap=timedelta(days=7)),
            covers=Covers(LISTED_AT, (MENTIONS, REVIEWS), published=("at",)),
            decode=decode,
            fields=(Field(("id",), "text"), Field(("at",), "text")),
        ),
    ),
)  # fmt: skip
