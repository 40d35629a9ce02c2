"""From evaluated expressions to the columns of a fact table: typed, prefixed, with what was wrong per row."""

from dataclasses import dataclass, field
from typing import Final

import polars as pl

from domain.event_logs import event_ids
from domain.facts import FACT_TABLES, FactTable
from domain.source_specs import PEOPLE, REFERENCES, SourceSpec, TableMapping
from tasks.extract.evaluate import Evaluated
from tasks.extract.identities import Origin, address_columns
from tasks.extract.keys import content_keys, pseudonyms, value_hashes
from tasks.extract.parsed import FILE
from tasks.extract.typing_columns import FACT_TYPES, blank_to_null, typed

AT: Final = "_at"
LATEST: Final = "_latest"
"""Helper columns for `history` and `latest_by`; `replay_history` and `dedupe` take them away."""

EXCLUDE: Final = "exclude:"
_PEOPLE_OF_OURS: Final = ("agent", "actor")
_LEADS_TO_SOMEBODY: Final = ("customer_id", "account_id", "ticket_id", "send_id")
"""What an anonymous answer must not carry."""


def expressions_of(mapping: TableMapping) -> dict[str, str]:
    """Everything a mapping computes from a raw row: name to Polars SQL expression."""
    named = {
        "where": mapping.where, "key": mapping.key, LATEST: mapping.latest_by,
        AT: mapping.history.at if mapping.history else None,
    }  # fmt: skip
    conditions = {EXCLUDE + word: condition for word, condition in mapping.exclude.items()}
    return {name: text for name, text in named.items() if text is not None} | conditions | dict(mapping.columns)


def swap_expressions_of(mapping: TableMapping) -> dict[str, str]:
    """What `swapped_dates` computes from a raw row; empty where it is not declared."""
    swapped = mapping.swapped_dates
    if swapped is None:
        return {}
    dates = {"swapped_dates:date": mapping.columns[FACT_TABLES[mapping.table].booked_at[0]]}
    among = {"swapped_dates:among": swapped.among} if swapped.among else {}
    return dates | {"swapped_dates:within": swapped.within, "swapped_dates:order": swapped.order} | among


