"""What every step of a run needs to know: which project, which run, as of when."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from domain.project import Project


@dataclass(frozen=True)
class RunContext:
    """One run, small enough to hand from step to step.

    Attributes:
        folder: the project's folder.
        run_id: the run that holds the project's lease.
        as_of: everything from this day on is not yet known (reporting zone).
    """

    folder: str
    run_id: str
    as_of: date

    @property
    def project(self) -> Project:
        """The project."""
        return Project(Path(self.folder))
