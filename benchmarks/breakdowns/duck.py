"""The five break-downs in SQL, by DuckDB.

python -m benchmarks.breakdowns.duck FACTS RESULT.parquet --times TIMES.json

Run from the folder above `benchmarks`, by an interpreter that has DuckDB (benchmarks/beside.lock).
"""

from pathlib import Path
from typing import Any

import duckdb

from benchmarks.breakdowns.asked import DIMENSIONS, FIRST, LAST, ZONE, run

TICKETS = """
CREATE TEMP TABLE tickets AS
WITH replies AS (
    SELECT ticket_id, min("at") AS replied_at FROM read_parquet('{folder}/events/*.parquet')
    WHERE field = 'comment' AND is_public AND actor_role IN ('agent', 'bot') GROUP BY ticket_id
)
SELECT CAST(timezone('{zone}', opened_at) AS DATE) AS day, epoch(replied_at) - epoch(opened_at) AS reply_s,
       coalesce(sla_known_at, closed_at, resolved_at) IS NOT NULL AND sla_met IS NOT NULL AS is_judged, sla_met, {words}
FROM read_parquet('{folder}/tickets/*.parquet') LEFT JOIN replies USING (ticket_id)
"""
CHANGES = """
CREATE TEMP TABLE changes AS
WITH statuses AS (
    SELECT ticket_id, "at", new IN ('solved', 'closed') AS is_solved,
           lag(new IN ('solved', 'closed'), 1, false) OVER (PARTITION BY ticket_id ORDER BY "at", sequence) AS was_solved
    FROM read_parquet('{folder}/events/*.parquet') WHERE field = 'status'
), turns AS (
    SELECT ticket_id, "at", CASE WHEN is_solved THEN -1 ELSE 1 END AS change FROM statuses WHERE is_solved <> was_solved
), held AS (
    SELECT ticket_id, opened_at, {words} FROM read_parquet('{folder}/tickets/*.parquet')
)
SELECT CAST(timezone('{zone}', opened_at) AS DATE) AS day, 1 AS change, {words} FROM held
UNION ALL
SELECT CAST(timezone('{zone}', "at") AS DATE), change, {words} FROM turns JOIN held USING (ticket_id)
"""
ANSWERS = """
CREATE TEMP TABLE answers AS
SELECT CAST(timezone('{zone}', answered_at) AS DATE) AS day,
       CASE WHEN score >= 9 THEN 100 WHEN score < 7 THEN -100 ELSE 0 END AS voice, {words}
FROM read_parquet('{folder}/answers/*.parquet') WHERE score IS NOT NULL
"""
SUMS = {
    "ticket_volume": ("count(*)", "count(*)", "tickets"),
    "first_reply_time": ("count(reply_s)", "quantile_disc(reply_s, 0.5)", "tickets WHERE reply_s IS NOT NULL"),
    "sla_attainment": ("count(*)", "avg(CAST(sla_met AS DOUBLE))", "tickets WHERE is_judged"),
    "nps": ("count(*)", "avg(voice)", "answers"),
}
"""n, value and where from."""


def answered(folder: Path) -> Any:
    """One row per break-down, dimension, member and day."""
    db = duckdb.connect(config={"autoinstall_known_extensions": False})
    every = ", ".join(DIMENSIONS["sla_attainment"])
    db.execute(TICKETS.format(folder=folder, zone=ZONE, words=every))
    db.execute(CHANGES.format(folder=folder, zone=ZONE, words=", ".join(DIMENSIONS["backlog"])))
    db.execute(ANSWERS.format(folder=folder, zone=ZONE, words=", ".join(DIMENSIONS["nps"])))
    found = " UNION ALL ".join([*(_summed(name, *parts) for name, parts in SUMS.items()), _backlog()])
    return db.execute(found).df()


def _summed(name: str, n: str, value: str, source: str) -> str:
    words = DIMENSIONS[name]
    sets = ", ".join(["(day)", *(f"(day, {word})" for word in words)])
    dimension, member = _told(words)
    return (
        f"SELECT '{name}' AS breakdown, {dimension} AS dimension, {member} AS member, day, "
        f"{n} AS n, CAST({value} AS DOUBLE) AS value FROM {source} GROUP BY GROUPING SETS ({sets})"
    )


def _told(words: tuple[str, ...]) -> tuple[str, str]:
    """Which dimension a row of the grouping sets is of, and which member."""
    cases = " ".join(f"WHEN grouping({word}) = 0 THEN '{word}'" for word in words)
    return f"CASE {cases} ELSE 'all' END", f"coalesce({', '.join(words)}, '')"


def _backlog() -> str:
    words = DIMENSIONS["backlog"]
    dimension, member = _told(words)
    sets = ", ".join(["(day)", *(f"(day, {word})" for word in words)])
    return (
        f"SELECT 'backlog', dimension, member, day, n, CAST(n AS DOUBLE) FROM (WITH daily AS ("
        f"SELECT day, {dimension} AS dimension, {member} AS member, sum(change) AS change FROM changes "
        f"GROUP BY GROUPING SETS ({sets})), members AS (SELECT DISTINCT dimension, member FROM daily), "
        f"days AS (SELECT CAST(range AS DATE) AS day FROM range(DATE '{FIRST}', DATE '{LAST}' + 1, INTERVAL 1 DAY)) "
        "SELECT dimension, member, day, CAST(sum(coalesce(change, 0)) OVER "
        "(PARTITION BY dimension, member ORDER BY day) AS BIGINT) AS n "
        "FROM members CROSS JOIN days LEFT JOIN daily USING (dimension, member, day)) WHERE n <> 0"
    )


if __name__ == "__main__":
    run(answered)
