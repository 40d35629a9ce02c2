"""Invitations, answers and versions of the roadmap, as the listening plan needs them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, cast

import polars as pl
from sqlalchemy import Connection, Select, Text, func, select

from domain.errors import RoadmapError
from domain.listening import RULE
from domain.roadmap import parse_roadmap
from domain.windows import FIRST_DAY
from sql import frames
from sql.store import Store
from sql.tables import FACTS, findings, people, roadmap_versions


def invitations_since(connection: Connection, since: datetime, before: datetime) -> pl.DataFrame:
    """Invitations sent in [since, before) that were not deleted: send_id, survey, customer_id, person_id, sent_at.

    `person_id`: who that is, over all customer ids of the same person as they are known now.
    """
    sends = FACTS["survey_sends"].c
    person = func.coalesce(people.c.person_id, sends.customer_id, type_=Text()).label("person_id")
    columns = (sends.send_id, sends.survey, sends.customer_id, person, sends.sent_at)
    wanted = cast("Select[Any]", select(*columns))
    wanted = wanted.outerjoin(people, people.c.customer_id == sends.customer_id).where(
        sends.sent_at >= since, sends.sent_at < before, sends.deleted_at.is_(None)
    )
    return frames.read(connection, wanted)


def first_invitation(connection: Connection) -> datetime | None:
    """When the first invitation known was sent; None: none is known."""
    return connection.execute(select(func.min(FACTS["survey_sends"].c.sent_at))).scalar()


def answers_since(connection: Connection, surveys: Sequence[str], since: datetime, before: datetime) -> pl.DataFrame:
    """Answers to some surveys that came in [since, before): survey, answered_at."""
    answers = FACTS["survey_answers"].c
    wanted = select(*(answers[name] for name in ("survey", "answered_at"))).where(
        answers.survey.in_(surveys), answers.answered_at >= since, answers.answered_at < before,
        answers.deleted_at.is_(None),
    )  # fmt: skip
    return frames.read(connection, wanted)


def surveys_since(connection: Connection, surveys: Sequence[str], today: date) -> dict[str, date]:
    """From which day the roadmap has each survey: the first version that ran with it.

    A survey of the first version was always there; one that no version has is there from today on.
    """
    kept = Store.rows(connection, select(roadmap_versions).order_by(roadmap_versions.c.first_day))
    if not kept:
        return dict.fromkeys(surveys, FIRST_DAY)
    found = dict.fromkeys(surveys, today)
    for row in reversed(kept):
        try:
            plans = parse_roadmap(row["text"]).surveys.plans
        except RoadmapError:  # its format is no longer read
            continue
        day = FIRST_DAY if row is kept[0] else row["first_day"]
        found |= {name: day for name in surveys if name in plans}
    return found


def listening_findings(connection: Connection, as_of: date | None = None) -> list[dict[str, Any]]:
    """What was said of each survey at the latest moment judged (by `as_of`), by survey; rows of `findings`."""
    mine = findings.c.rule == RULE
    if as_of is not None:
        mine &= findings.c.moment <= as_of
    latest = select(func.max(findings.c.moment)).where(mine).scalar_subquery()
    return Store.rows(connection, select(findings).where(mine, findings.c.moment == latest).order_by(findings.c.scope))
