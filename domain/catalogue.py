"""A catalogue of named rows, to which the project at hand may add its own."""

from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol, TypeVar

from domain.errors import UnknownKpiError


class Named(Protocol):
    """What a row must have."""

    @property
    def name(self) -> str:
        """By which it is found."""
        ...


Row = TypeVar("Row", bound=Named)


class Catalogue(Mapping[str, Row]):
    """Rows by name: those that ship, in their order, then those of the project at hand.

    Which project is at hand belongs to the thread or task that works for it (a context variable), and ends with the
    `with` that said so: two projects in one process never see each other's.
    """

    def __init__(self, rows: Iterable[Row]) -> None:
        self.shipped: Mapping[str, Row] = {row.name: row for row in rows}
        self._all: ContextVar[Mapping[str, Row]] = ContextVar("catalogue", default=self.shipped)

    def __reduce__(self) -> tuple[type["Catalogue[Row]"], tuple[tuple[Row, ...]]]:
        """Another process gets the rows that ship: the project's own are handed to it where it needs them."""
        return type(self), (tuple(self.shipped.values()),)

    @contextmanager
    def including(self, rows: Iterable[Row]) -> Generator[None]:
        """These are the project's own, in place of any others, until the `with` is over."""
        token = self._all.set({**self.shipped, **{row.name: row for row in rows}})
        try:
            yield
        finally:
            self._all.reset(token)

    def __getitem__(self, name: str) -> Row:
        """The row; UnknownKpiError (a KeyError too) if there is none."""
        try:
            return self._all.get()[name]
        except KeyError:
            raise UnknownKpiError(
                f"there is no KPI '{name}'. There are: {', '.join(self)}. If kpis.yaml had it once, and messages or "
                "tasks speak of it, put it back; with `better: none` it is measured and judged no more."
            ) from None

    def __iter__(self) -> Iterator[str]:
        """Their names, in order."""
        return iter(self._all.get())

    def __len__(self) -> int:
        """How many."""
        return len(self._all.get())
