"""One mapping of a YAML file as it was written: typed reading, with lines and likely fixes for what is wrong."""

import codecs
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from io import StringIO
from typing import TypeVar, cast
from zoneinfo import ZoneInfo, available_timezones

from rapidfuzz import fuzz, process
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, StringMark, YAMLError

from domain.errors import ConfigError
from domain.expressions import compiled

Word = TypeVar("Word", bound=str)


def did_you_mean(word: str, known: Collection[str]) -> str:
    """` Did you mean 'x'?` for the closest known word, or the empty string if none is close.

    >>> did_you_mean("opend_at", ["opened_at", "closed_at"])
    " Did you mean 'opened_at'?"
    """
    best = process.extractOne(word, sorted(known), scorer=fuzz.ratio, score_cutoff=60)
    return f" Did you mean '{best[0]}'?" if best else ""


def likely(word: str, known: Collection[str]) -> str:
    """The closest known word as a question, or all known words if none is close."""
    return did_you_mean(word, known) or f" Known: {', '.join(known)}."


def items_of(sequence: CommentedSeq) -> list[object]:
    """A written list's items."""
    return cast("list[object]", list(sequence))


@dataclass
class Problems:
    """Everything found wrong in one file, told at once."""

    file_name: str
    found: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])

    def add(self, line: int, where: str, what: str) -> None:
        """Note one problem."""
        problem = (line, f"{self.file_name}:{line}  {where}: {what}")
        if problem not in self.found:
            self.found.append(problem)

    def raise_all(self, error: type[ConfigError]) -> None:
        """Raise `error` with one line per problem, in the file's order; nothing if there is none."""
        if self.found:
            raise error("\n".join(what for _, what in sorted(self.found)))


