"""How many calls were made of a source on a day, kept in the store: a limit of a day holds over all its runs."""

from datetime import date

from domain.context import RunContext
from sql.queries.intake import calls_of
from sql.store import Store, store_at
from sql.tables import source_calls


class StoredBook:
    """Counts the calls of one source; each is counted before it is made, and stays so if the run is killed."""

    def __init__(self, context: RunContext, source: str) -> None:
        self._context, self._source, self._store = context, source, store_at(context.folder)
        self._known: dict[date, int] = {}

    def spent(self, day: date) -> int:
        """Calls made on this day (UTC)."""
        if day not in self._known:
            with self._store.reading() as connection:
                self._known[day] = calls_of(connection, self._source, day)
        return self._known[day]

    def spend(self, day: date, n: int) -> None:
        """Count calls."""
        total = self.spent(day) + n
        with self._store.transaction(self._context.run_id) as connection:
            Store.put(connection, source_calls, [{"source": self._source, "day": day, "n_calls": total}])
        self._known[day] = total
