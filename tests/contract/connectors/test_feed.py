import json
from pathlib import Path

import pytest

from domain.connectors import Page
from domain.errors import SourceChangedError, SourcesError
from domain.paging import Answer, Request, inside
from tasks.extract.connectors.authors import customer_of
from tasks.extract.connectors.feed import CONNECTOR, NextPage, parse_entries
from tasks.extract.connectors.feed_entries import decode

STREAM = CONNECTOR.stream("entries")
PAGES = Path(__file__).parents[1] / "pages" / "feed"
STARS = {"low": 1, "high": 5}


def text(name: str) -> str:
    return (PAGES / name).read_text()


def test_a_forums_posts_are_mentions_in_the_words_a_reader_sees():
    mention = parse_entries(Page(text("rss.xml")), {"reach": "author.followers", "channel": "forum"})["mentions"][0]
    assert mention["mention_id"] == "post-17"
    assert mention["body"] == "Checkout keeps failing\nSince 4.2 the card is refused.\nAnyone else?"
    assert (mention["reach"], mention["channel"], mention["about"]) == ("1250", "forum", "us")
    assert mention["mentioned_at"] == "2026-03-09T09:00:00Z"
    assert (mention["url"], mention["tags"]) == ("https://forum.example/t/17", "checkout payments")


def test_a_post_without_an_id_is_known_by_its_link_and_one_without_a_link_by_its_content():
    ids = [mention["mention_id"] for mention in parse_entries(Page(text("rss.xml")), {})["mentions"]]
    assert ids[:2] == ["post-17", "https://forum.example/t/16"]
    assert len(ids[2]) == 32
    assert ids == [mention["mention_id"] for mention in parse_entries(Page(text("rss.xml")), {})["mentions"]]


def test_a_post_without_a_date_is_kept_without_one():
    mention = parse_entries(Page(text("rss.xml")), {})["mentions"][2]
    assert (mention["body"], mention["mentioned_at"]) == ("No title, no link, no date.", None)


def test_a_competitors_reviews_stay_apart_on_their_own_scale():
    options = {"as": "reviews", "about": "Rival", "scale": STARS, "rating": "rating", "app_version": "version"}
    review = parse_entries(Page(text("atom.xml")), options)["reviews"][0]
    assert (review["about"], review["rating"], review["scale_low"], review["scale_high"]) == ("Rival", "4", 1, 5)
    assert (review["title"], review["body"], review["app_version"]) == ("Solid", "Solid and fast.", "9.1")
    assert (review["reviewed_at"], review["language"]) == ("2026-03-09T00:05:00Z", "en")


def test_a_json_feed_is_read_like_the_others():
    mention = parse_entries(Page(text("feed.json")), {"reach": "_reach.readers"})["mentions"][0]
    assert (mention["mention_id"], mention["reach"]) == ("n-9", "48000")
    assert mention["body"] == "Acme recalls kettles."
    assert (mention["mentioned_at"], mention["version_at"]) == ("2026-03-09T06:00:00Z", "2026-03-09T08:30:00Z")
    assert parse_entries(Page(json.loads(text("feed.json"))), {}) == parse_entries(Page(text("feed.json")), {})


def test_everything_else_in_an_entry_can_be_mapped():
    review = parse_entries(Page(text("rss.xml")), {"as": "reviews", "scale": STARS})["reviews"][0]
    assert (review["feed_rating"], review["feed_author_followers"]) == ("2", "1250")
    assert review["rating"] is None


def test_ratings_without_a_scale_are_refused():
    for scale in (None, {}, {"low": 5, "high": 1}, {"low": "1", "high": 5}):
        with pytest.raises(SourcesError, match="scale"):
            parse_entries(Page(text("rss.xml")), {"as": "reviews", "scale": scale})


def test_entries_are_mentions_or_reviews_and_nothing_else():
    with pytest.raises(SourcesError, match="'posts' is neither mentions nor reviews"):
        parse_entries(Page(text("rss.xml")), {"as": "posts"})


@pytest.mark.parametrize("page", [
    "<!doctype html><html><body>Sign in</body></html>",
    "<rss version='2.0'><channel><item>",
    '{"version": "1", "items": []}',
    '{"items": [',
    "",
    '<!DOCTYPE r [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><rss version="2.0"><channel><title>&b;</title></channel></rss>',
])  # fmt: skip
def test_what_is_no_feed_stops_the_source(page: str):
    with pytest.raises(SourceChangedError, match=r"expected RSS 2\.0, Atom or JSON Feed"):
        STREAM.records_of(page)


