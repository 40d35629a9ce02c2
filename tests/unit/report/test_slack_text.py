"""One message of at most fifteen lines, in which nothing that people wrote does anything."""

from dataclasses import replace

from tasks.report.slack_text import MOST_LINES, slack_text, summary_message

PAGE = "out/summary/2026-W11.html"


def test_the_message_has_at_most_fifteen_lines_and_says_what_is_left_out(acme):
    many = replace(acme, benchmarks=acme.benchmarks[:1] * 30)
    for summary in (acme, many):
        assert len(slack_text(summary, PAGE).split("\n")) <= MOST_LINES
    assert "more on the page" in slack_text(many, PAGE)


def test_a_quiet_week_is_three_lines(quiet):
    assert len(slack_text(quiet, PAGE).split("\n")) == 3


def test_mentions_links_and_formatting_in_peoples_words_are_inert(acme):
    nasty = replace(acme.board.due[0], title="<!channel> *now* <https://evil.example|click> `x` & y")
    text = slack_text(replace(acme, board=replace(acme.board, due=(nasty,))), PAGE)
    assert "<!channel>" not in text
    assert "<https" not in text
    assert "&lt;!channel&gt;" in text
    assert "*now*" not in text


def test_a_word_with_an_underscore_stays_as_it_is(acme):
    named = replace(acme.board.due[0], title="look at first_reply_time")
    assert "first_reply_time" in slack_text(replace(acme, board=replace(acme.board, due=(named,))), PAGE)


def test_the_key_is_the_weeks_so_that_it_is_posted_once(acme):
    message = summary_message(acme, "#cx", PAGE)
    assert (message.key, message.channel, message.kind) == ("summary:2026-W11", "#cx", "post")
    assert message == summary_message(acme, "#cx", PAGE)


def test_a_section_is_never_longer_than_slack_takes(acme):
    long = tuple(replace(acme.board.judged[0], reason="word " * 900) for _ in range(4))
    message = summary_message(replace(acme, board=replace(acme.board, judged=long)), "#cx", PAGE)
    assert len(message.blocks) > 1
    assert all(len(block["text"]["text"]) <= 3000 for block in message.blocks)
