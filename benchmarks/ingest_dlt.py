"""The same pages by dlt, into a database of the same kind: merged by key, telemetry off.

Run by an interpreter that has dlt (benchmarks/beside.lock) and needs nothing of ours.

python ingest_dlt.py FOLDER ADDRESS
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"

import dlt
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator


def main() -> None:
    folder, address = Path(sys.argv[1]).resolve(), sys.argv[2]
    folder.mkdir(parents=True, exist_ok=True)

    @dlt.resource(name="tickets", primary_key="id", write_disposition="merge", max_table_nesting=0)
    def tickets(
        updated: Any = dlt.sources.incremental("updated_at", initial_value="2025-01-01T00:00:00+00:00"),  # noqa: B008
    ) -> Iterator[Any]:
        paging = JSONResponseCursorPaginator(cursor_path="next", cursor_param="cursor")
        client = RESTClient(base_url=address, paginator=paging, data_selector="tickets")
        yield from client.paginate("/tickets", params={"since": updated.last_value})

    pipeline = dlt.pipeline(
        pipeline_name="bench", pipelines_dir=str(folder / "dlt"), dataset_name="main",
        destination=dlt.destinations.sqlalchemy(f"sqlite:///{folder / 'dlt.db'}"),
    )  # fmt: skip
    pipeline.run(tickets())


if __name__ == "__main__":
    main()
