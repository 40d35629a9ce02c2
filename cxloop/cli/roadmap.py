"""The roadmap: check it, show it."""

from typing import Any

from cyclopts import App

from cxloop.cli.examples import examples
from cxloop.cli.output import print_json, print_table
from cxloop.cli.place import Here, Json, Place
from cxloop.whom import personas_now, segments_now
from domain.errors import StoreError
from domain.kpis import KPIS
from domain.roadmap import Benchmark, Roadmap, expected, load_roadmap, warnings_of
from domain.roadmap.places import Problem
from domain.scopes import described
from domain.shown import shown

app = App(name="roadmap", help="The strategy as it is written: check, show.", version_flags=[], sort_key=10)


@app.command(help_epilogue=examples("cxloop --project examples/acme roadmap check"))
def check(*, json: Json = False, here: Here) -> None:
    """Everything that is wrong with roadmap.yaml, in the writer's words; and what is worth a second thought.

    Ends with exit code 2 when something is wrong.
    """
    roadmap = load_roadmap(here.project.roadmap)
    told = warnings_of(roadmap, _evidence(here, roadmap)) + _unused(here, roadmap)
    if json:
        print_json({"warnings": told})
        return
    for line in told:
        print(line)
    n, n_initiatives = len(roadmap.benchmarks), len(roadmap.initiatives)
    print(
        f"{here.project.roadmap.name} holds: {n} benchmark{'' if n == 1 else 's'}, "
        f"{n_initiatives} initiative{'' if n_initiatives == 1 else 's'}."
    )


@app.command(help_epilogue=examples("cxloop roadmap show"))
def show(*, json: Json = False, here: Here) -> None:
    """Every benchmark: where it should be today, and where it is to go; and the rules of segments and personas."""
    roadmap = load_roadmap(here.project.roadmap)
    if json:
        print_json(roadmap.model_dump(mode="json"))
        return
    print(f"{roadmap.company.name}: {roadmap.vision}\n")
    columns = ["benchmark", "kpi", "scope", "window", "baseline", "plan today", "target", "by", "owner"]
    print_table(columns, [_cells(here, b) for b in roadmap.benchmarks.values()], empty="No benchmark.")
    whom = [*segments_now(roadmap, {}, ()), *personas_now(roadmap, {}, ())]
    if whom:
        print()
        print_table(["segment or persona", "when", "one voice"], [[g.name, g.when, g.count] for g in whom], empty="")


def _cells(here: Place, benchmark: Benchmark) -> list[str]:
    unit, step = KPIS[benchmark.kpi].unit, benchmark.tolerance
    return [
        benchmark.id, benchmark.kpi, described(benchmark.scope_key), benchmark.window,
        shown(benchmark.baseline, unit, step), shown(expected(benchmark, here.today), unit, step),
        shown(benchmark.target, unit, step), str(benchmark.by), benchmark.owner,
    ]  # fmt: skip


def _unused(here: Place, roadmap: Roadmap) -> list[str]:
    """Segments and personas that nobody is in; nothing before the first run with these rules."""
    from sql.queries.segments import ever_held, rules_in_force

    made_by = roadmap.rules.fingerprint(roadmap.zone.key)
    try:
        with here.store.reading() as connection:
            if not made_by or rules_in_force(connection) != made_by:
                return []
            groups = {
                "segments": segments_now(roadmap, {}, ever_held(connection, "segment")),
                "personas": personas_now(roadmap, {}, ever_held(connection, "persona")),
            }
    except StoreError:
        return []
    return [
        Problem((section, group.name), group.warning).told(roadmap.places)
        for section, found in groups.items()
        for group in found
        if group.is_unused
    ]


def _evidence(here: Place, roadmap: Roadmap) -> dict[str, int]:
    """How many outcomes the latest complete window of each benchmark had; nothing before the first run."""
    try:
        with here.store.reading() as connection:
            found = {benchmark.id: _latest_n(connection, benchmark) for benchmark in roadmap.benchmarks.values()}
    except StoreError:
        return {}
    return {name: n for name, n in found.items() if n is not None}


def _latest_n(connection: Any, benchmark: Benchmark) -> int | None:
    from sqlalchemy import select

    from sql.tables import kpi_values

    mine = (
        kpi_values.c.kpi == benchmark.kpi,
        kpi_values.c.scope == benchmark.scope_key,
        kpi_values.c.period == benchmark.window,
    )
    return connection.execute(
        select(kpi_values.c.n).where(*mine).order_by(kpi_values.c.period_start.desc()).limit(1)
    ).scalar_one_or_none()
