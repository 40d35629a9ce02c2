"""Keys, ids and pseudonyms: all derived from content, so that two ways to the same rows give the same ids."""

import hashlib

import polars as pl

from tasks.extract.parsed import FILE, ROW

_NULL = "\x00"
_BETWEEN = "\x1f"


def content_keys(raw: pl.DataFrame) -> pl.Series:
    """A key for rows without one: hash of the whole raw row, and its how-manieth occurrence in its file.

    Equal rows of one file stay apart (two equal orders are two orders); an equal row of another file is
    the same row exported again. A mended mapping does not change the keys, an added column does.
    """
    names = sorted(name for name in raw.columns if name not in (FILE, ROW))
    named = [pl.lit(name + _BETWEEN) + pl.col(name).fill_null(_NULL) for name in names]
    rows = raw.select(FILE, content=pl.concat_str(named, separator=_BETWEEN) if named else pl.lit(""))
    hashes = pl.Series(
        "hash", [hashlib.sha256(text.encode()).hexdigest()[:32] for text in rows["content"]], dtype=pl.String
    )
    numbered = rows.with_columns(hashes).with_columns(nth=pl.int_range(1, pl.len() + 1).over(FILE, "hash"))
    return numbered.select(pl.format("{}-{}", "hash", "nth")).to_series()


def pseudonyms(names: pl.Series, secret: str) -> pl.Series:
    """Each name as `agent-1a2b3c4d`: the same name gives the same one within a source, and none gives the name.

    Args:
        names: as the source has them; null stays null.
        secret: mixed in, so that a list of names cannot be hashed to find them.
    """
    return _hashed(names, secret, prefix="agent-", digits=8)


def value_hashes(values: pl.Series, secret: str) -> pl.Series:
    """Keyed hash of keys that may be addresses, without blanks and in lower case: the same one within a source."""
    return _hashed(values.cast(pl.String).str.strip_chars().str.to_lowercase(), secret, prefix="", digits=32)


def _hashed(texts: pl.Series, secret: str, *, prefix: str, digits: int) -> pl.Series:
    different = texts.cast(pl.String).drop_nulls().unique()
    hashes = [
        prefix + hashlib.blake2b(text.encode(), key=hashlib.sha256(secret.encode()).digest()).hexdigest()[:digits]
        for text in different
    ]
    return texts.cast(pl.String).replace_strict(different, pl.Series(hashes, dtype=pl.String), default=None)