class Written:
    """One mapping of the file. A wrong value is noted in `problems` and read as missing."""

    def __init__(self, content: CommentedMap, where: str, problems: Problems, line: int = 1) -> None:
        self.content, self.where, self.problems, self.line = content, where, problems, line

    def names(self) -> list[str]:
        """Its keys as text, in the file's order."""
        return [str(key) for key in cast("dict[object, object]", self.content)]

    def has(self, key: str) -> bool:
        """The key is there and has a value."""
        return cast("object", self.content.get(key)) is not None

    def is_mapping(self, key: str) -> bool:
        """The key's value is a mapping."""
        return isinstance(self.value(key), CommentedMap)

    def line_of(self, key: str) -> int:
        """The key's line, or the mapping's own if the key is missing, or written elsewhere and merged in by `<<`."""
        is_here = key in cast("dict[str, object]", self.content.lc.data or {})
        return cast("tuple[int, int]", self.content.lc.key(key))[0] + 1 if is_here else self.line

    def add(self, key: str, what: str) -> None:
        """Note a problem of one key."""
        self.problems.add(self.line_of(key), self.where, f"{key}: {what}")

    def only(self, *known: str) -> None:
        """Note every key that is not known."""
        for key in self.names():
            if key not in known:
                self.problems.add(
                    self.line_of(key), self.where,
                    f"unknown key '{key}'.{likely(key, known)}",
                )  # fmt: skip

    def value(self, key: str, *, required: bool = False) -> object:
        """What is written there, as YAML reads it; None if nothing is."""
        if not self.has(key) and required:
            self.add(key, "missing")
        return cast("object", self.content.get(key))

    def text(self, key: str, *, required: bool = False) -> str | None:
        """A text; a number or flag is taken as it would be written."""
        value = self.value(key, required=required)
        if isinstance(value, CommentedMap | CommentedSeq):
            self.add(key, "expected a text")
            return None
        return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; one text alone is a list of one."""
        value = self.value(key)
        if isinstance(value, CommentedMap):
            self.add(key, "expected a list of texts")
            return ()
        if isinstance(value, CommentedSeq):
            return tuple(str(item) for item in items_of(value))
        return () if value is None else (str(value),)

    def choice(self, key: str, known: Sequence[Word], *, required: bool = False) -> Word | None:
        """One of the known words."""
        word = self.text(key, required=required)
        if word is None:
            return None
        for candidate in known:
            if candidate == word:
                return candidate
        self.add(key, f"'{word}' is not known.{likely(word, known)}")
        return None

    def number(self, key: str, *, required: bool = False) -> float | None:
        """A number."""
        value = self.value(key, required=required)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.add(key, f"expected a number, found '{value}'")
            return None
        return float(value)

    def whole(self, key: str, *, required: bool = False) -> int | None:
        """A whole number, 0 or more."""
        value = self.number(key, required=required)
        if value is not None and (value < 0 or value != int(value)):
            self.add(key, f"expected a whole number of 0 or more, found {value}")
            return None
        return None if value is None else int(value)

    def day(self, key: str) -> date | None:
        """A date."""
        value = self.value(key)
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        self.add(key, f"expected a date as 2026-05-31, found '{value}'")
        return None

    def expression(self, key: str, *, required: bool = False) -> str | None:
        """A Polars SQL expression; a bare number is a constant."""
        text = self.text(key, required=required)
        if text is None:
            return None
        try:
            compiled(text)
        except ValueError as problem:
            self.add(key, f"'{text}' {problem}")
            return None
        return text

    def expressions(self, key: str) -> dict[str, str]:
        """Name to Polars SQL expression, of the mapping under `key`."""
        inner = self.mapping(key)
        return inner.expressions_of(inner.names())

    def expressions_of(self, names: Sequence[str]) -> dict[str, str]:
        """Name to Polars SQL expression, of some of its keys."""
        found = {name: self.expression(name, required=True) for name in names}
        return {name: text for name, text in found.items() if text is not None}

    def mapping(self, key: str) -> "Written":
        """The mapping under `key`; an empty one if it is missing."""
        value = self.value(key)
        if value is not None and not isinstance(value, CommentedMap):
            self.add(key, "expected names with values (key: value)")
        where = key if self.where == self.problems.file_name else f"{self.where}.{key}"
        where = where.removeprefix("sources.").removeprefix("kpis.")
        return Written(
            value if isinstance(value, CommentedMap) else CommentedMap(), where, self.problems, self.line_of(key)
        )

    def mappings(self, key: str) -> list["Written"]:
        """One mapping or a list of them."""
        value = self.value(key)
        if not isinstance(value, CommentedSeq):
            return [self.mapping(key)]
        found: list[Written] = []
        for index, item in enumerate(items_of(value)):
            line = cast("tuple[int, int]", value.lc.item(index))[0] + 1
            if isinstance(item, CommentedMap):
                found.append(Written(item, f"{self.where}.{key}[{index + 1}]", self.problems, line))
            else:
                self.problems.add(line, f"{self.where}.{key}[{index + 1}]", "expected names with values (key: value)")
        return found

    def check_zone(self, key: str, zone: str) -> None:
        """Note a time zone that does not exist."""
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            self.add(key, f"'{zone}' is no time zone.{did_you_mean(zone, available_timezones())}")

    def check_encoding(self, key: str, encoding: str) -> None:
        """Note an encoding that does not exist."""
        try:
            codecs.lookup(encoding)
        except LookupError:
            self.add(key, f"'{encoding}' is no encoding; write utf-8, latin-1, cp1252 …")

    def check_pattern(self, key: str, pattern: str) -> None:
        """Note a regular expression that does not hold or has no group."""
        try:
            groups = re.compile(pattern).groups
        except re.error as problem:
            self.add(key, f"'{pattern}' is no regular expression: {problem}")
            return
        if groups != 1:
            self.add(key, f"'{pattern}' needs one group around the date, as in '_(\\d{{8}})\\.csv'")


def root_of(text: str, problems: Problems, expected: str, error: type[ConfigError]) -> Written:
    """The file's own mapping; `error` where the text is no YAML or something else than `expected`."""
    file_name = problems.file_name
    try:
        content = cast("object", YAML(typ="rt").load(StringIO(text)))
    except MarkedYAMLError as problem:
        mark = cast("StringMark | None", problem.problem_mark)
        line = mark.line + 1 if mark else 1
        what = cast("str", problem.problem)
        raise error(f"{file_name}:{line}  is no YAML: {what.splitlines()[0]}") from None
    except YAMLError as problem:
        raise error(f"{file_name}  is no YAML: {str(problem).splitlines()[0]}") from None
    if not isinstance(content, CommentedMap):
        raise error(f"{file_name}:1  expected {expected}, found something else")
    return Written(content, file_name, problems)
