"""The shipped company is what its generator makes, and what its story list says."""

import gzip
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from ruamel.yaml import YAML

from domain.kpis import KPIS
from domain.roadmap import load_roadmap
from domain.sources import load_sources
from examples.generator.acme import SHIPPED_SEED, write_company
from examples.generator.dice import Dice, Luck
from examples.generator.dirt import DIRT

ACME = Path(__file__).parents[3] / "examples" / "acme"
SHIPPED = ACME / "data"
MEGABYTES = 1_000_000
KEPT = ("kept", "left-out", "superseded", "excluded:test", "excluded:spam")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("acme")
    write_company(SHIPPED_SEED, folder)
    return folder


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    return YAML(typ="safe").load((ACME / "stories.yaml").read_text(encoding="utf-8"))


def read(name: str) -> pl.DataFrame:
    return pl.read_csv(SHIPPED / f"{name}.csv.gz", infer_schema=False)


def stories(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (story for story in told["stories"] if story["told"])


def test_the_generator_makes_the_shipped_files_again(made: Path) -> None:
    assert sorted(path.name for path in made.iterdir()) == sorted(path.name for path in SHIPPED.iterdir())
    for path in made.iterdir():
        again, shipped = gzip.decompress(path.read_bytes()), gzip.decompress((SHIPPED / path.name).read_bytes())
        assert again == shipped, f"{path.name} differs: python -m examples.generator --out examples/acme/data"


def test_the_files_are_small_and_carry_no_time_of_writing() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 5 * MEGABYTES
    for path in SHIPPED.iterdir():
        assert path.read_bytes()[4:8] == bytes(4), path.name


def test_roadmap_and_sources_hold() -> None:
    roadmap = load_roadmap(ACME / "roadmap.yaml")
    assert {benchmark.kpi for benchmark in roadmap.benchmarks.values()} <= set(KPIS)
    for source in load_sources(ACME / "sources.yaml"):
        assert (ACME / source.files.path).is_file(), source.files.path


def test_every_story_names_its_series_its_benchmark_and_its_mondays(told: dict[str, Any]) -> None:
    benchmarks = load_roadmap(ACME / "roadmap.yaml").benchmarks
    for story in stories(told):
        benchmark = benchmarks[story["benchmark"]]
        assert (story["kpi"], story["scope"]) == (benchmark.kpi, benchmark.members)
        days: list[date] = [
            story["earliest"],
            story["latest"],
            story["also"]["until"],
            *(story["resolves"] or {}).values(),
        ]
        assert all(day.weekday() == 0 for day in days), story["id"]
        assert story["earliest"] <= story["latest"] <= told["last_day"] + timedelta(days=1)


def test_the_dirt_is_what_the_story_list_says(told: dict[str, Any]) -> None:
    listed = [(row["file"].split(".")[0], row["kind"], row["count"]) for row in told["dirty"]]
    assert listed == [(dirt.file, dirt.kind, dirt.rows) for dirt in DIRT]


def test_less_than_two_in_a_hundred_rows_of_a_file_are_set_aside(told: dict[str, Any]) -> None:
    aside: Counter[str] = Counter()
    for row in told["dirty"]:
        if row["rule"] not in KEPT:
            aside[row["file"].split(".")[0]] += row["count"]
    for name, rows in aside.items():
        whole = read(name).height if name != "reviews" else 2_000
        assert 0 < rows < 0.02 * whole, name


def test_only_planted_rows_sit_in_the_hour_that_was_skipped() -> None:
    tickets, events = read("tickets"), read("ticket_events")
    skipped = r"^2025-03-30 02:"
    assert tickets["opened_at"].str.contains(skipped).sum() == 6
    assert tickets["resolved_at"].str.contains(skipped).sum() == 0
    assert events["at"].str.contains(skipped).sum() == 3


def test_only_planted_keys_come_twice() -> None:
    for name, twice in (("tickets", 8 + 9), ("relationship_answers", 5), ("subscriptions", 3), ("survey_sends", 0)):
        frame = read(name)
        assert frame.height - frame[frame.columns[0]].n_unique() == twice, name


def test_nobody_is_asked_twice_within_thirty_days() -> None:
    sends = read("survey_sends").filter(pl.col("customer_id") != "C000000", pl.col("invitation").str.slice(1, 1) != "9")
    days = (
        sends.select("customer_id", day=pl.col("sent_at").str.slice(0, 10).str.to_date())
        .sort("customer_id", "day")
        .with_columns(rest=pl.col("day").diff().over("customer_id").dt.total_days())
    )
    assert days["rest"].min() == 30


def test_answers_point_to_their_invitation_and_tickets_to_their_customer() -> None:
    invited, known = set(read("survey_sends")["invitation"]), set(read("customers")["customer_id"])
    for name in ("relationship_answers", "after_help_answers"):
        true = read(name).filter(pl.col("response").str.slice(1, 1) != "9")
        assert set(true["response"]) <= invited
        assert set(true["customer_id"]) <= known
    assert set(read("tickets")["customer_id"].drop_nulls()) <= known


def test_volume_grows_with_the_company_and_contacts_per_customer_do_not() -> None:
    opened = read("tickets").filter(pl.col("topic") != "spam")["opened_at"].str.slice(0, 10)
    day = opened.str.to_date(strict=False)
    first = int(((day >= date(2024, 9, 16)) & (day < date(2024, 12, 16))).sum())
    last = int(((day >= date(2025, 12, 15)) & (day < date(2026, 3, 16))).sum())
    assert 1.2 < last / first < 1.4


def test_within_a_topic_nothing_gets_slower_when_the_bot_comes() -> None:
    solved = (
        read("tickets")
        .filter(pl.col("channel") == "chat", pl.col("topic") != "spam")
        .with_columns(pl.col("opened_at", "resolved_at").str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False))
        .with_columns(hours=(pl.col("resolved_at") - pl.col("opened_at")).dt.total_minutes() / 60)
        .filter(pl.col("hours") > 0)
    )
    bot = datetime(2025, 10, 6)  # noqa: DTZ001 - the file's local time
    before = solved.filter(pl.col("opened_at").is_between(bot - timedelta(weeks=13), bot))
    after = solved.filter(pl.col("opened_at").is_between(bot, bot + timedelta(weeks=13)))
    assert after["hours"].median() > 1.3 * before["hours"].median()  # pyright: ignore[reportOperatorIssue]
    topics = before.group_by("topic").agg(pl.col("hours").median()).join(
        after.group_by("topic").agg(pl.col("hours").median()), on="topic", suffix="_after"
    )  # fmt: skip
    assert (topics["hours_after"] < 1.1 * topics["hours"]).all()


def test_luck_that_evens_out_keeps_every_share_true() -> None:
    dice = Dice(1, "test")
    luck = Luck(dice)
    came: Counter[tuple[str, bool]] = Counter()
    for _ in range(20_000):
        part = dice.one_of(("a", "b", "b", "b"))
        came[part, luck.chance("x", 0.06 if part == "a" else 0.3, [part])] += 1
    for part, p in (("a", 0.06), ("b", 0.3)):
        share = came[part, True] / (came[part, True] + came[part, False])
        assert share == pytest.approx(p, abs=0.01)
