"""What is asked of a warehouse: one SELECT of the user's, wrapped so that it can be gone on with."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Engine, TextClause, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from domain.errors import SourceChangedError, SourcesError
from domain.source_specs import Query
from domain.written import did_you_mean

_QUOTED: Final = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`""")
_SELECT: Final = re.compile(r"\s*select\b", re.IGNORECASE)
_ESCAPED: Final = re.compile(r"\be$", re.IGNORECASE)
_NAME: Final = re.compile(r"[A-Za-z_][\w$]*")
_SCHEMA: Final = re.compile(r"[A-Za-z_][\w$]*(\.[A-Za-z_][\w$]*)*")
_PLACE: Final = re.compile(r"\{(\w+)\}")
_BIND: Final = re.compile(r"(?<![:\w\\]):([\w$]+)(?![:\w$])")
_FROM: Final = re.compile(r"\b(?:from|join)\s+([\w$.\"`]+)", re.IGNORECASE)
_MOST: Final = 60


def checked(query: Query, schema: str) -> None:
    """Refuses what is not one SELECT or a table's name.

    Raises:
        SourcesError: says what is wrong with it.
    """
    if schema and not _SCHEMA.fullmatch(schema):
        raise SourcesError(f"the schema '{schema}' is no name. Expected letters, digits and _, as in 'zendesk'.")
    if not is_select(query):
        if not _SCHEMA.fullmatch(query.select.strip()):
            raise SourcesError(
                f"'{_shortened(query.select)}' is neither a table's name nor a SELECT. A warehouse is only read: write "
                "one SELECT."
            )
        return
    bare = _QUOTED.sub("''", query.select.rstrip().removesuffix(";"))
    if ";" in bare:
        raise SourcesError(f"'{_shortened(query.select)}' holds several statements; write one SELECT.")
    if "--" in bare or "/*" in bare:
        raise SourcesError(f"'{_shortened(query.select)}' has an SQL comment in it; write a YAML comment (#) instead.")
    if any(_ESCAPED.search(query.select[: found.start()]) for found in _QUOTED.finditer(query.select)):
        raise SourcesError(f"'{_shortened(query.select)}' has an escaped text (E'…') in it; write it as '…'.")


def is_select(query: Query) -> bool:
    """It is a SELECT, no table's name."""
    return _SELECT.match(query.select) is not None


@dataclass(frozen=True)
class Asked:
    """A stream's statements, as this database writes them.

    Attributes:
        source: what stands behind FROM: the table, or the query as a sub-select.
        changed_at, key: columns as the database quotes them; empty: none is declared.
        columns: those that are read.
    """

    source: str
    changed_at: str
    key: str
    columns: str = "*"

    @classmethod
    def of(cls, connection: Connection, query: Query, schema: str, columns: Sequence[str] = ()) -> "Asked":
        """The stream's statements for one database; without `columns` all of them are read."""
        quote = connection.dialect.identifier_preparer.quote
        dot = f"{schema}." if schema else ""
        if is_select(query):
            names = {name: dot if name == "schema" else quote(name) for name in _PLACE.findall(query.select)}
            select = _PLACE.sub(lambda found: names[found.group(1)], query.select).rstrip().removesuffix(";")
            source = f"({_BIND.sub(lambda found: f'{chr(92)}:{found.group(1)}', select)}) cx_rows"
        else:
            *parts, table = query.select.strip().split(".")
            source = ".".join([*parts, quote(table)]) if parts else f"{dot}{quote(table)}"
            source += " cx_rows"
        read = ", ".join(map(quote, columns)) or "*"
        at, key = (quote(name) if name else "" for name in (query.changed_at, query.key))
        return cls(source, at, key, read)

    def none(self) -> TextClause:
        """No row, for the names of the columns."""
        return text(f"SELECT * FROM {self.source} WHERE 1 = 0")

    def latest(self, until: object = None) -> TextClause:
        """The latest change there is, or there is up to an instant; of the type that the position is compared as."""
        asked = f"SELECT MAX({self.changed_at}) FROM {self.source}"
        return (
            text(asked)
            if until is None
            else text(f"{asked} WHERE {self.changed_at} <= :cx_now").bindparams(cx_now=until)
        )

    def some_key(self) -> TextClause:
        """Keys, in no order: any one tells the type that they are compared as."""
        return text(f"SELECT {self.key} FROM {self.source} WHERE {self.key} IS NOT NULL")

    def whole(self, key: object = None) -> TextClause:
        """Every row, or those from a key on."""
        return self._of([], key)

    def undated(self, key: object = None) -> TextClause:
        """Rows that do not say when they changed, or those from a key on."""
        return self._of([f"{self.changed_at} IS NULL"], key)

    def changed(self, after: object = None, key: object = None) -> TextClause:
        """Rows by their last change: all, or from an instant on, or from one row of that instant on."""
        if after is None:
            return self._of([f"{self.changed_at} IS NOT NULL"], None, self.changed_at)
        conditions = [f"{self.changed_at} >= :cx_after"]
        if key is not None:
            conditions.append(f"({self.changed_at} > :cx_after OR {self.key} >= :cx_key OR {self.key} IS NULL)")
        values = {"cx_after": after} | ({} if key is None else {"cx_key": key})
        return self._of(conditions, None, self.changed_at, values)

    def _of(
        self, conditions: list[str], key: object, first: str = "", values: Mapping[str, Any] | None = None
    ) -> TextClause:
        bound = dict(values or {})
        if key is not None:
            conditions.append(f"({self.key} >= :cx_key OR {self.key} IS NULL)")
            bound["cx_key"] = key
        order = ", ".join(name for name in (first, self.key) if name)
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        return text(
            f"SELECT {self.columns} FROM {self.source}{where}{f' ORDER BY {order}' if order else ''}"
        ).bindparams(**bound)


