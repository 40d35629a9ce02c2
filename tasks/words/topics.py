"""What is new, grouped: terms that the same customers say are one topic, named by its terms."""

from typing import Final

import polars as pl

from tasks.words.comments import Comments
from tasks.words.terms import terms_of, words_of

SCHEMA: Final = {
    "topic": pl.String(), "terms": pl.List(pl.String()), "n_now": pl.Int64(), "n_before": pl.Int64(),
    "of_now": pl.Int64(), "of_before": pl.Int64(), "q": pl.Float64(), "theme": pl.String(),
}  # fmt: skip
TEXTS_SCHEMA: Final = {"text_id": pl.String(), "topic": pl.String()}
_TOGETHER: Final = 0.5
"""Share of the rarer term's customers who also say the other, from which two terms are one topic."""
_NAMES_IT: Final = 0.7
"""Share of the leading term's customers who say a longer phrase, from which the phrase gives the name."""
_SHOWN: Final = 4
_KNOWN: Final = 0.8


def new_topics(now: Comments, changes: pl.DataFrame, themes: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Risen terms as topics, the surest first; the same terms in the same texts give the same topics and names.

    The surest term leads; those join it that at least half of the rarer one's customers say too. Nothing is drawn by
    chance and nothing hangs on the order of rows, unlike a factorisation.

    Args:
        now: texts of the period.
        changes: as `rising.changed_terms`.
        themes: text_id and theme of the roadmap's themes, see `themes_of`.

    Returns:
        Topics: topic (its name), terms (the name first, four at most), counts of the leading term, q; theme (the
        roadmap's theme that four of five of its texts speak of; null: it is news). And text_id and topic of the texts
        that say the leading term.
    """
    risen = changes.filter(pl.col("direction") == "more")
    if risen.is_empty():
        return pl.DataFrame(schema=SCHEMA), pl.DataFrame(schema=TEXTS_SCHEMA)
    said = terms_of(words_of(now)).filter(pl.col("term").is_in(risen["term"].implode())).join(now.voices, on="text_id")
    voices = {str(term): frozenset(who) for term, who in said.group_by("term").agg("voice").iter_rows()}
    rows = {str(row["term"]): row for row in risen.iter_rows(named=True)}
    groups: list[list[str]] = []
    for term in rows:
        home = next((group for group in groups if _together(voices[term], voices[group[0]])), None)
        if home is None:
            groups.append([term])
        else:
            home.append(term)
    named = [(_named(group, voices), rows[group[0]], group[0]) for group in groups]
    leaders = pl.DataFrame({"term": [leader for *_, leader in named], "topic": [terms[0] for terms, *_ in named]})
    texts = said.join(leaders, on="term").select("text_id", "topic").unique().sort("topic", "text_id")
    known = _known(texts, themes)
    topics = [
        {"topic": terms[0], "terms": terms, "theme": known.get(terms[0])}
        | {name: row[name] for name in ("n_now", "n_before", "of_now", "of_before", "q")}
        for terms, row, _ in named
    ]
    return pl.DataFrame(topics, schema=SCHEMA), texts


def _together(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= _TOGETHER * min(len(one), len(other))


def _named(group: list[str], voices: dict[str, frozenset[str]]) -> list[str]:
    """The name first: the longest phrase that most of the leading term's customers say, then the other terms."""
    leader = voices[group[0]]
    names = [term for term in group if len(voices[term] & leader) >= _NAMES_IT * len(leader)]
    name = max(names, key=lambda term: (term.count(" "), len(voices[term]), -group.index(term)))
    rest = [term for term in group if term not in name and name not in term]
    shown = [name]
    for term in rest:
        if not any(term in other or other in term for other in shown):
            shown.append(term)
    return shown[:_SHOWN]


def _known(texts: pl.DataFrame, themes: pl.DataFrame) -> dict[str, str]:
    """The roadmap's theme of each topic that is nearly always about one."""
    of = texts.group_by("topic").agg(n_texts=pl.len())
    shared = texts.join(themes, on="text_id").group_by("topic", "theme").agg(n=pl.len()).join(of, on="topic")
    nearly = shared.filter(pl.col("n") >= _KNOWN * pl.col("n_texts")).sort(
        "topic", "n", "theme", descending=[False, True, False]
    )
    return dict(nearly.unique("topic", keep="first", maintain_order=True).select("topic", "theme").iter_rows())
