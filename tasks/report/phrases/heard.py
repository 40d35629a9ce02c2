"""What the summary says of customers' words."""

from domain.shown import counted, shown
from tasks.report.sayings import Quote, Saying, Words
from tasks.report.summary import Summary
from tasks.report.words import plural


def heard_count(summary: Summary) -> str:
    """`612 comments in the week, in 3 languages: 590 customers, held against 2,104 in …`; empty: no texts."""
    words = summary.words
    if words.is_too_few:
        return f"Fewer than {words.smallest_group} customers wrote: too few to tell what they say."
    if words.is_empty:
        return ""
    told = f"{plural(words.n_remarks, 'comment')} in the week"
    told += f", in {plural(words.n_languages, 'language')}" if words.n_languages > 1 else ""
    of = ". Few write in one week, so this is of four: " if words.is_of_four_weeks else ": "
    before = _customers(words.n_before, words)
    return f"{told}{of}{counted(words.n_voices)} customers, held against {before} in the four weeks before."


def heard_lines(summary: Summary) -> tuple[tuple[str, str], ...]:
    """What each line tells of, and its text: new, more than before, less, loved, most said, our own people.

    What is most said is left out where the same is told already.
    """
    words = summary.words
    told = {
        "new": [_more(one, words) for one in words.new],
        "more than before": [_more(one, words) for one in words.more],
        "less": [_more(one, words) for one in words.less],
        "loved": [_loved(one, words) for one in words.loved],
        "most said": [_more(one, words) for one in words.said if one not in (*words.new, *words.more, *words.less)],
        "our own people": [f"{plural(words.n_notes, 'note')}."] if words.n_notes else [],
    }
    return tuple((kind, " · ".join(lines)) for kind, lines in told.items() if lines)


def heard_nothing_new(summary: Summary) -> str:
    """That nothing changed, where that is so; else empty."""
    words = summary.words
    if words.is_empty or words.is_too_few or words.new or words.more or words.less:
        return ""
    if words.n_before == 0:
        return "Nothing was written before, to hold this against."
    return "Nothing is surely said more, or less, than before."


def heard_in_short(summary: Summary) -> str:
    """One line of what is new or said more; empty: nothing is."""
    words = summary.words
    told = [f"{one.subject} {_share(one.n_now, one.of_now, words)}" for one in (*words.new, *words.more)]
    return f"Said more than before: {' · '.join(told)}" if told else ""


def heard_quote(quote: Quote) -> str:
    """`“The boxes came late again.”`: what customers wrote, in quotation marks."""
    return f"“{quote.text}”"


def _more(one: Saying, words: Words) -> str:
    """`late delivery 20 % (121), before 6 %`."""
    now = _share(one.n_now, one.of_now, words)
    count = f" ({counted(one.n_now)})" if one.n_now else ""
    before = "" if not one.of_before else f", before {_share(one.n_before, one.of_before, words)}"
    return f"{one.subject} {now}{count}{before}"


def _loved(one: Saying, words: Words) -> str:
    """`“pause with one tap” by 38 % of happy customers (73), by 2 % of unhappy ones`."""
    now = _share(one.n_now, one.of_now, words)
    return f"{one.subject} by {now} of happy customers, by {_share(one.n_before, one.of_before, words)} of unhappy ones"


def _share(n: int | None, of: int, words: Words) -> str:
    if n is None:
        return f"fewer than {words.smallest_group}"
    return shown(n / of, "share", 0.01 if n * 10 >= of else 0.001) if n else "none"


def _customers(n: int | None, words: Words) -> str:
    return f"fewer than {words.smallest_group}" if n is None else counted(n) if n else "nobody"
