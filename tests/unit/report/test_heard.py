"""What customers say, in the summary: counted, guarded, inert."""

from dataclasses import replace
from datetime import date

import polars as pl

from tasks.report import phrases as say
from tasks.report.figures import numbers_of
from tasks.report.heard import CHANGES, QUOTES, words_of
from tasks.report.markdown import markdown_of
from tasks.report.page import page_of
from tasks.report.sayings import Quote, Saying, Words
from tasks.report.slack_text import slack_text

MONDAY = date(2026, 3, 9)


def a_week(**values):
    row = {"week_start": MONDAY, "first_day": MONDAY, "n_remarks": 130, "n_languages": 2, "n_notes": 0,
           "n_voices": 120, "n_before": 400, "n_happy": 60}  # fmt: skip
    return row | values


def changes(*rows):
    names = ("kind", "rank", "subject", "theme", "n_now", "of_now", "n_before", "of_before")
    return pl.DataFrame([dict(zip(names, row, strict=True)) for row in rows], schema=CHANGES)


def words(week, *rows, quotes=(), smallest=5):
    said = pl.DataFrame(list(quotes), schema=QUOTES, orient="row")
    return words_of(week, changes(*rows), said, smallest)


def test_without_texts_nothing_is_shown(acme):
    for nothing in (words(None), words(a_week(n_voices=0))):
        bare = replace(acme, words=nothing)
        assert nothing.is_empty
        assert "What customers say" not in page_of(bare) + markdown_of(bare)
        assert "Said more" not in slack_text(bare, "page")


def test_of_fewer_customers_than_the_smallest_group_only_that_is_told(acme):
    few = words(a_week(n_voices=4, n_remarks=4), ("said", 1, "price", "price", 4, 4, 0, 0))
    told = replace(acme, words=few)
    assert few.said == ()
    assert say.heard_count(told) == "Fewer than 5 customers wrote: too few to tell what they say."
    assert say.heard_lines(told) == ()


def test_a_count_of_fewer_than_the_smallest_group_is_not_told(acme):
    told = words(a_week(n_before=3), ("more", 1, "late-delivery", "late-delivery", 30, 120, 2, 400))
    line = dict(say.heard_lines(replace(acme, words=told)))["more than before"]
    assert line == "late delivery 25 % (30), before fewer than 5"
    assert "held against fewer than 5 in the four weeks before" in say.heard_count(replace(acme, words=told))


def test_themes_are_named_and_customers_words_stand_in_quotation_marks(acme):
    told = words(
        a_week(),
        ("new", 1, "paper straps", None, 7, 120, 0, 400),
        ("said", 1, "late-delivery", "late-delivery", 30, 120, 100, 400),
        quotes=[(1, "late-delivery", "It came late."), (2, "paper straps", "They cut the bag.")],
    )
    assert dict(say.heard_lines(replace(acme, words=told))) == {
        "new": "“paper straps” 5.8 % (7), before none", "most said": "late delivery 25 % (30), before 25 %",
    }  # fmt: skip
    assert [quote.subject for quote in told.quotes] == ["late delivery", "“paper straps”"]


def test_what_is_told_as_more_is_not_told_again_as_most_said(acme):
    row = ("late-delivery", "late-delivery", 30, 120, 20, 400)
    told = replace(acme, words=words(a_week(), ("more", 1, *row), ("said", 1, *row)))
    assert [kind for kind, _ in say.heard_lines(told)] == ["more than before"]


def test_where_few_write_in_a_week_it_says_that_four_weeks_are_told(acme):
    told = replace(acme, words=words(a_week(first_day=date(2026, 2, 16), n_remarks=1, n_languages=1)))
    assert say.heard_count(told) == (
        "1 comment in the week. Few write in one week, so this is of four: 120 customers, held against 400 in the four "
        "weeks before."
    )
    assert say.heard_nothing_new(told) == "Nothing is surely said more, or less, than before."


def test_a_first_week_has_nothing_to_be_held_against(acme):
    told = replace(acme, words=words(a_week(n_before=0)))
    assert say.heard_nothing_new(told) == "Nothing was written before, to hold this against."


def test_customers_words_are_shown_and_never_run(acme):
    nasty = "<script>alert(1)</script> <!channel> *late* [x](http://evil)"
    heard = Words(n_remarks=9, n_voices=9, new=(Saying(f"“{nasty}”", 9, 9, 0, 9),), quotes=(Quote(nasty, nasty),),
                  smallest_group=5)  # fmt: skip
    told = replace(acme, words=heard)
    assert "<script>alert" not in page_of(told)
    text = markdown_of(told)
    assert "<script>" not in text.replace("\\<", "")
    assert "\\[x\\]" in text
    assert "<!channel>" not in slack_text(told, "page")


def test_what_customers_wrote_is_in_no_json(acme):
    told = replace(acme, words=replace(acme.words, quotes=(Quote("late", "So very late."),)))
    assert "So very late." in page_of(told)
    assert "So very late." not in numbers_of(told)
    assert '"n_remarks": 612' in numbers_of(told)
