import json
from pathlib import Path
from typing import Any

import pytest

from domain.connectors import Page
from domain.paging import Answer
from tasks.extract.connectors.app_store import CONNECTOR, parse_reviews

STREAM = CONNECTOR.stream("reviews")
PAGES = Path(__file__).parents[1] / "pages" / "app_store"


def page() -> dict[str, Any]:
    return json.loads((PAGES / "reviews.json").read_text())


def test_a_review_is_read_with_its_country_and_the_companys_answer():
    review = parse_reviews(Page(page()), {"each": "1234567890"})["reviews"][0]
    assert review["review_id"] == "00000021-aa"
    assert (review["rating"], review["scale_low"], review["scale_high"], review["about"]) == (2, 1, 5, "us")
    assert (review["country"], review["app"]) == ("DE", "1234567890")
    assert review["response"] == "Version 4.2 keeps it. Thank you for telling us."
    assert review["reviewed_at"] == "2026-03-09T01:10:00-08:00"


def test_an_answer_makes_the_review_newer_than_it_was_without():
    answered, unanswered = parse_reviews(Page(page()), {})["reviews"]
    assert answered["version_at"] == answered["responded_at"] == "2026-03-12T02:00:00-08:00"
    assert unanswered["version_at"] == unanswered["reviewed_at"]
    assert unanswered["response"] is None


def test_a_review_that_was_edited_after_the_answer_is_newer_than_the_answer():
    body = page()
    body["data"][0]["attributes"]["createdDate"] = "2026-03-12T11:00:01+01:00"
    body["included"][0]["attributes"]["lastModifiedDate"] = "2026-03-12T02:00:00-08:00"
    assert parse_reviews(Page(body), {})["reviews"][0]["version_at"] == "2026-03-12T11:00:01+01:00"


def test_apples_word_for_kosovo_is_a_country():
    assert parse_reviews(Page(page()), {})["reviews"][1]["country"] == "XK"


def test_a_reviewers_nickname_is_not_taken():
    assert "basketcase" not in str(parse_reviews(Page(page()), {}))


def test_a_page_without_reviews_gives_none():
    assert parse_reviews(Page({"data": [], "links": {"self": "https://x.example"}}), {}) == {"reviews": []}


def test_the_list_is_read_from_its_newest_end_and_on_at_the_url_the_page_names():
    assert STREAM.since is not None
    assert STREAM.since.is_newest_first
    assert STREAM.request.query["sort"] == "-createdDate"
    body = page()
    following = STREAM.paging.following(STREAM.request, Answer("", {}, b"", body), 2)
    assert following is not None
    assert following.path == body["links"]["next"]


def test_a_page_without_its_list_is_told_by_name():
    with pytest.raises(KeyError, match="data"):
        STREAM.records_of({"errors": []})
