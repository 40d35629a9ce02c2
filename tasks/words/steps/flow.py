"""Read what customers wrote, and put together what a week of it says; nothing is loaded that is not asked for."""

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from domain.context import RunContext
from domain.roadmap import load_roadmap
from sql.queries.words import forget_words, last_read
from sql.store import store_at
from tasks.words.libraries import is_complete


@task(name="read words", cache_policy=NO_CACHE, persist_result=False)
def read_words(context: RunContext) -> int:
    """Read the texts that are new or changed, if the roadmap asks for it; how many were read.

    Without the libraries of the extra `text` nothing is read; what was read before stays.
    """
    store, roadmap, log = store_at(context.folder), load_roadmap(context.project.roadmap), get_run_logger()
    if not roadmap.asks_for_words:
        with store.reading() as connection:
            was_read = last_read(connection) is not None
        if was_read:
            with store.transaction(context.run_id) as connection:
                forget_words(connection)
        return 0
    if not is_complete():
        log.warning("read words: nothing, the extra 'text' is not installed; see `cxloop doctor`")
        return 0
    from tasks.words.steps.texts import read_changed

    found = read_changed(store, context.run_id, roadmap)
    log.info("read words: texts=%d gone=%d tones=%d", found.n_read, found.n_gone, found.n_told)
    return found.n_read


@task(name="tell words", cache_policy=NO_CACHE, persist_result=False)
def tell_words(context: RunContext) -> bool:
    """Put together what customers say in the week that the summary tells; whether anything is otherwise now."""
    store, roadmap = store_at(context.folder), load_roadmap(context.project.roadmap)
    if not roadmap.asks_for_words or not is_complete():
        return False
    from tasks.words.steps.weeks import tell_week

    week_start, is_new = tell_week(store, context.run_id, roadmap, context.as_of)
    get_run_logger().info("told words: week of %s %s", week_start, "anew" if is_new else "as before")
    return is_new


@task(name="hear incidents", cache_policy=NO_CACHE, persist_result=False)
def hear_incidents(context: RunContext) -> int:
    """Put together what customers say about each open incident; how many are told otherwise now."""
    store, roadmap = store_at(context.folder), load_roadmap(context.project.roadmap)
    if not roadmap.asks_for_words or not is_complete():
        return 0
    from tasks.words.steps.incidents import hear_all

    n_told = hear_all(store, context.run_id, roadmap)
    get_run_logger().info("heard incidents: %d told anew", n_told)
    return n_told
