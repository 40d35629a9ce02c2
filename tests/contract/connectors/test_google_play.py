import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.connectors import Page
from domain.paging import Answer
from tasks.extract.connectors.google_play import CONNECTOR, parse_reviews

STREAM = CONNECTOR.stream("reviews")
PAGES = Path(__file__).parents[1] / "pages" / "google_play"


def page() -> dict[str, Any]:
    return json.loads((PAGES / "reviews.json").read_text())


def test_a_review_is_read_in_the_customers_own_words():
    review = parse_reviews(Page(page()), {"each": "com.acme.shop"})["reviews"][0]
    assert (review["title"], review["body"]) == ("Zu langsam", "Es braucht eine Minute, bis es sich öffnet.")
    assert (review["rating"], review["scale_low"], review["scale_high"], review["about"]) == (1, 1, 5, "us")
    assert (review["language"], review["app_version"], review["app"]) == ("de", "4.2.0", "com.acme.shop")
    assert review["device"] == "acme7 (Acme Phone 7)"


def test_an_answer_makes_the_review_newer_than_it_was_without():
    answered, unanswered = parse_reviews(Page(page()), {})["reviews"]
    assert answered["reviewed_at"] == "2026-03-08T09:00:00Z"
    assert answered["version_at"] == answered["responded_at"] == "2026-03-08T10:00:00Z"
    assert unanswered["version_at"] == unanswered["reviewed_at"] == "2026-03-08T08:00:00Z"


def test_a_review_in_one_piece_has_no_title():
    review = parse_reviews(Page(page()), {})["reviews"][1]
    assert (review["title"], review["body"]) == (None, "Does what it should")


def test_of_several_wordings_the_last_one_counts():
    old = {"userComment": {"text": "Bad", "starRating": 1, "lastModified": {"seconds": "1"}}}
    new = {"userComment": {"text": "Good", "starRating": 5, "lastModified": {"seconds": "20"}}}
    rows = parse_reviews(Page({"reviews": [{"reviewId": "r", "comments": [new, old]}]}), {})["reviews"]
    assert [(row["rating"], row["body"]) for row in rows] == [(5, "Good")]


def test_an_authors_name_is_not_taken():
    assert "A Customer" not in str(parse_reviews(Page(page()), {}))


def test_a_week_without_reviews_is_an_empty_object_and_no_error():
    assert STREAM.records_of({}) == []
    assert parse_reviews(Page({}), {}) == {"reviews": []}


def test_the_token_of_a_page_asks_for_the_next_until_there_is_none():
    following = STREAM.paging.following(STREAM.request, Answer("", {}, b"", page()), 2)
    assert following is not None
    assert following.query == {"maxResults": "100", "token": "page-2"}
    assert STREAM.paging.following(following, Answer("", {}, b"", {}), 0) is None


def test_days_beyond_a_week_are_known_to_be_lost():
    assert CONNECTOR.keeps == timedelta(days=7)


def test_a_review_without_its_id_is_told_by_name():
    with pytest.raises(KeyError, match="reviewId"):
        parse_reviews(Page({"reviews": [{"comments": []}]}), {})
