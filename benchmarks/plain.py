"""The same work as a good analyst's script would do it: pandas for the rows, SQLAlchemy for the database.

Reads the files, checks the rows by the same rules, upserts good ones and sets bad ones aside, and computes the same KPIs
by day for the whole and for each member of each dimension. Nothing else: no run ledger, no replay, no intervals, no roadmap.

    python -m benchmarks.plain FOLDER DATABASE --steps STEPS.json
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pandas as pd
from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Engine,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
)  # fmt: skip
from sqlalchemy.dialects.sqlite import insert

from benchmarks.arguments import parser_of
from benchmarks.clock import Steps

ZONE: Final = "Europe/Berlin"
CHUNK: Final = 20_000
EARLIEST, LATEST = pd.Timestamp("1990-01-01", tz="UTC"), pd.Timestamp("2098-12-31", tz="UTC")
STATUSES: Final = ("new", "open", "pending", "hold", "solved", "closed", "deleted")
DIMENSIONS: Final = ("channel", "touchpoint", "segment", "team", "product", "source")

METADATA = MetaData()


def _table(
    name: str, key: str, texts: str, times: str = "", numbers: str = "", flags: str = "", indexes: str = ""
) -> Table:
    columns = [Column(key, String, primary_key=True)]
    for words, kind in ((texts, String), (times, DateTime), (numbers, Float), (flags, Boolean)):
        columns += [Column(word, kind) for word in words.split()]
    built = Table(name, METADATA, *columns)
    for word in indexes.split():
        Index(f"ix_{name}_{word}", built.c[word])
    return built


TICKETS = _table(
    "tickets", "ticket",
    "source customer segment product language channel touchpoint topic team priority status handler",
    "opened_at replied_at solved_at closed_at sla_known_at updated_at", "reopens", "sla_met", "opened_at solved_at",
)  # fmt: skip
EVENTS = _table("ticket_events", "event", "source ticket field old new actor_role", "at", "", "public", "ticket at")
ANSWERS = _table(
    "survey_answers", "answer", "source survey measure response customer segment product touchpoint channel team",
    "answered_at", "score scale_low scale_high satisfied_from", "", "answered_at",
)  # fmt: skip
REVIEWS = _table(
    "reviews", "review", "source store product language body", "published_at", "rating scale_low scale_high", "",
    "published_at",
)  # fmt: skip
QUARANTINE = Table(
    "quarantine", METADATA,
    Column("table_name", String, primary_key=True), Column("file", String, primary_key=True),
    Column("row", Integer, primary_key=True), Column("rule", String), Column("raw", String),
)  # fmt: skip
KPI_DAYS = Table(
    "kpi_days", METADATA,
    Column("kpi", String, primary_key=True), Column("dimension", String, primary_key=True),
    Column("member", String, primary_key=True), Column("day", Date, primary_key=True),
    Column("n", Integer), Column("total", Float), Column("median", Float),
)  # fmt: skip


class Rows:
    """One file's rows under way, and which of them are bad, by the first rule they break."""

    def __init__(self, path: Path, table: Table, key: str) -> None:
        self.path, self.table = path, table
        self.raw = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])
        self.raw.index += 1
        self.frame = self.raw.drop_duplicates().copy()
        self.rule = pd.Series(pd.NA, index=self.frame.index, dtype="string")
        self.bad(self.frame[key].duplicated(keep=False), "duplicate-key")
        self.bad(self.frame[key].isna(), "missing-key")

    def bad(self, mask: "pd.Series[bool]", rule: str) -> None:
        """Set rows aside that break a rule, unless they are already."""
        self.rule[mask & self.rule.isna()] = rule

    def times(self, *names: str) -> None:
        """Texts to instants that can be believed."""
        for name in names:
            read = pd.to_datetime(self.frame[name], format="ISO8601", utc=True, errors="coerce")
            self.bad(self.frame[name].notna() & read.isna(), f"unreadable:{name}")
            self.bad((read < EARLIEST) | (read >= LATEST), "date-out-of-range")
            self.frame[name] = read

    def numbers(self, *names: str) -> None:
        """Texts to numbers."""
        for name in names:
            read = pd.to_numeric(self.frame[name], errors="coerce")
            self.bad(self.frame[name].notna() & read.isna(), f"unreadable:{name}")
            self.frame[name] = read

    def flags(self, *names: str) -> None:
        """Texts to true and false."""
        for name in names:
            read = self.frame[name].str.lower().map({"true": True, "false": False}).astype("boolean")
            self.bad(self.frame[name].notna() & read.isna(), f"unreadable:{name}")
            self.frame[name] = read

    def filled(self, *names: str) -> None:
        """No row without these."""
        for name in names:
            self.bad(self.frame[name].isna(), f"missing:{name}")

    def among(self, name: str, words: tuple[str, ...]) -> None:
        """One of the words, where there is a value."""
        self.bad(self.frame[name].notna() & ~self.frame[name].isin(words), f"unknown-word:{name}")

    def ordered(self, later: str, earlier: str) -> None:
        """`later` not before `earlier`."""
        self.bad(self.frame[later] < self.frame[earlier], f"{later}-before-{earlier}")

    def within(self, name: str, low: float, high: float) -> None:
        """A value on its scale."""
        self.bad((self.frame[name] < low) | (self.frame[name] > high), "out-of-scale")

    def split(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The good rows, and the bad ones as the quarantine keeps them."""
        is_bad = self.rule.notna()
        raw = self.raw.loc[self.frame.index[is_bad]]
        aside = pd.DataFrame({
            "table_name": self.table.name, "file": self.path.name, "row": raw.index, "rule": self.rule[is_bad],
            "raw": [json.dumps(row) for row in raw.to_dict("records")],
        })  # fmt: skip
        return self.frame[~is_bad], aside


def read_tickets(path: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = Rows(path, TICKETS, "ticket")
    rows.times("opened_at", "replied_at", "solved_at", "closed_at", "sla_known_at", "updated_at")
    rows.numbers("reopens")
    rows.flags("sla_met")
    rows.filled("ticket", "status", "opened_at")
    rows.among("status", STATUSES)
    rows.among("handler", ("people", "bot"))
    for later in ("solved_at", "closed_at", "replied_at"):
        rows.ordered(later, "opened_at")
    rows.bad(rows.frame["reopens"] < 0, "negative:reopens")
    good, bad = rows.split()
    return good.assign(source="helpdesk"), bad


def read_events(path: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = Rows(path, EVENTS, "event")
    rows.times("at")
    rows.flags("public")
    rows.filled("event", "ticket", "at", "field")
    rows.among("actor_role", ("agent", "customer", "bot"))
    good, bad = rows.split()
    return good.assign(source="helpdesk-events"), bad


def read_answers(
    path: Path, survey: str, asked: dict[str, tuple[str, float, float, float | None]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Answers of one survey; `asked`: measure → column, lowest and highest score, satisfied from."""
    good, bad = list[pd.DataFrame](), list[pd.DataFrame]()
    for measure, (column, low, high, satisfied_from) in asked.items():
        rows = Rows(path, ANSWERS, "response")
        rows.frame["score"] = rows.frame[column]
        rows.times("answered_at")
        rows.numbers("score")
        rows.filled("response", "answered_at")
        rows.within("score", low, high)
        kept, aside = rows.split()
        scale = {"scale_low": low, "scale_high": high, "satisfied_from": satisfied_from}
        source = "surveys" if survey == "relationship" else "help-surveys"
        kept = kept.assign(
            answer=kept["response"] + ":" + measure, source=source, survey=survey, measure=measure, **scale
        )
        good.append(kept)
        bad.append(aside.assign(table_name=f"survey_answers:{measure}"))
    return pd.concat(good), pd.concat(bad)


def read_reviews(path: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = Rows(path, REVIEWS, "review")
    rows.times("published_at")
    rows.numbers("rating")
    rows.filled("review", "published_at")
    rows.within("rating", 1, 5)
    good, bad = rows.split()
    return good.assign(source="review-sites", scale_low=1, scale_high=5), bad


def upsert(engine: Engine, table: Table, frame: pd.DataFrame) -> None:
    """Insert rows, or replace those with the same key, in one transaction."""
    names = [column.name for column in table.columns if column.name in frame.columns]
    keys = [column.name for column in table.primary_key]
    statement = insert(table)
    changes = {name: statement.excluded[name] for name in names if name not in keys}
    statement = statement.on_conflict_do_update(index_elements=keys, set_=changes)
    with engine.begin() as connection:
        for start in range(0, len(frame), CHUNK):
            part = frame[names].iloc[start : start + CHUNK].astype(object)
            connection.execute(statement, part.where(part.notna(), None).to_dict("records"))


def day_of(times: "pd.Series[Any]") -> "pd.Series[Any]":
    """The reporting zone's day of an instant, at its midnight."""
    return times.dt.tz_convert(ZONE).dt.tz_localize(None).dt.normalize()


def by_day(
    kpi: str, rows: pd.DataFrame, dimensions: tuple[str, ...], *, has_median: bool = False
) -> Iterator[pd.DataFrame]:
    """N and total (and median) of `value` by day, for the whole and for each member of each dimension.

    Args:
        kpi: its name.
        rows: one row per thing counted: day, value, and n where it is not 1.
        dimensions: columns of rows.
        has_median: the value is a duration.
    """
    rows = rows if "n" in rows else rows.assign(n=1)
    for dimension in (None, *dimensions):
        keys = ["day"] if dimension is None else [dimension, "day"]
        groups = rows.groupby(keys, observed=True, sort=False)
        made = groups.agg(n=("n", "sum"), total=("value", "sum"))
        made["median"] = groups["value"].quantile(0.5, interpolation="lower") if has_median else None
        made = made.reset_index().rename(columns={dimension: "member"})
        yield made.assign(kpi=kpi, dimension=dimension or "", member=made["member"] if dimension else "")


def ticket_kpis(tickets: pd.DataFrame, events: pd.DataFrame) -> Iterator[pd.DataFrame]:
    tickets = tickets.set_index("ticket", drop=False)
    for name in DIMENSIONS:
        tickets[name] = tickets[name].astype("category")
    labels = tickets[list(DIMENSIONS)]
    opened = day_of(tickets["opened_at"])
    yield from by_day("ticket_volume", labels.assign(day=opened, value=1), DIMENSIONS)

    is_reply = (events["field"] == "comment") & events["public"] & events["actor_role"].isin(["agent", "bot"])
    replied = events[is_reply].groupby("ticket")["at"].min().reindex(tickets.index).fillna(tickets["replied_at"])
    seconds = (replied - tickets["opened_at"]).dt.total_seconds()
    replies = labels.assign(day=opened, value=seconds)[replied.notna()]
    yield from by_day("first_reply_time", replies, DIMENSIONS, has_median=True)

    judged = tickets[tickets["sla_met"].notna()]
    known = judged[["sla_known_at", "closed_at", "solved_at"]].bfill(axis=1).iloc[:, 0].notna()
    sla = labels.loc[judged.index].assign(day=opened, value=judged["sla_met"].astype(float))[known]
    yield from by_day("sla_attainment", sla, DIMENSIONS)

    turns = turned(tickets, events)
    turns = turns.join(
        labels.assign(opened_at=tickets["opened_at"], reopens=tickets["reopens"]), on="ticket", how="inner"
    )
    turns["day"] = day_of(turns["at"])
    is_last = ~turns["ticket"].duplicated(keep="last")
    final = turns[turns["is_solved"] & is_last]
    seconds = (final["at"] - final["opened_at"]).dt.total_seconds().clip(lower=0)
    yield from by_day("full_resolution_time", final.assign(value=seconds), DIMENSIONS, has_median=True)

    first = turns[turns["is_solved"]].drop_duplicates("ticket")
    yield from by_day("reopen_rate", first.assign(value=(first["reopens"] > 0).astype(float)), DIMENSIONS)

    change = turns["is_solved"].map({True: -1, False: 1})
    ever = tickets.index.isin(first["ticket"]) | ~tickets["status"].isin(["solved", "closed"])
    both = pd.concat(
        [
            labels.assign(day=opened, n=1, value=0)[ever],
            turns.assign(n=change, value=0)[[*DIMENSIONS, "day", "n", "value"]],
        ]
    )
    yield from by_day("backlog", both, DIMENSIONS)


def turned(tickets: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Every time a ticket became solved or unsolved; where no event tells, when it was resolved."""
    told = events.loc[events["field"] == "status", ["ticket", "at", "new"]].sort_values(["ticket", "at"], kind="stable")
    told["is_solved"] = told["new"].isin(["solved", "closed"])
    silent = tickets[~tickets["ticket"].isin(told["ticket"])]
    at = silent["solved_at"].fillna(silent["closed_at"]).dropna()
    rest = pd.DataFrame({"ticket": at.index, "at": at.to_numpy(), "is_solved": True})
    rest["at"] = pd.to_datetime(rest["at"], utc=True)
    turns = pd.concat([told.drop(columns="new"), rest], ignore_index=True)
    before = turns.groupby("ticket", sort=False)["is_solved"].shift(fill_value=False)
    return turns[turns["is_solved"] != before]


def answer_kpis(answers: pd.DataFrame) -> Iterator[pd.DataFrame]:
    dimensions = ("survey", *DIMENSIONS)
    for name in dimensions:
        answers[name] = answers[name].astype("category")
    given = answers[answers["score"].notna()].assign(day=day_of(answers["answered_at"]))
    nps = given[given["measure"] == "nps"]
    voice = (nps["score"] >= 9).astype(int) - (nps["score"] < 7).astype(int)
    yield from by_day("nps", nps.assign(value=voice), dimensions)
    csat = given[given["measure"] == "csat"]
    yield from by_day("csat", csat.assign(value=(csat["score"] >= csat["satisfied_from"]).astype(float)), dimensions)
    ces = given[given["measure"] == "ces"]
    yield from by_day("ces", ces.assign(value=ces["score"]), dimensions)


def review_kpis(reviews: pd.DataFrame) -> Iterator[pd.DataFrame]:
    rated = reviews[reviews["rating"].notna()].rename(columns={"store": "channel"})
    rated = rated.assign(day=day_of(rated["published_at"]), value=rated["rating"])
    yield from by_day("review_rating", rated, ("channel", "product", "source"))


def run(folder: Path, database: Path, steps: Steps) -> None:
    engine = create_engine(f"sqlite:///{database}")
    METADATA.create_all(engine)
    data = folder / "data"
    readers = {
        TICKETS: [(path, read_tickets, ()) for path in sorted(data.glob("tickets_*.csv"))],
        EVENTS: [(path, read_events, ()) for path in sorted(data.glob("ticket_events_*.csv"))],
        ANSWERS: [
            *((path, read_answers, ("relationship", {"nps": ("score", 0, 10, None)}))
              for path in sorted(data.glob("relationship_answers_*.csv"))),
            *((path, read_answers, ("after-help", {"csat": ("score", 1, 5, 4), "ces": ("effort", 1, 7, None)}))
              for path in sorted(data.glob("help_answers_*.csv"))),
        ],
        REVIEWS: [(path, read_reviews, ()) for path in sorted(data.glob("reviews_*.csv"))],
    }  # fmt: skip
    kept: dict[str, pd.DataFrame] = {}
    for table, files in readers.items():
        frames = list[pd.DataFrame]()
        for path, reader, more in files:
            with steps.step(f"read and check {table.name}"):
                good, bad = reader(path, *more)
            with steps.step(f"upsert {table.name}"):
                upsert(engine, table, good)
                upsert(engine, QUARANTINE, bad)
            frames.append(good)
        kept[table.name] = pd.concat(frames, ignore_index=True)
    made = list[pd.DataFrame]()
    with steps.step("compute KPIs"):
        made += ticket_kpis(kept["tickets"], kept["ticket_events"])
        made += answer_kpis(kept["survey_answers"])
        made += review_kpis(kept["reviews"])
    with steps.step("upsert KPIs"):
        upsert(engine, KPI_DAYS, pd.concat(made, ignore_index=True))


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("database", type=Path)
    parser.add_argument("--steps", type=Path, required=True)
    wanted = parser.parse_args()
    steps = Steps()
    try:
        run(wanted.folder, wanted.database, steps)
    finally:
        wanted.steps.write_text(json.dumps(steps.table()), encoding="utf-8")


if __name__ == "__main__":
    main()
