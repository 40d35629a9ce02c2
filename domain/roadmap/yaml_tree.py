"""YAML text as plain values, with the line of every entry; what YAML itself cannot carry is told in words."""

import re
from datetime import date
from typing import Any, Protocol, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from domain.roadmap.places import Path, Places, Problem
from domain.roadmap.raw import Raw, as_mapping


class _Mark(Protocol):
    line: int


class _Error(Protocol):
    """What is used of ruamel's errors: where reading stopped, and where the entry began that it stopped in."""

    problem: str | None
    problem_mark: _Mark | None
    context: str | None
    context_mark: _Mark | None


class _Node(Protocol):
    """What is used of ruamel's nodes, which carry no types; `id` is mapping, sequence or scalar."""

    id: str
    tag: str
    value: Any
    start_mark: _Mark


_TAG = "tag:yaml.org,2002:"
_NAMES = ("id", "title")


def read_yaml(text: str, file: str) -> tuple[Raw, Places, list[Problem]]:
    """The file as plain mappings, tuples, text, numbers and dates.

    Args:
        text: YAML 1.2.
        file: its name, for messages.

    Returns:
        The values, their places, and the problems found while reading: keys twice, days that no
        calendar has. A file that is no YAML gives no values and one problem with its line.
    """
    places = Places(file)
    try:
        root = cast("_Node | None", YAML(typ="rt", pure=True).compose(text))
    except MarkedYAMLError as error:
        return {}, places, [_broken(cast("_Error", error), text)]
    except (YAMLError, ValueError) as error:
        found = str(error).splitlines()[0]
        return {}, places, [Problem((), f"this is no text YAML can read: {found}. Save the file as UTF-8 text")]
    if root is None:
        return {}, places, [Problem((), "the file is empty. Start with `version: 1`, or copy an example's roadmap")]
    reader = _Reader(places)
    if root.id != "mapping":
        return {}, places, [Problem((), "this is a list or a text; keys are expected: `version: 1`, `company: …`", 1)]
    return as_mapping(reader.value(root, ())), places, reader.problems


class _Reader:
    """Walks the composed nodes once."""

    def __init__(self, places: Places) -> None:
        self.lines = places.lines
        self.problems: list[Problem] = []
        self._within: list[_Node] = []

    def value(self, node: _Node, path: Path) -> Any:
        if any(node is outer for outer in self._within):
            self._tell(node, path, "this entry contains itself, through its `*` name. Write it out")
            return None
        self._within.append(node)
        try:
            if node.id == "mapping":
                return self._mapping(node, path)
            if node.id == "sequence":
                return self._sequence(node, path)
            return self._scalar(node, path)
        finally:
            self._within.pop()

    def _mapping(self, node: _Node, path: Path) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        merged: dict[Any, Any] = {}
        first: dict[Any, int] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if key_node.tag == f"{_TAG}merge":
                merged |= self._merged(value_node, path)
                continue
            if key_node.id != "scalar":
                self._tell(key_node, path, "a key is a list or a mapping here. Put it in quotes")
                continue
            key = self._key(key_node, path)
            here = (*path, key if isinstance(key, str) else str(key))
            if key in first:
                text = f"'{key}' stands here twice, first in line {first[key]}. Keep one, or rename one"
                self.problems.append(Problem(here, text, line))
                continue
            first[key] = line
            self.lines[here] = line
            found[key] = self.value(value_node, here)
        return {**merged, **found}

    def _merged(self, node: _Node, path: Path) -> dict[Any, Any]:
        """What `<<: *name` brings in; earlier ones win."""
        found: dict[Any, Any] = {}
        for part in node.value if node.id == "sequence" else [node]:
            found = {**as_mapping(self.value(part, path)), **found}
        return found

    def _sequence(self, node: _Node, path: Path) -> tuple[Any, ...]:
        values: list[Any] = []
        for index, item in enumerate(node.value):
            line = item.start_mark.line + 1
            named = (*path, *_name_of(item)) if _name_of(item) else (*path, index)
            self.lines.setdefault((*path, index), line)
            self.lines.setdefault(named, line)
            values.append(self.value(item, named))
        return tuple(values)

    def _key(self, node: _Node, path: Path) -> Any:
        """Keys are text, but for days; a number or a null word as a key is the text it was written as."""
        text = str(node.value)
        return self._day(node, text, (*path, text)) if node.tag == f"{_TAG}timestamp" else text

    def _scalar(self, node: _Node, path: Path) -> Any:
        text, tag = str(node.value), node.tag.removeprefix(_TAG)
        match tag:
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int":
                return int(text.replace("_", ""), 0) if not re.match(r"^[-+]?0\d", text) else int(text)
            case "float":
                return float(text.replace("_", "").replace(".inf", "inf").replace(".Inf", "inf").replace(".nan", "nan"))
            case "timestamp":
                return self._day(node, text, path)
            case _:
                return text

    def _day(self, node: _Node, text: str, path: Path) -> date | str:
        if not re.match(r"^\d{4}-\d\d-\d\d$", text):
            return text
        try:
            return date.fromisoformat(text)
        except ValueError:
            self._tell(node, path, f"{text} is no day of the calendar. Days are written year-month-day: 2026-12-31")
            return text

    def _tell(self, node: _Node, path: Path, text: str) -> None:
        self.problems.append(Problem(path, text, node.start_mark.line + 1))


def _name_of(item: _Node) -> Path:
    """By what a list's entry is found again: its id, else its title."""
    if item.id != "mapping":
        return ()
    names = {str(key.value): value for key, value in item.value if value.id == "scalar"}
    return next(((str(names[name].value),) for name in _NAMES if name in names), ())


def _broken(error: _Error, text: str) -> Problem:
    """A syntax error in the writer's words, at the line to look at."""
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    opened = error.context_mark.line + 1 if error.context_mark else line
    rows = dict(enumerate(text.splitlines(), start=1))
    if "flow" in (error.context or "") and (cut := re.search(r"[:,\[] (#[\w-]+)", rows.get(opened, ""))):
        told = f'{cut[1]} is not read, and what follows it neither: # starts a comment. Put it in quotes: "{cut[1]}"'
        return Problem((), told, opened)
    row = rows.get(line, "").strip()
    told = _advice(error.problem or "", error.context or "", opened)
    return Problem((), f"this line is no YAML: {told}.{f' Found: `{row[:80]}`' if row else ''}", line)


def _advice(problem: str, context: str, opened: int) -> str:
    """What is wrong and what to do, for the mistakes people make."""
    if found := re.search(r"found character '(.+)' that cannot start", problem):
        if found[1] == "\\t":
            return "it starts with a tab. Use blanks, two for each level"
        return f'a text cannot start with {found[1]}. Put it in quotes: "{found[1]}…"'
    known = {
        "mapping values are not allowed": "a second `: ` in one line. Put the text in quotes",
        "undefined alias": f"{problem.removeprefix('found ')}. Put a text that starts with * in quotes",
        "another document": "`---` starts a second document. A roadmap is one document: take the line out",
        "quoted scalar": f"the quotes opened in line {opened} are never closed",
        "flow": f"a comma or a closing bracket is missing; the bracket opened in line {opened}",
        "block": f"it is neither in nor beside the entry of line {opened}. Line up its first letter, or close a quote",
    }
    return next((told for sign, told in known.items() if sign in f"{problem} {context}"), problem or context)
