"""What personas expect, as values of KPIs in their own unit."""

from dataclasses import dataclass

from domain.kpis import KPIS
from domain.roadmap.company import Persona

HOURS = "_hours"
_HOUR_S = 3600.0


@dataclass(frozen=True)
class Expected:
    """What one persona expects of one KPI.

    Attributes:
        persona: who. is_counted: somebody can have it; else it only describes somebody.
        kpi: name in the catalogue. value: in the KPI's unit.
    """

    persona: str
    is_counted: bool
    kpi: str
    value: float


def kpi_expected(name: str) -> str | None:
    """The KPI that an expectation is about: `ces`, `first_reply_hours`; None: there is none.

    >>> kpi_expected("first_reply_hours"), kpi_expected("waiting_on_us_hours"), kpi_expected("delight")
    ('first_reply_time', 'waiting_on_us', None)
    """
    if name in KPIS:
        return name
    stem = name.removesuffix(HOURS)
    if stem == name:
        return None
    return next((kpi for kpi in (f"{stem}_time", stem) if kpi in KPIS and KPIS[kpi].unit == "seconds"), None)


def expected_by(name: str, persona: Persona) -> tuple[Expected, ...]:
    """What one persona expects of KPIs that there are, in the file's order; durations are written in hours."""
    found: list[Expected] = []
    for said, value in persona.expects.items():
        kpi = kpi_expected(said)
        if kpi is not None:
            in_unit = value * _HOUR_S if KPIS[kpi].unit == "seconds" else value
            found.append(Expected(name, bool(persona.segment or persona.when), kpi, in_unit))
    return tuple(found)
