from datetime import date, timedelta

from tasks.alert.outgoing import Body, Draft, Row, plan

MONDAY = date(2026, 3, 16)


def _draft(key: str = "incident-1", words: str = "behind", **changes) -> Draft:
    return Draft(key, "#cx", Body(words, [{"type": "section"}]), **changes)


def _kinds(rows: list[Row]) -> list[tuple[str, str]]:
    return [(row.kind, row.state) for row in rows]


def test_news_is_posted_once():
    first = plan([_draft()], [], {}, MONDAY)
    assert _kinds(first.rows) == [("post", "waiting")]
    assert plan([_draft()], first.rows, {}, MONDAY).rows == []
    assert plan([_draft()], first.rows, {}, MONDAY + timedelta(weeks=5)).rows == []


def test_changed_words_edit_the_same_message():
    before = plan([_draft()], [], {}, MONDAY).rows
    after = plan([_draft(words="seen")], before, {}, MONDAY).rows
    assert [(row.key, row.kind, row.sequence) for row in after] == [("incident-1", "edit", 1)]


def test_words_that_come_back_are_told_again():
    rows = plan([_draft()], [], {}, MONDAY).rows
    for words in ("seen", "behind", "seen", "behind"):
        rows = rows + plan([_draft(words=words)], rows, {}, MONDAY).rows
    assert len({row.message_id for row in rows}) == 5


def test_an_edit_that_still_waits_is_replaced_by_a_newer_one():
    rows = plan([_draft()], [], {}, MONDAY).rows
    rows += plan([_draft(words="seen")], rows, {}, MONDAY).rows
    newer = plan([_draft(words="over")], rows, {}, MONDAY)
    assert newer.superseded == [rows[1].message_id]


def test_a_reply_goes_into_a_thread_that_is_there():
    rows = plan([_draft()], [], {}, MONDAY).rows
    later = plan([_draft(reply=Body("worse", []))], rows, {}, MONDAY + timedelta(weeks=1)).rows
    assert _kinds(later) == [("reply", "waiting")]
    assert _kinds(plan([_draft(key="incident-2", reply=Body("worse", []))], [], {}, MONDAY).rows) == [
        ("post", "waiting")
    ]


def test_what_is_over_the_weeks_budget_is_left_for_the_summary():
    drafts = [_draft(key=f"incident-{i}") for i in range(4)]
    planned = plan(drafts, [], {"#cx": 3}, MONDAY)
    assert _kinds(planned.rows) == [("post", "waiting")] * 3 + [("post", "collapsed")]
    more = plan([_draft(key="incident-9")], planned.rows, {"#cx": 3}, MONDAY + timedelta(days=3))
    assert _kinds(more.rows) == [("post", "collapsed")]
    next_week = plan([_draft(key="incident-9")], planned.rows, {"#cx": 3}, MONDAY + timedelta(weeks=1))
    assert _kinds(next_week.rows) == [("post", "waiting")]


def test_the_budget_is_for_alerts_of_one_channel():
    elsewhere = Draft("incident-7", "#support", Body("x", []))
    free = _draft(key="batch:1", is_budgeted=False)
    planned = plan([_draft(), free, elsewhere, _draft(key="incident-2")], [], {"#cx": 1}, MONDAY)
    assert [row.state for row in planned.rows] == ["waiting", "waiting", "waiting", "collapsed"]


def test_a_silent_draft_posts_nothing():
    assert plan([_draft(may_post=False)], [], {}, MONDAY).rows == []
