"""One flow, run to its end in this process: with a Prefect of its own, and its steps shown."""

from importlib import import_module
from typing import Any

from cxloop.cli.place import Place
from cxloop.embedded import embedded_prefect, wait_until_ready
from cxloop.progress import shown
from domain.cycles import staying
from domain.roadmap import load_roadmap
from domain.settings import load_settings
from domain.sources import load_sources
from sql.ledger import refuse_if_held
from sql.setup import prepare
from sql.store import store_of


def turn(place: Place, flow: str, **parameters: object) -> None:
    """Run a flow on the place's project.

    Whatever can be refused is refused before Prefect is started, which takes seconds.

    Args:
        place: the project.
        flow: `flows.<module>:<function>`.
        parameters: of the flow, but for `project`.

    Raises:
        CxLoopError: what a step raised, or a SourceError naming the sources that failed.
    """
    project = place.project
    load_roadmap(project.roadmap)
    load_sources(project.sources)
    store = store_of(project, load_settings(project))
    prepare(store)
    refuse_if_held(store)
    store.engine.dispose()
    with embedded_prefect(project.prefect_home):
        function = _imported(flow)
        wait_until_ready()
        with _without_heartbeats(), shown(is_debug=place.is_debug):
            state = function(project=str(project.root), return_state=True, **parameters)
        if state.is_failed() or state.is_crashed():
            raise state.result(raise_on_failure=False)


def _imported(flow: str) -> Any:
    """The flow. Its imports make many objects that stay: collecting meanwhile would double their time."""
    module, name = flow.split(":")
    with staying():
        return getattr(import_module(module), name)


def _without_heartbeats() -> Any:
    """Heartbeats tell a server that a process lives; the embedded one lives no longer than we do."""
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    return temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None})