def test_a_feed_without_entries_gives_none():
    empty = "<rss version='2.0'><channel><title>Quiet</title></channel></rss>"
    assert STREAM.records_of(empty) == []
    assert parse_entries(Page(empty), {}) == {"mentions": [], "identities": []}


@pytest.mark.parametrize(("name", "url"), [
    ("rss.xml", "https://forum.example/acme.rss?page=2"),
    ("atom.xml", "https://store.example/reviews/rival/page=2/xml"),
    ("feed.json", "https://news.example/acme.json?page=2"),
])  # fmt: skip
def test_the_next_page_is_the_one_the_feed_names(name: str, url: str):
    answer = Answer("", {}, text(name).encode(), None)
    following = NextPage().following(Request(""), answer, 1)
    assert following is not None
    assert following.path == url
    assert NextPage().following(Request(""), answer, 0) is None


def test_dates_in_any_zone_become_one_and_a_damaged_one_is_left_to_the_quarantine():
    def dated(written: str) -> object:
        item = f"<item><guid>1</guid><pubDate>{written}</pubDate></item>"
        return decode(f"<rss version='2.0'><channel>{item}</channel></rss>")["entries"][0]["at"]

    assert dated("Mon, 09 Mar 2026 10:00:00 EST") == "2026-03-09T15:00:00Z"
    assert dated("2026-03-09T10:00:00") == "2026-03-09T10:00:00Z"
    assert dated("yesterday") == "yesterday"


def test_an_entry_with_a_damaged_date_does_not_stop_the_others():
    item = "<item><guid>1</guid><pubDate>yesterday</pubDate></item>"
    record = STREAM.records_of(f"<rss version='2.0'><channel>{item}</channel></rss>")[0]
    assert STREAM.since is not None
    assert inside(record, STREAM.since.mark) is None


def people(name: str, **options: object) -> list[tuple[str, str]]:
    return [(one["kind"], one["value_hash"]) for one in parse_entries(Page(text(name)), options)["identities"]]


def test_an_author_with_an_address_is_a_customer_by_that_address():
    rows = parse_entries(Page(text("rss.xml")), {})
    assert people("rss.xml") == [("email", "Ann.Lee@buyer.example")]
    first, *others = rows["mentions"]
    assert first["customer_id"] == rows["identities"][0]["customer_id"]
    assert "buyer" not in first["customer_id"]
    assert {mention["customer_id"] for mention in others} == {None}
    assert first["author_name"] == "annlee"


def test_a_name_is_a_handle_only_where_the_source_says_so():
    assert people("rss.xml", author="creator") == [("email", "Ann.Lee@buyer.example"), ("handle", "annlee")]


def test_authors_of_a_json_feed_are_known_by_their_profile_or_their_mail():
    assert people("entries.json") == [("handle", "https://social.example/@carla"), ("email", "ben@buyer.example")]


def test_an_author_of_atom_is_known_by_mail_and_profile_and_a_sites_front_page_is_no_profile():
    entry = "<entry><id>1</id><updated>2026-03-09T09:00:00Z</updated><author>{}</author></entry>"
    feed = '<feed xmlns="http://www.w3.org/2005/Atom">{}</feed>'
    carla = "<name>Carla</name><email>c@x.example</email><uri>https://social.example/@carla</uri>"
    for author, known in ((carla, 2), ("<name>Acme</name><uri>https://blog.example/</uri>", 0), ("", 0)):
        rows = parse_entries(Page(feed.format(entry.format(author))), {})
        assert len(rows["identities"]) == known


def test_authors_of_reviews_are_customers_too():
    rows = parse_entries(Page(text("rss.xml")), {"as": "reviews", "scale": STARS})
    assert rows["reviews"][0]["customer_id"] == rows["identities"][0]["customer_id"]


def test_the_same_address_is_the_same_customer_however_it_is_written():
    assert customer_of([("email", None), ("handle", " AnnLee ")]) == customer_of([("handle", "annlee")])
    assert customer_of([("email", ""), ("handle", None)]) is None