@dataclass
class FactColumns:
    """One mapping under way, over the raw rows that are kept.

    Attributes:
        raw: the raw rows, null words emptied.
        made: what the expressions gave, by name.
        settled: days of rows whose group carries a date and its swap.
        wrong: (rule, reason, mask of rows) of everything that sets a row aside.
        n_ambiguous_times, n_without_score: see `MappedTable`.
        secret: for pseudonyms and hashes of addresses.
    """

    spec: SourceSpec
    mapping: TableMapping
    raw: pl.DataFrame
    made: dict[str, Evaluated]
    settled: pl.Series | None = None
    secret: str = ""
    wrong: list[tuple[str, str, pl.Series]] = field(default_factory=list[tuple[str, str, pl.Series]])
    n_ambiguous_times: int = 0
    n_without_score: int = 0

    @property
    def table(self) -> FactTable:
        """The fact table."""
        return FACT_TABLES[self.mapping.table]

    def build(self) -> dict[str, pl.Series]:
        """Every mapped column by name, helper columns among them."""
        columns = {name: self._constant(value) for name, value in self._constants().items()}
        for name in self.mapping.columns:
            columns[name] = self._column(name)
        columns |= self._ids(columns)
        if "is_anonymous" in columns:
            columns |= _anonymous(columns)
        if "value_hash" in columns and "kind" in columns:
            origin = Origin(self.spec.external_namespace, self.spec.people, self.spec.country)
            columns |= address_columns(columns["kind"], columns["value_hash"], origin, self.secret)
        if self.mapping.exclude:
            columns["excluded_as"] = self._excluded(columns.get("excluded_as"))
        if self.mapping.history:
            columns[AT] = self._typed(AT, self._texts(AT))
            self._note("missing:at", "the event has no time", columns[AT].is_null())
        if self.mapping.latest_by:
            columns[LATEST] = self._latest()
        return columns

    def _note(self, rule: str, reason: str, mask: pl.Series | None) -> None:
        if mask is not None and mask.any():
            self.wrong.append((rule, reason, mask))

    def _constants(self) -> dict[str, str | float | None]:
        scale = self.mapping.scale
        scaled = {} if scale is None else {
            "scale_low": scale.low, "scale_high": scale.high, "direction": scale.direction,
            "satisfied_from": scale.satisfied_from,
        }  # fmt: skip
        known: dict[str, str | float | None] = {"source": self.spec.name, **self.mapping.constants, **scaled}
        return {name: value for name, value in known.items() if name in self.table.names}

    def _constant(self, value: str | float | None) -> pl.Series:
        dtype = pl.String() if isinstance(value, str) else pl.Float64()
        return pl.repeat(value, self.raw.height, dtype=dtype, eager=True)

    def _texts(self, name: str) -> pl.Series:
        """What an expression gave; texts that are blank or null words are empty. Notes rows it failed on."""
        found = self.made[name]
        self._note(f"unreadable:{name.strip('_')}", f"{name.strip('_')} cannot be computed", found.failed)
        if found.values.dtype != pl.String:
            return found.values
        return found.values.to_frame("v").select(blank_to_null(pl.col("v"), self.spec.nulls)).to_series()

    def _column(self, name: str) -> pl.Series:
        texts = self._texts(name)
        if self.mapping.scale and name in ("score", "rating"):
            texts = self._scores(texts)
        if self.settled is not None and name in self.table.booked_at:
            return self._settled(name, texts, self.settled)
        values = self._typed(name, texts)
        if name in PEOPLE:
            return _prefixed(self.spec.people, values)
        if name in REFERENCES:
            return _prefixed(self.mapping.refers_to.get(name, self.spec.name), values)
        if name in _PEOPLE_OF_OURS:
            return pseudonyms(values, self._secret)
        return values

    @property
    def _secret(self) -> str:
        return f"{self.secret}:{self.spec.people}"

    def _typed(self, name: str, texts: pl.Series) -> pl.Series:
        kind = "instant" if name == AT else self.table.column(name).type
        read = typed(texts, kind, zone=self.spec.zone, dates=self.spec.dates)
        self._note(f"unreadable:{name.strip('_')}", f"{name.strip('_')} is no {kind}", read.unreadable)
        reason = f"{name.strip('_')} is a local time that {self.spec.zone} skipped"
        self._note(f"nonexistent-time:{name.strip('_')}", reason, read.nonexistent)
        self.n_ambiguous_times += read.n_ambiguous
        return read.values

    def _scores(self, texts: pl.Series) -> pl.Series:
        """Words that stand for 'blank' or 'does not apply' are no scores."""
        words = self.mapping.scale.no_score if self.mapping.scale else ()
        is_none = texts.cast(pl.String).str.strip_chars().is_in(list(words)).fill_null(value=False)
        self.n_without_score += int(is_none.sum())
        return pl.select(pl.when(~is_none).then(texts)).to_series()

    def _settled(self, name: str, texts: pl.Series, days: pl.Series) -> pl.Series:
        """Instants of rows whose day a swap settled; the others as they are written."""
        others = self._typed(name, pl.select(pl.when(days.is_null()).then(texts)).to_series())
        return pl.select(pl.coalesce(self._typed(name, days), others)).to_series()

    def _ids(self, columns: dict[str, pl.Series]) -> dict[str, pl.Series]:
        """The row's own id; for an answer, which question it answers and the response it belongs to."""
        if self.table.name == "ticket_events" and self.mapping.key is None:
            named = (columns[name].alias(name) for name in ("ticket_id", "field", "at"))
            return {self.table.key: event_ids(self.raw.select(FILE).with_columns(named), FILE)}
        key, prefix = self._key(), self.spec.people if self.table.key in PEOPLE else self.spec.name
        if self.table.name == "agents":
            key = pseudonyms(key, self._secret)
        if self.table.name == "identities":  # the vendor's key of an address is often the address itself
            key = value_hashes(key, self._secret)
        own = _prefixed(prefix, key)
        if self.table.name != "survey_answers":
            return {self.table.key: own}
        question = self.mapping.constants.get("question") or self.mapping.constants.get("measure", "")
        ids = {self.table.key: own + f":{question}" if question else own}
        return ids if "response_id" in columns else ids | {"response_id": own}

    def _key(self) -> pl.Series:
        if self.mapping.key is None:
            return content_keys(self.raw)
        key = typed(self._texts("key"), "text", zone="UTC", dates=()).values.str.strip_chars()
        self._note("missing-key", f"{self.table.key} is empty", key.is_null())
        return key

    def _excluded(self, already: pl.Series | None) -> pl.Series:
        """The first word whose condition holds, else what the connector says; empty: a contact."""
        words = [
            pl.when(self._texts(EXCLUDE + word).cast(pl.Boolean)).then(pl.lit(word)) for word in self.mapping.exclude
        ]
        told = [pl.lit(already)] if already is not None else []
        return self.raw.select(pl.coalesce(*words, *told).cast(pl.String)).to_series()

    def _latest(self) -> pl.Series:
        """What `latest_by` compares: instants, or numbers where it gives numbers; never texts by alphabet."""
        texts = self._texts(LATEST)
        as_number = typed(texts, "number", zone="UTC", dates=())
        as_instant = typed(texts, "instant", zone=self.spec.zone, dates=self.spec.dates)
        is_number = as_number.values.null_count() <= as_instant.values.null_count() and not texts.dtype.is_temporal()
        read = as_number if is_number else as_instant
        self._note(
            "unreadable:latest_by", "latest_by is neither a time nor a number", read.unreadable | read.nonexistent
        )
        return read.values


def fact_schema(mapping: TableMapping) -> dict[str, pl.DataType]:
    """Column types of a mapped table, in order, without helper columns."""
    return {column.name: FACT_TYPES[column.type] for column in FACT_TABLES[mapping.table].columns}


def _anonymous(columns: dict[str, pl.Series]) -> dict[str, pl.Series]:
    """Answers that are anonymous lose every column that leads to a customer."""
    is_named = ~columns["is_anonymous"].fill_null(value=False)
    leading = [name for name in _LEADS_TO_SOMEBODY if name in columns]
    return {name: pl.select(pl.when(is_named).then(columns[name])).to_series() for name in leading}


def _prefixed(prefix: str, keys: pl.Series) -> pl.Series:
    return pl.select(pl.lit(prefix + ":") + keys.cast(pl.String)).to_series()
