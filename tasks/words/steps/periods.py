"""Texts of a period with what was read in them, as weeks and incidents are told from."""

from datetime import date

import polars as pl
from sqlalchemy import Connection

from domain.remarks import whole_texts
from sql.queries.words import texts_of
from tasks.words.comments import Comments
from tasks.words.week import Period


def voiced(remarks: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Remarks with text_id and voice: the person, where several ids are one; else the response, or the text itself."""
    text_id = pl.format("{}/{}", "fact", "row_id")
    response = pl.format("response {}", "response_id")
    return (
        remarks.join(people, on="customer_id", how="left", maintain_order="left")
        .with_columns(text_id=text_id, voice=pl.coalesce("person_id", "customer_id", response, text_id))
        .drop("person_id")
    )


def with_texts(connection: Connection, said: pl.DataFrame) -> pl.DataFrame:
    """Voiced remarks with their text, by text_id; those whose text is gone are left out."""
    texts = pl.concat([
        pl.DataFrame(schema={"text": pl.String(), "text_id": pl.String()}),
        *(_texts(connection, str(fact), rows["row_id"]) for (fact,), rows in said.group_by("fact")),
    ])  # fmt: skip
    return said.join(texts, on="text_id", how="inner").sort("text_id")


def period(said: pl.DataFrame, themes: pl.DataFrame, first: date, end: date) -> Period:
    """Texts written on days in [first, end), and the themes they speak of."""
    mine = said.filter(pl.col("day") >= first, pl.col("day") < end)
    spoken = themes.select("theme", text_id=pl.format("{}/{}", "fact", "row_id"))
    comments = Comments(mine.select("text_id", "text", "language", "standing", customer_id="voice"))
    return Period(comments, spoken.join(comments.frame.select("text_id"), on="text_id", how="semi"))


def happiness(said: pl.DataFrame) -> dict[str, bool]:
    """By text whether its customer is happy: by the score, else by the tone."""
    by_tone = pl.col("tone").replace_strict({"positive": "happy", "negative": "unhappy"}, default=None)
    stands = said.select("text_id", stands=pl.coalesce("standing", by_tone)).drop_nulls()
    return {text: stand == "happy" for text, stand in stands.iter_rows()}


def quoted_rows(found: pl.DataFrame) -> pl.DataFrame:
    """Rows with fact and row_id in place of text_id."""
    split = pl.col("text_id").str.splitn("/", 2).struct
    return found.with_columns(fact=split.field("field_0"), row_id=split.field("field_1")).drop("text_id")


def _texts(connection: Connection, fact: str, keys: pl.Series) -> pl.DataFrame:
    written = texts_of(connection, fact, keys)
    return written.select(whole_texts(written, fact), text_id=pl.format(f"{fact}/{{}}", "row_id"))
