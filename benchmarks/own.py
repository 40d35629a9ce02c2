"""One daily turn of the loop, step after step as `flows/daily_loop.py` says, without Prefect's engine.

python -m benchmarks.own FOLDER DAY --steps STEPS.json [--until measure]
"""

import argparse
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

from prefect.logging import disable_run_logger

from benchmarks.clock import Steps


def turn(folder: Path, day: date, steps: Steps, *, is_whole: bool) -> None:
    """One turn as of `day`.

    Args:
        folder: the project.
        day: the day it runs for.
        steps: is told how long each step takes.
        is_whole: False stops when everything is measured.
    """
    with steps.step("imports"):
        from domain.ahead import one_ahead
        from tasks.alert.steps.flow import advance_incidents, compose_messages, send_outbox
        from tasks.detect.steps import judge
        from tasks.extract.steps import land_stream, stage_batch, streams_of, waiting
        from tasks.improve.steps.flow import judge_tasks, open_tasks
        from tasks.load.steps import load_batch
        from tasks.measure.steps import measure_dirty
        from tasks.report.steps.flow import post_summary, write_summary
        from tasks.run.steps import declared_sources, holding
        from tasks.validate.steps import load_library, validate_batch

    def landed() -> Iterator[tuple[str, str]]:
        for source in declared_sources(run):
            for stream in streams_of(run, source):
                with steps.step("land"):
                    land_stream.fn(run, source, stream)
                yield from ((source, batch) for batch in waiting.fn(run, source, stream))

    def prepare(source: str, batch: str) -> None:
        with steps.step(f"stage {source}"):
            stage_batch.fn(run, batch)
        with steps.step(f"validate {source}"):
            validate_batch.fn(run, batch)

    def ingest() -> None:
        with ThreadPoolExecutor(1) as beside:
            for (source, batch), ready in one_ahead(landed(), lambda one: beside.submit(prepare, *one)):
                with steps.step(f"wait for {source}"):
                    load_library()
                    ready.result()
                with steps.step(f"load {source}"):
                    load_batch.fn(run, batch)

    after = [
        judge,
        advance_incidents,
        open_tasks,
        judge_tasks,
        write_summary,
        compose_messages,
        post_summary,
        send_outbox,
    ]
    with disable_run_logger(), holding(str(folder), "daily", day, None) as (run, _):
        ingest()
        for task in [measure_dirty, *(after if is_whole else ())]:
            with steps.step(task.name):
                task.fn(run)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("day", type=date.fromisoformat)
    parser.add_argument("--steps", type=Path, required=True)
    parser.add_argument("--until", choices=["measure", "end"], default="end")
    wanted = parser.parse_args()
    steps = Steps()
    try:
        turn(wanted.folder, wanted.day, steps, is_whole=wanted.until == "end")
    finally:
        wanted.steps.write_text(json.dumps(steps.table()), encoding="utf-8")


if __name__ == "__main__":
    main()
