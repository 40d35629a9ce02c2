"""How far each series was judged: kept in `meta`, one fact a key, so that no finding counts twice."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection, func, select

from domain.records import Finding
from domain.windows import FIRST_DAY
from sql.store import Store
from sql.tables import findings, meta
from tasks.alert.lifecycle import key_of
from tasks.alert.steps.rows import finding_of

_JUDGED = "judged:"


def judged_through(connection: Connection) -> dict[str, date]:
    """Key of an episode → the last moment that was looked at."""
    rows = Store.rows(connection, select(meta).where(meta.c.name.startswith(_JUDGED, autoescape=True)))
    return {row["name"].removeprefix(_JUDGED): date.fromisoformat(row["value"]) for row in rows}


def new_findings(connection: Connection, as_of: date) -> list[Finding]:
    """Findings of moments up to `as_of` that are later than their key's mark, in order of moment and key."""
    marks = judged_through(connection)
    labels = [findings.c[name] for name in ("rule", "kpi", "scope", "benchmark")]
    latest = select(*labels, func.max(findings.c.moment).label("moment")).where(findings.c.moment <= as_of)
    behind = [
        marks.get(_key(row), FIRST_DAY)
        for row in Store.rows(connection, latest.group_by(*labels))
        if row["moment"] > marks.get(_key(row), FIRST_DAY)
    ]
    if not behind:
        return []
    since = select(findings).where(findings.c.moment > min(behind), findings.c.moment <= as_of)
    found = [finding_of(row) for row in Store.rows(connection, since)]
    new = [finding for finding in found if finding.moment > marks.get(key_of(finding), FIRST_DAY)]
    return sorted(new, key=lambda finding: (finding.moment, key_of(finding)))


def save_marks(connection: Connection, through: Mapping[str, date]) -> None:
    """Note how far keys were judged."""
    Store.put(connection, meta, [{"name": _JUDGED + key, "value": day.isoformat()} for key, day in through.items()])


def _key(row: Mapping[str, object]) -> str:
    labels = {name: str(row[name]) for name in ("rule", "kpi", "scope", "benchmark")}
    return key_of(Finding(**labels, moment=FIRST_DAY, verdict=""))  # pyright: ignore[reportArgumentType]
