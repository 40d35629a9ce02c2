"""One daily turn of the loop, step after step as `flows/daily_loop.py` says, without Prefect's engine.

python -m benchmarks.own FOLDER DAY --steps STEPS.json [--until load|measure]
"""

import json
from datetime import date
from pathlib import Path

from prefect.logging import disable_run_logger

from benchmarks.arguments import parser_of
from benchmarks.clock import Steps
from benchmarks.intake import ingest


def turn(folder: Path, day: date, steps: Steps, until: str = "end") -> None:
    """One turn as of `day`.

    Args:
        folder: the project.
        day: the day it runs for.
        steps: is told how long each step takes.
        until: `load` stops when every source is in, `measure` when everything is measured.
    """
    with steps.step("imports"):
        from tasks.alert.steps.flow import advance_incidents, compose_messages, send_outbox
        from tasks.detect.steps import judge
        from tasks.identify.steps.flow import identify_people, keep_segments
        from tasks.improve.steps.flow import judge_tasks, open_tasks
        from tasks.measure.steps import measure_dirty, watch_customers
        from tasks.report.steps.flow import post_summary, write_summary
        from tasks.run.steps import holding
        from tasks.words.steps.flow import hear_incidents, read_words, tell_words

    measured = [identify_people, keep_segments, read_words, measure_dirty] if until != "load" else []
    told = [
        judge,
        advance_incidents,
        hear_incidents,
        open_tasks,
        judge_tasks,
        watch_customers,
        tell_words,
        write_summary,
        compose_messages,
        post_summary,
        send_outbox,
    ]
    with disable_run_logger(), holding(str(folder), "daily", day, None) as (run, _):
        ingest(run, steps)
        for task in [*measured, *(told if until == "end" else ())]:
            with steps.step(task.name):
                task.fn(run)


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("day", type=date.fromisoformat)
    parser.add_argument("--steps", type=Path, required=True)
    parser.add_argument("--until", choices=["load", "measure", "end"], default="end")
    wanted = parser.parse_args()
    steps = Steps()
    try:
        turn(wanted.folder, wanted.day, steps, wanted.until)
    finally:
        wanted.steps.write_text(json.dumps(steps.table()), encoding="utf-8")


if __name__ == "__main__":
    main()
