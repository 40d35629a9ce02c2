"""From file to roadmap, or to a list of everything that is wrong with it."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from domain.errors import RoadmapError
from domain.kpis import KPIS
from domain.own_kpis import FILE, OwnKpi, load_own_kpis
from domain.roadmap.checks import check
from domain.roadmap.model import Roadmap
from domain.roadmap.places import Places, Problem
from domain.roadmap.raw import Raw, as_list, as_mapping
from domain.roadmap.wording import Location, problems_of, written
from domain.roadmap.yaml_tree import read_yaml

_STAND_INS: dict[str, Any] = {
    "version": 1,
    "company": {"name": "?", "currency": "EUR"},
    "vision": "?",
    "owners": {"nobody": {"channel": "#nobody"}},
}
"""What takes the place of a refused part while the rest is checked: nothing may follow from it."""


def load_roadmap(path: FilePath) -> Roadmap:
    """Read and check a roadmap; it may name KPIs of the `kpis.yaml` beside it.

    Raises:
        OwnKpiError: `kpis.yaml` does not hold.
        RoadmapError: everything that is wrong, one line each: file, line, entry, what to do.
    """
    own = load_own_kpis(path.with_name(FILE))
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise RoadmapError(
            f"{path.name}  there is no such file in {path.parent}. `cxloop init DIR` writes one"
        ) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise RoadmapError(f"{path.name}:{line}  this line is not UTF-8. Save the file as UTF-8 text") from None
    except OSError as error:
        raise RoadmapError(f"{path.name}  cannot be read: {error.strerror}. Mend its path or its permissions") from None
    return _parsed(text, path.name, own)


@lru_cache(maxsize=4)
def _parsed(text: str, file: str, own: tuple[OwnKpi, ...]) -> Roadmap:
    """Every step reads the roadmap anew; what was read is taken apart once."""
    with KPIS.including(own):
        return parse_roadmap(text, file)


def parse_roadmap(text: str, file: str = "roadmap.yaml") -> Roadmap:
    """Check a roadmap's text; `file` is its name in messages.

    Raises:
        RoadmapError: as `load_roadmap`.
    """
    data, places, problems = read_yaml(text, file)
    if not data:
        raise RoadmapError(_told(problems, places))
    roadmap, refused = _modelled(data, [p.path for p in problems])
    problems += [*refused, *check(roadmap, data)]
    if problems:
        raise RoadmapError(_told(problems, places))
    return roadmap.placed(places)


def fingerprint(text: str) -> str:
    """The version of a roadmap's text: its SHA-256, 64 hexadecimal digits."""
    return sha256(text.encode()).hexdigest()


def _modelled(data: Raw, told: list[Location]) -> tuple[Roadmap, list[Problem]]:
    """The roadmap of all that holds, and what the model refuses: so that the rest is checked all the same."""
    try:
        return Roadmap.model_validate(data), []
    except ValidationError as error:
        refused = {written(detail["loc"]) for detail in error.errors()}
        return Roadmap.model_validate(_without(data, refused)), problems_of(error, data, told)


def _without(data: Raw, refused: set[Location]) -> dict[str, Any]:
    """The file without its refused entries; a section that cannot do without one makes way as a whole."""
    kept: dict[str, Any] = {}
    for key, section in data.items():
        inside = {path[1] for path in refused if path[0] == key and len(path) > 1}
        if (key,) in refused or (inside and key == "company"):
            continue
        if isinstance(section, dict):
            kept[key] = {name: entry for name, entry in as_mapping(section).items() if str(name) not in inside}
        elif isinstance(section, tuple):
            kept[key] = tuple(entry for index, entry in enumerate(as_list(section)) if index not in inside)
        else:
            kept[key] = section
    return {**kept, **{key: value for key, value in _STAND_INS.items() if not kept.get(key)}}


def _told(problems: list[Problem], places: Places) -> str:
    """One line each, in the order of the file."""
    lines = sorted({(p.line or places.line(p.path) or 0, p.told(places)) for p in problems})
    return "\n".join(told for _, told in lines)