def check_columns(query: Query, names: list[str], columns: Sequence[str] = ()) -> None:
    """Refuses a stream whose columns cannot be told apart, or that lacks those it is followed by.

    Raises:
        SourcesError: two columns have one name.
        SourceChangedError: `changed_at`, `key` or one of `columns` is not among them; the message lists those that are.
    """
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SourcesError(
            f"'{_shortened(query.select)}' gives more than one column called {', '.join(map(repr, twice))}; a mapping "
            "could not tell them apart. Name them with AS."
        )
    followed_by = (("changed_at", query.changed_at), ("key", query.key))
    for use, name in (*followed_by, *(("the key of a table", name) for name in columns)):
        if name and name not in names:
            raise SourceChangedError(
                f"{use} names the column '{name}', which '{_shortened(query.select)}' does not have."
                f"{did_you_mean(name, names)} It has: {', '.join(names)}."
            )


def not_there(engine: Engine, query: Query, schema: str, said: str) -> SourceChangedError:
    """What a query that the database could not run may be about: the tables there are, or a table's columns."""
    what = f"'{_shortened(query.select)}' cannot be read ({said})."
    try:
        inspector = inspect(engine)
        tables = sorted({*inspector.get_table_names(schema or None), *inspector.get_view_names(schema or None)})
        named = _FROM.findall(query.select.replace("{schema}", "")) if is_select(query) else [query.select]
        wanted = [re.sub(r'["`{}]', "", name).rpartition(".")[2] for name in map(str, named)]
        missing = [name for name in wanted if _NAME.fullmatch(name) and name not in tables]
        if missing or not wanted:
            place = f"the schema '{schema}'" if schema else "the database"
            listed = ", ".join(tables[:_MOST]) + (" …" if len(tables) > _MOST else "")
            guess = did_you_mean(missing[0], tables) if missing and tables else ""
            return SourceChangedError(f"{what}{guess} {place[0].upper()}{place[1:]} has: {listed or 'no table'}.")
        columns = [
            f"{table}: {', '.join(column['name'] for column in inspector.get_columns(table, schema or None))}"
            for table in dict.fromkeys(wanted)
        ]
        return SourceChangedError(f"{what} The columns are: {'; '.join(columns)}.")
    except SQLAlchemyError:
        return SourceChangedError(f"{what} Mend the stream in sources.yaml.")


def _shortened(select: str) -> str:
    bare = " ".join(select.split())
    return bare if len(bare) <= _MOST else f"{bare[:_MOST]}…"
