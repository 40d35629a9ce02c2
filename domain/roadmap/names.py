"""The names a roadmap declares, and what is said about one that it does not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from domain.kpis import KPIS
from domain.roadmap.places import Path, Problem
from domain.roadmap.promised import name_of_promised
from domain.roadmap.raw import Raw, as_list, as_mapping, name_of
from domain.roadmap.words import did_you_mean
from domain.scopes import DIMENSIONS


@dataclass(frozen=True)
class Names:
    """Declared names by kind, taken from the file as read: an entry refused for another reason still has its name."""

    of_kind: dict[str, frozenset[str]]

    @classmethod
    def of(cls, data: Raw) -> "Names":
        """Collect them."""
        stages = as_mapping(data.get("journey")).values()
        channels = as_mapping(data.get("channels"))
        promising = (name_of_promised(str(name)) for name, said in channels.items() if "share" in as_mapping(said))
        return cls(
            {
                "owner": _keys(data.get("owners")),
                "segment": _keys(data.get("segments")),
                "persona": _keys(data.get("personas")),
                "described": frozenset(_described(data.get("personas"))),
                "channel": _keys(data.get("channels")),
                "calendar": _keys(data.get("calendars")),
                "survey": _keys(data.get("surveys")) - {"rest"},
                "benchmark": _keys(data.get("benchmarks")).union(promising),
                "capability": _keys(data.get("capabilities")),
                "touchpoint": frozenset(name for stage in stages for name in _keys(stage)),
                "principle": _ids(data.get("principles")),
                "goal": _ids(data.get("goals")),
            }
        )

    def owner(self, path: Path, name: str) -> Iterator[Problem]:
        """A role that nobody has."""
        if name not in self.of_kind["owner"]:
            yield Problem(path, f"nobody called '{name}'.{did_you_mean(name, self.of_kind['owner'])}")

    def declared(self, path: Path, kind: str, name: str) -> Iterator[Problem]:
        """A name that is not declared."""
        if name not in self.of_kind[kind]:
            where = {"capability": "capabilities"}.get(kind, f"{kind}s")
            advice = did_you_mean(name, self.of_kind[kind]) or f" Declare it under {where}."
            yield Problem(path, f"no {kind} called '{name}'.{advice}")

    def member(self, path: Path, kind: str, name: str) -> Iterator[Problem]:
        """A segment, channel, touchpoint or survey that is not among the declared ones; none declared: any."""
        if self.of_kind.get(kind):
            yield from self.declared(path, kind, name)

    def persona(self, path: Path, name: str) -> Iterator[Problem]:
        """A persona that is not declared, or that nobody can have."""
        if name in self.of_kind["described"]:
            text = (
                f"'{name}' only describes somebody: nobody is counted. Give it a `segment` or a `when` under personas"
            )
            yield Problem(path, text)
        else:
            yield from self.declared(path, "persona", name)

    def calendar(self, path: Path, name: str) -> Iterator[Problem]:
        """A calendar that is not declared; `always` needs no declaration."""
        if name != "always":
            yield from self.declared(path, "calendar", name)

    def kpi(self, path: Path, name: str) -> Iterator[Problem]:
        """A KPI that the catalogue lacks."""
        if name not in KPIS:
            advice = did_you_mean(name, KPIS) or f" There are: {', '.join(KPIS)}."
            yield Problem(path, f"no KPI called '{name}'.{advice}")

    def scope(self, path: Path, scope: Mapping[str, str]) -> Iterator[Problem]:
        """Dimensions that no KPI has, members that are not declared."""
        for dimension, member in scope.items():
            if dimension not in DIMENSIONS:
                yield Problem(
                    (*path, dimension), f"no dimension called '{dimension}'.{did_you_mean(dimension, DIMENSIONS)}"
                )
            elif dimension == "persona":
                yield from self.persona((*path, dimension), member)
            else:
                yield from self.member((*path, dimension), dimension, member)


def _keys(section: object) -> frozenset[str]:
    return frozenset(str(key) for key in as_mapping(section))


def _described(personas: object) -> Iterator[str]:
    """Personas that have neither a segment nor a rule."""
    for name, persona in as_mapping(personas).items():
        said = as_mapping(persona)
        if not (said.get("segment") or said.get("when")):
            yield str(name)


def _ids(section: object) -> frozenset[str]:
    return frozenset(name for entry in as_list(section) if (name := name_of(entry)))
