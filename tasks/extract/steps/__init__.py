"""The extract room's steps: `landing` keeps what comes (`files`, `fetching`), `staging` lays its rows out."""

from tasks.extract.steps.landing import is_fetched, land_stream, streams_of, waiting
from tasks.extract.steps.reopening import reopen_source
from tasks.extract.steps.staging import stage_batch

__all__ = ["is_fetched", "land_stream", "reopen_source", "stage_batch", "streams_of", "waiting"]
