"""Entries that a feed no longer shows: withdrawn where newer and older ones are shown, else no longer known."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.connectors import Rate
from tasks.extract.catalog import CONNECTORS
from tests.acceptance.dumps import adds_up, differences, table, tables_of
from tests.acceptance.runner import cxloop
from tests.acceptance.small import ROADMAP
from tests.fakes.fault_server import Asked, FaultServer, Reply, serving

BEGIN = datetime(2026, 3, 1, 9, tzinfo=UTC)
SOURCES = """\
version: 1
sources:
  forum:
    kind: feed
    address: ADDRESS/latest.json
    options: {channel: forum, follow_deletions: true}
"""
N_SHOWN = 12


class Forum:
    """The newest posts of a forum, as a JSON Feed."""

    def __init__(self) -> None:
        self.posts = {number: self.at(number) for number in range(20)}
        self.body: Any = None

    @staticmethod
    def at(number: float) -> str:
        return (BEGIN + timedelta(days=number)).isoformat()

    def __call__(self, asked: Asked) -> Reply:
        newest = sorted(self.posts.items(), reverse=True)[:N_SHOWN]
        items = [{"id": f"p{number}", "content_text": f"Post {number}", "date_published": at} for number, at in newest]
        return self.body or Reply({"version": "https://jsonfeed.org/version/1.1", "title": "Forum", "items": items})


@pytest.fixture
def forum() -> Forum:
    return Forum()


@pytest.fixture
def place(tmp_path: Path, forum: Forum, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setitem(CONNECTORS, "feed", replace(CONNECTORS["feed"], rate=Rate(10_000, 1)))
    with serving(FaultServer(forum)) as address:
        (tmp_path / "roadmap.yaml").write_text(ROADMAP)
        (tmp_path / "sources.yaml").write_text(SOURCES.replace("ADDRESS", address))
        assert cxloop(tmp_path, "ingest") == 0
        yield tmp_path


def ingest(folder: Path, code: int = 0) -> set[str]:
    """Posts that count as deleted after a run."""
    assert cxloop(folder, "ingest") == code
    return {row["mention_id"] for row in table(folder, "mentions") if row["deleted_at"]}


def test_a_post_that_is_missing_between_two_that_are_shown_was_withdrawn(place: Path, forum: Forum):
    assert len(table(place, "mentions")) == N_SHOWN
    held = forum.posts.pop(15)
    assert ingest(place) == {"forum:p15"}
    adds_up(place)
    before = tables_of(place)
    ingest(place)
    assert differences(before, tables_of(place)) == []
    forum.posts[15] = held
    assert ingest(place) == set()


def test_posts_that_left_for_their_age_and_the_newest_one_are_kept(place: Path, forum: Forum):
    del forum.posts[19]
    assert ingest(place) == set()
    forum.posts |= {number: forum.at(number) for number in range(20, 26)}
    assert ingest(place) == {"forum:p19"}  # newer ones are shown now
    assert {row["mention_id"] for row in table(place, "mentions")} == {f"forum:p{number}" for number in range(7, 26)}


@pytest.mark.parametrize(
    "body",
    [
        Reply({"version": "https://jsonfeed.org/version/1.1", "title": "Forum", "items": []}),
        Reply({"version": "https://jsonfeed.org/version/1.1", "title": "Forum", "items": [
            {"id": f"p{number}", "content_text": "…", "date_published": Forum.at(number)} for number in (8, 19, 12)
        ]}),
        Reply({"version": "https://jsonfeed.org/version/1.1", "title": "Forum", "items": [
            {"id": "p19", "content_text": "…", "date_published": Forum.at(19)},
            {"id": "p15", "content_text": "…"},
            {"id": "p8", "content_text": "…", "date_published": Forum.at(8)},
        ]}),
    ],
    ids=["empty", "in no order", "without a time"],
)  # fmt: skip
def test_a_feed_that_cannot_tell_deletes_nothing(place: Path, forum: Forum, body: Reply):
    forum.body = body
    assert ingest(place) == set()


def test_a_feed_that_shows_but_a_few_is_not_believed(place: Path, forum: Forum, capsys: pytest.CaptureFixture[str]):
    forum.posts |= {number: forum.at(number) for number in range(20, 26)}
    ingest(place)
    forum.posts = {number: at for number, at in forum.posts.items() if number in (8, 25)}
    assert ingest(place, 3) == set()
    assert "forum: entries no longer shows 16 of 16 mentions" in capsys.readouterr().err


def test_a_feed_that_does_not_say_so_is_not_followed(place: Path, forum: Forum):
    sources = place / "sources.yaml"
    sources.write_text(sources.read_text().replace(", follow_deletions: true", ""))
    ingest(place)
    del forum.posts[15]
    assert ingest(place) == set()
