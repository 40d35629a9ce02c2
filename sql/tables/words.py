"""What customers wrote, as data: never the text itself, which stays in its fact table."""

from sqlalchemy import Index

from sql.tables.base import column, table
from sql.types import BigInteger, Date, Float, Instant, Text

remarks = table(
    "remarks", "one text of one customer, as it was read: a survey comment, a review, a mention, a colleague's note",
    column("fact", Text, "fact table it stands in", key=True),
    column("row_id", Text, "key of its row there", key=True),
    column("row_hash", BigInteger, "hash of the row when it was read; equal: need not be read again", required=True),
    column("scores_hash", BigInteger, "sum over the hashes of its response's scored answers; 0: none", required=True),
    column("version", Text, "rules and themes it was read with", required=True),
    column("text_hash", Text, "hash of the text: the same words again", required=True),
    column("day", Date, "day it was written (reporting zone)", required=True),
    column("written_at", Instant, "when it was written (UTC)", required=True),
    column("source", Text, "name of the source", required=True),
    column("customer_id", Text, "customer; empty: unknown or anonymous"),
    column("response_id", Text, "response it belongs to, of survey answers"),
    column("segment", Text, "segment, if the row says it"),
    column("persona", Text, "persona, if the row says it"),
    column("touchpoint", Text, "touchpoint of the customer journey"),
    column("product", Text, "product or plan"),
    column("channel", Text, "channel"),
    column("language", Text, "language told from the words, one the company declares, or unknown", required=True),
    column("standing", Text, "happy | unhappy by the score beside it, else by its response's; empty: between, or none"),
    column("tone", Text, "negative | neutral | positive | unknown; empty: not told, or a colleague's note"),
    column("told_by", Text, "scores | lexicon: what told the tone; empty: unknown"),
    column("positive", Float, "probability of a happy customer, 0-1, at even odds; empty: no scores to tell it by"),
    column("lesson", Text, "scored comments its tone was learned from, as a hash; empty: not told yet"),
)  # fmt: skip
Index(None, remarks.c.day)

remark_themes = table(
    "remark_themes", "one theme of the roadmap that one text speaks of",
    column("fact", Text, "fact table the text stands in", key=True),
    column("row_id", Text, "key of its row there", key=True),
    column("theme", Text, "theme", key=True),
)  # fmt: skip

tone_lessons = table(
    "tone_lessons", "what tone sounds like in one language, for one quarter's texts",
    column("begins", Date, "first day of the quarter; learned from scored comments of the year before it", key=True),
    column("language", Text, "language; unknown: all together, for texts too short to tell theirs", key=True),
    column("n_happy", BigInteger, "pieces of text of happy customers learned from", required=True),
    column("n_unhappy", BigInteger, "pieces of text of unhappy customers learned from", required=True),
    column("right_share", Float, "share of held-out pieces told right, both standings weighing the same, 0-1",
           required=True),
)  # fmt: skip

remark_weeks = table(
    "remark_weeks", "what customers say in one week, as far as a summary told it",
    column("week_start", Date, "Monday of the week", key=True),
    column("first_day", Date, "first day of the texts told: the Monday, or 28 days before the next where few write",
           required=True),
    column("n_remarks", BigInteger, "texts of the week", required=True),
    column("n_languages", BigInteger, "languages of these texts, as far as told", required=True),
    column("n_notes", BigInteger, "colleagues' notes of the week", required=True),
    column("n_voices", BigInteger, "customers who wrote since first_day", required=True),
    column("n_before", BigInteger, "customers who wrote in the 28 days before first_day", required=True),
    column("n_happy", BigInteger, "happy customers who wrote since first_day", required=True),
    column("mark", Text, "hash of all it was made from", required=True),
)  # fmt: skip

remark_changes = table(
    "remark_changes", "one theme, or one thing in customers' words, that a week tells of",
    column("week_start", Date, "Monday of the week", key=True),
    column("kind", Text, "more | new | less than in the 28 days before | loved (by happy more than by unhappy ones) | "
           "said (the themes most spoken of)", key=True),
    column("rank", BigInteger, "1: the surest; of what is said the most spoken of", key=True),
    column("subject", Text, "theme of the roadmap, or words that several customers wrote", required=True),
    column("theme", Text, "the theme, if it is one; empty: customers' own words"),
    column("n_now", BigInteger, "customers who say it (loved: happy ones)", required=True),
    column("of_now", BigInteger, "customers who write (loved: happy ones)", required=True),
    column("n_before", BigInteger, "customers who said it before (loved: unhappy ones)", required=True),
    column("of_before", BigInteger, "customers who wrote before (loved: unhappy ones)", required=True),
    column("q", Float, "share of false ones among this and all surer ones, 0-1; empty: nothing was tested"),
)  # fmt: skip

remark_quotes = table(
    "remark_quotes", "one typical text of one subject of a week; shown from its row, masked",
    column("week_start", Date, "Monday of the week", key=True),
    column("rank", BigInteger, "place among the week's quotes, from 1", key=True),
    column("subject", Text, "theme or words it stands for", required=True),
    column("fact", Text, "fact table it stands in", required=True),
    column("row_id", Text, "key of its row there", required=True),
    column("place", BigInteger, "which of its sentences; 0 of a short text: all of it", required=True),
    column("quote_hash", Text, "hash of the masked words that were found fit to be shown", required=True),
)  # fmt: skip

incident_words = table(
    "incident_words", "one open incident, of which what customers write in its part of the company was looked at",
    column("incident_id", Text, "the incident", key=True),
    column("first_day", Date, "first day of the period it judges", required=True),
    column("end_day", Date, "day after its last day", required=True),
    column("before_day", Date, "first day of the texts before; they end where the trouble began", required=True),
    column("begun_day", Date, "day on which they end: the trouble's first", required=True),
    column("n_voices", BigInteger, "customers who write in the period, in its part of the company", required=True),
    column("n_before", BigInteger, "customers who wrote before", required=True),
    column("mark", Text, "hash of all it was made from", required=True),
)  # fmt: skip

incident_subjects = table(
    "incident_subjects", "one theme, or one thing in customers' words, surely said more often in an incident",
    column("incident_id", Text, "the incident", key=True),
    column("rank", BigInteger, "1: the surest theme of the roadmap; then customers' own words", key=True),
    column("subject", Text, "theme of the roadmap, or words that several customers wrote", required=True),
    column("theme", Text, "the theme, if it is one; empty: customers' own words"),
    column("n_now", BigInteger, "customers who say it in the period", required=True),
    column("n_before", BigInteger, "customers who said it before", required=True),
    column("q", Float, "share of false ones among this and all surer ones, 0-1", required=True),
    column("fact", Text, "fact table of a typical text of it; empty: none is fit to be shown"),
    column("row_id", Text, "key of its row there"),
    column("place", BigInteger, "which of its sentences; 0 of a short text: all of it"),
    column("quote_hash", Text, "hash of the masked words that were found fit to be shown"),
)  # fmt: skip
