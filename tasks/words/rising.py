"""What customers say more often, or less, than in the period before."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from scipy.stats import hypergeom

from tasks.words.comments import Comments
from tasks.words.terms import telling_of_people, terms_of, words_of

Numbers = np.ndarray[Any, np.dtype[np.float64]]
SCHEMA: Final = {
    "term": pl.String(), "direction": pl.String(), "n_now": pl.Int64(), "n_before": pl.Int64(),
    "of_now": pl.Int64(), "of_before": pl.Int64(), "share_now": pl.Float64(), "share_before": pl.Float64(),
    "log_odds": pl.Float64(), "z": pl.Float64(), "p": pl.Float64(), "q": pl.Float64(),
}  # fmt: skip


@dataclass(frozen=True)
class ChangeRule:
    """When a term counts as changed: both keys must turn.

    Attributes:
        false_discoveries: expected share of false ones among all that are told, at most.
        times: least ratio of odds, after shrinking, for a change to matter.
        smallest_group: fewest customers who say it, in the period in which it is more; the roadmap's.
        prior: voices that the pooled share of a term weighs, in each period.
    """

    false_discoveries: float = 0.05
    times: float = 1.5
    smallest_group: int = 5
    prior: float = 10.0


RULE: Final = ChangeRule()


def changed_terms(now: Comments, before: Comments, rule: ChangeRule = RULE) -> pl.DataFrame:
    """Words and phrases that more, or fewer, customers use than before; names left out.

    Args:
        now: texts of the period.
        before: texts of the period before, or of several.
        rule: when a term counts as changed.

    Returns:
        As `changed`.
    """
    words = [words_of(now), words_of(before)]
    people = telling_of_people(pl.concat(words))
    said_now, said_before = _counts(terms_of(words[0]), now), _counts(terms_of(words[1]), before)
    told = changed(said_now, said_before, now.n_voices, before.n_voices, rule)
    is_named = pl.col("term").str.split(" ").list.set_intersection(sorted(people)).list.len() > 0
    return told.filter(~is_named) if people else told


def changed_themes(
    now: Comments, before: Comments, themes: tuple[pl.DataFrame, pl.DataFrame], rule: ChangeRule = RULE
) -> pl.DataFrame:
    """The roadmap's themes of which more, or fewer, customers speak than before.

    Args:
        now: texts of the period.
        before: texts of the period before, or of several.
        themes: text_id and theme of each of the two, see `themes.themes_of`.
        rule: when a theme counts as changed.

    Returns:
        As `changed`, the theme in `term`.
    """
    said_now, said_before = (part.select("text_id", term="theme") for part in themes)
    return changed(_counts(said_now, now), _counts(said_before, before), now.n_voices, before.n_voices, rule)


def changed(
    now: pl.DataFrame, before: pl.DataFrame, of_now: int, of_before: int, rule: ChangeRule = RULE
) -> pl.DataFrame:
    """Terms, or themes, whose share of customers changed, the surest first.

    Counted are customers, not words: one who writes it ten times says it once. Whether it changed is Fisher's exact
    test, two-sided (twice the smaller tail), with Benjamini and Hochberg's control over all terms of at least
    `smallest_group` customers in both periods together. By how much is the log-odds ratio with an informative prior
    (the term's pooled share), which draws small counts to no change.

    Args:
        now: term and n (customers who say it) in the period.
        before: the same before.
        of_now: customers who say anything in the period.
        of_before: the same before.
        rule: when a change counts.

    Returns:
        One row per changed term: direction (`more` or `less`), n_*, of_*, share_* (0-1), log_odds and its z, p, q (the
        share of false ones among this and all surer ones). Nothing where one period is empty.

    Source:
        Monroe, Colaresi and Quinn 2008, equations 15-19 and 22, with customers in place of words; Benjamini and
        Hochberg 1995. Fisher's test, since the z of a term never said before is too small: its prior count is near 0.
    """
    if of_now <= 0 or of_before <= 0:
        return pl.DataFrame(schema=SCHEMA)
    both = now.select("term", n_now="n").join(before.select("term", n_before="n"), on="term", how="full", coalesce=True)
    both = both.with_columns(pl.col("n_now", "n_before").fill_null(0).cast(pl.Int64))
    both = both.filter(pl.col("n_now") + pl.col("n_before") >= rule.smallest_group).sort("term")
    said_now, said_before = both["n_now"].to_numpy(), both["n_before"].to_numpy()
    log_odds, z = _log_odds(said_now, said_before, of_now, of_before, rule.prior)
    p = _fisher(said_now, said_before, of_now, of_before)
    more = pl.col("n_now") * of_before > pl.col("n_before") * of_now
    table = both.with_columns(
        pl.when(more).then(pl.lit("more")).otherwise(pl.lit("less")).alias("direction"),
        of_now=pl.lit(of_now, pl.Int64), of_before=pl.lit(of_before, pl.Int64),
        share_now=pl.col("n_now") / of_now, share_before=pl.col("n_before") / of_before,
        log_odds=pl.Series(log_odds, dtype=pl.Float64), z=pl.Series(z, dtype=pl.Float64),
        p=pl.Series(p, dtype=pl.Float64), q=pl.Series(_benjamini_hochberg(p), dtype=pl.Float64),
    )  # fmt: skip
    heard = pl.when(more).then(pl.col("n_now")).otherwise(pl.col("n_before")) >= rule.smallest_group
    is_told = (pl.col("q") <= rule.false_discoveries) & (pl.col("log_odds").abs() >= float(np.log(rule.times))) & heard
    return table.filter(is_told).select(list(SCHEMA)).sort("q", "p", "term")


def _counts(said: pl.DataFrame, comments: Comments) -> pl.DataFrame:
    return said.join(comments.voices, on="text_id").group_by("term").agg(n=pl.col("voice").n_unique())


def _log_odds(now: Numbers, before: Numbers, of_now: int, of_before: int, prior: float) -> tuple[Numbers, Numbers]:
    pooled = (now + before) / (of_now + of_before)
    yes, no = prior * pooled, prior * (1 - pooled)
    odds_now = (now + yes) / (of_now - now + no + 1e-9)
    odds_before = (before + yes) / (of_before - before + no + 1e-9)
    delta = np.log(odds_now) - np.log(odds_before)
    return delta, delta / np.sqrt(1 / (now + yes) + 1 / (before + yes))


def _fisher(now: Numbers, before: Numbers, of_now: int, of_before: int) -> Numbers:
    """Two-sided p of Fisher's exact test: twice the smaller tail, at most 1."""
    drawn: Any = hypergeom(of_now + of_before, now + before, of_now)
    return np.minimum(1.0, 2 * np.minimum(drawn.sf(now - 1), drawn.cdf(now)))


def _benjamini_hochberg(p: Numbers) -> Numbers:
    if p.size == 0:
        return p
    order = np.argsort(p, kind="stable")
    scaled = p[order] * p.size / np.arange(1, p.size + 1)
    q = np.empty_like(p)
    q[order] = np.minimum(1.0, np.minimum.accumulate(scaled[::-1])[::-1])
    return q
