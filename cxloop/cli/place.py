"""Where a command works: the project it is about, and its store."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from domain.errors import ConfigError, StoreError
from domain.project import Project
from domain.settings import load_settings

if TYPE_CHECKING:
    from sql.store import Store


@dataclass(frozen=True)
class Place:
    """What the options before the command said.

    Attributes:
        folder: `--project`; None: the current folder.
        is_debug: `--debug`: tracebacks and every line of the log.
    """

    folder: Path | None = None
    is_debug: bool = False

    @cached_property
    def project(self) -> Project:
        """The project; ConfigError when there is none."""
        if self.folder is None and not Path("roadmap.yaml").is_file():
            raise ConfigError(
                "no project is named, and the current folder is none (it has no roadmap.yaml). "
                "Name one: cxloop --project DIR …, or make one: cxloop init DIR"
            )
        return Project.at(self.folder or Path())

    @cached_property
    def store(self) -> "Store":
        """The project's store, for reading and for people's own changes; StoreError before the first run."""
        from sql.store import store_of

        settings = load_settings(self.project)
        if settings.database_url is None and not (self.project.home / "cxloop.db").is_file():
            root = self.project.root
            raise StoreError(f"{root} has no database yet: nothing has run. Run: cxloop --project {root} run")
        return store_of(self.project, settings)

    @cached_property
    def today(self) -> date:
        """Today in the project's reporting zone: the day on which a person acts."""
        from domain.roadmap import load_roadmap

        return datetime.now(UTC).astimezone(load_roadmap(self.project.roadmap).zone).date()


Here = Annotated[Place, Parameter(parse=False)]
"""The place, handed to a command by the front door."""

Json = Annotated[bool, Parameter(name="--json", negative="", help="Print JSON instead of a table.")]
Day = Annotated[date | None, Parameter(help="A day: 2026-03-16.")]
"""A day as people write it."""
AsJudged = Annotated[
    date | None, Parameter(name="--as-of", help="As it was judged by this day; default: by the latest Monday.")
]
LastWindow = Annotated[
    Literal["week", "28d", "month", "90d"], Parameter(help="The last complete one; 28d and 90d end on Mondays.")
]
