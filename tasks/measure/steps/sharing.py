"""Facts of few days, read while other families are planned and measured; what two families need is read once."""

from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context

from sql.store import Store
from tasks.measure.families import SHARING
from tasks.measure.steps.facts import Facts, There, days_read, read_contacts
from tasks.measure.steps.making import facts_of
from tasks.measure.steps.planning import Plan

N_READERS = 3
"""Families whose facts are read at a time; one of them waits for what another one reads."""
Read = Future[tuple[Facts, Facts]]
"""The facts of a family, and those of them that others may take."""


class Readers:
    """What reads facts before their turn."""

    def __init__(self, store: Store, threads: ThreadPoolExecutor, most: int) -> None:
        """Begin with nothing.

        Args:
            store: where the facts are.
            threads: what reads them; in the order in which it is given them, as one may wait for one before.
            most: facts that may be read before their turn.
        """
        self._store = store
        self._threads = threads
        self._left = most
        self._begun: dict[str, tuple[Plan, Read]] = {}

    def begin(self, plans: Iterable[Plan]) -> list[Plan]:
        """The plans, whose facts begin to be read as soon as each plan is made: of those of few days."""
        return [self._begin(plan) for plan in plans]

    def facts(self, plan: Plan) -> Facts | None:
        """The facts of a plan, once; None: they are to be read now."""
        _, read = self._begun.pop(plan.family, (plan, None))
        return None if read is None else read.result()[0]

    def _begin(self, plan: Plan) -> Plan:
        is_few = plan.days is not None and not plan.history and plan.n_facts <= self._left
        if plan.asked is not None and is_few:
            self._left -= plan.n_facts
            there = next((there for family in SHARING.get(plan.family, ()) if (there := self._there(family))), None)
            self._begun[plan.family] = plan, self._threads.submit(copy_context().run, _read, self._store, plan, there)
        return plan

    def _there(self, family: str) -> There | None:
        """What may be taken of a family's facts."""
        if family not in self._begun:
            return None
        plan, read = self._begun[family]
        if plan.asked is None or plan.days is None:
            return None
        return There(frozenset(days_read(family, plan.days, plan.asked.roadmap)), lambda: read.result()[1])


@contextmanager
def reading(store: Store, most: int) -> Generator[Readers]:
    """What reads facts before their turn, until the end.

    Args:
        store: where the facts are.
        most: facts that may be read before their turn.
    """
    threads = ThreadPoolExecutor(N_READERS)
    try:
        yield Readers(store, threads, most)
    finally:
        threads.shutdown(cancel_futures=True)


def _read(store: Store, plan: Plan, there: There | None) -> tuple[Facts, Facts]:
    if plan.asked is None or plan.days is None:
        return {}, {}
    with store.reading() as connection:
        if plan.family in SHARING:
            return read_contacts(connection, plan.family, plan.days, plan.asked.roadmap, there)
        return facts_of(connection, plan.asked, plan.days), {}
