"""Where in a file each entry stands, and what is told about it."""

from dataclasses import dataclass, field

from domain.roadmap.words import ordinal

Path = tuple[str | int, ...]
"""Keys from the top; entries of a list by index or by their id or title."""


SECTIONS_OF_FIELDS = frozenset({"company", "people", "alerts"})
"""Sections that are one entry, not many by name."""


@dataclass(frozen=True)
class Places:
    """Lines (from 1) by path, in one file."""

    file: str = "roadmap.yaml"
    lines: dict[Path, int] = field(default_factory=dict[Path, int])

    def line(self, path: Path) -> int | None:
        """The line of the entry, or of the nearest one around it; None if nothing is known."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return self.lines.get(())


NOWHERE = Places()


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where, with what, and what to do."""

    path: Path
    text: str
    line: int | None = None

    def told(self, places: Places) -> str:
        """As the writer reads it: `roadmap.yaml:53  churn-home: …`."""
        line = self.line or places.line(self.path)
        where = f"{places.file}:{line}" if line else places.file
        subject = subject_of(self.path)
        return f"{where}  {subject}: {self.text}" if subject else f"{where}  {self.text}"


def subject_of(path: Path) -> str:
    """What the writer calls the entry: `churn-home`, `two-carriers`, `company`; nothing for a section."""
    match path:
        case (str() as section, _, *_) if section in SECTIONS_OF_FIELDS:
            return section
        case (str() as section, int() as index, *_):
            return f"{section}, {ordinal(index + 1)} entry"
        case (str(), str() as name, *_):
            return name
        case _:
            return ""
