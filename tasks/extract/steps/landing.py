"""Keep what is new of one stream of a source."""

from collections.abc import Callable
from datetime import date

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from domain.arrived import Came
from domain.context import RunContext
from domain.errors import SourceMissingError, SourceUnavailableError
from domain.source_specs import Files
from sql.queries.intake import waiting_batches
from sql.store import store_at
from tasks.extract.steps.declared import spec_of
from tasks.extract.steps.fetching import fetch_stream, stream_names
from tasks.extract.steps.files import STREAM, land_files


def streams_of(context: RunContext, source: str) -> list[str]:
    """The streams of a source, in the order they are read; of files there is one.

    Raises:
        ConfigError: sources.yaml asks for a stream or an option that the connector does not have.
    """
    spec = spec_of(context.project, source)
    return [STREAM] if isinstance(spec.reads, Files) else stream_names(spec)


def is_fetched(context: RunContext, source: str) -> bool:
    """Whether a source is asked over a network, which may take long; else its files are at hand."""
    return not isinstance(spec_of(context.project, source).reads, Files)


def may_pass(error: object) -> bool:
    """Whether trying again in a moment may help: for a share or server that did not answer, not for a missing file."""
    return isinstance(error, SourceUnavailableError) and not isinstance(error, SourceMissingError)


@task(
    name="land stream",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=lambda _task, _run, state: may_pass(state.result(raise_on_failure=False)),
)
def land_stream(
    context: RunContext, source: str, stream: str, since: date | None = None, told: Callable[[Came], None] | None = None
) -> None:
    """Keep everything new of one stream as it came; what came before a failure is kept.

    Args:
        context: the run.
        source: its name.
        stream: the stream's.
        since: fetch again what changed on this day or later; None: what is new.
        told: hears, of what is fetched, what has come after each page with records.

    Raises:
        SourceUnavailableError: it cannot be reached: try again later.
        SourceChangedError: it no longer looks as it should.
        ConfigError: a setting, a secret or a path is missing or wrong.
    """
    spec = spec_of(context.project, source)
    n_landed = (
        land_files(context, spec)
        if isinstance(spec.reads, Files)
        else fetch_stream(context, spec, stream, since, told or (lambda _: None))
    )
    get_run_logger().info("landed %s %s: %d batches", source, stream, n_landed)


@task(name="look what waits", cache_policy=NO_CACHE, persist_result=False)
def waiting(context: RunContext, source: str, stream: str) -> list[str]:
    """Landed batches of one stream that are still to be published, in their order."""
    mapping = spec_of(context.project, source).mapping_version
    with store_at(context.folder).reading() as connection:
        return waiting_batches(connection, source, stream, mapping)
