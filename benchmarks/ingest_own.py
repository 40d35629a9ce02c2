"""From a server's pages to published rows, by the loop's own steps.

python -m benchmarks.ingest_own FOLDER ADDRESS --steps STEPS.json
"""

import json
import os
from datetime import date
from pathlib import Path

from benchmarks.arguments import parser_of
from benchmarks.clock import Steps
from domain.cycles import staying

ROADMAP = """\
version: 1
company: {name: Bench, currency: EUR, languages: [en], zone: UTC}
vision: Fast.
owners: {lead: {slack: "@lead", channel: "#lead"}}
benchmarks:
  sla: {kpi: sla_attainment, window: 28d, baseline: 0.9, on: 2025-01-05, target: 0.95, by: 2027-12-31, tolerance: 0.05, owner: lead}
"""
SOURCES = "version: 1\nsources:\n  desk: {{kind: zendesk, address: '{address}', start: 2025-01-01}}\n"


def ingest(folder: Path, address: str, steps: Steps) -> None:
    """Fetch, validate and publish everything."""
    with staying():
        from prefect.logging import disable_run_logger

        from benchmarks.desk import CONNECTOR
        from benchmarks.intake import ingest as publish
        from tasks.extract import catalog
        from tasks.run.steps import holding

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "roadmap.yaml").write_text(ROADMAP)
    (folder / "sources.yaml").write_text(SOURCES.format(address=address))
    catalog.CONNECTORS["zendesk"] = CONNECTOR
    os.environ["BENCH_TOKEN"] = "any"
    with disable_run_logger(), holding(str(folder), "daily", date(2026, 11, 1), None) as (run, _):
        publish(run, steps)


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("address")
    parser.add_argument("--steps", type=Path, required=True)
    wanted = parser.parse_args()
    steps = Steps()
    try:
        ingest(wanted.folder, wanted.address, steps)
    finally:
        wanted.steps.write_text(json.dumps(steps.table()), encoding="utf-8")


if __name__ == "__main__":
    main()
