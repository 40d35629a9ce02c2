"""A project: one folder with a roadmap and sources; everything the loop keeps lies under it."""

from dataclasses import dataclass
from pathlib import Path

from domain.errors import ConfigError


@dataclass(frozen=True)
class Project:
    """Where one project's files lie.

    Attributes:
        root: the folder with `roadmap.yaml` and `sources.yaml`.
    """

    root: Path

    @classmethod
    def at(cls, folder: Path | str) -> "Project":
        """The project in `folder`; ConfigError when a file is missing."""
        root = Path(folder).expanduser().resolve()
        if not root.is_dir():
            raise ConfigError(f"no folder {root}. Give a project with --project DIR, or make one: cxloop init {root}")
        project = cls(root)
        missing = [path.name for path in (project.roadmap, project.sources) if not path.is_file()]
        if missing:
            raise ConfigError(
                f"{root} is no project: {' and '.join(missing)} not found there. "
                f"Write them, or make a project to start from: cxloop init {root}"
            )
        return project

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.root.name

    @property
    def roadmap(self) -> Path:
        """The strategy."""
        return self.root / "roadmap.yaml"

    @property
    def sources(self) -> Path:
        """What to ingest."""
        return self.root / "sources.yaml"

    @property
    def kpis(self) -> Path:
        """KPIs of the company's own; may be missing."""
        return self.root / "kpis.yaml"

    @property
    def dotenv(self) -> Path:
        """Optional settings for the embedded default."""
        return self.root / ".env"

    @property
    def home(self) -> Path:
        """Everything kept between runs: database, landing zone, Prefect's own home."""
        return self.root / ".cxloop"

    @property
    def database_url(self) -> str:
        """The embedded database, unless a setting names another."""
        return f"sqlite:///{self.home / 'cxloop.db'}"

    @property
    def landing(self) -> Path:
        """Original bytes, compressed, addressed by content."""
        return self.home / "landing"

    @property
    def staging(self) -> Path:
        """Mapped rows between steps; may be deleted at any time."""
        return self.home / "staging"

    @property
    def prefect_home(self) -> Path:
        """Prefect's own home, apart from the user's."""
        return self.home / "prefect"

    @property
    def out(self) -> Path:
        """What people read: summary pages, messages."""
        return self.root / "out"
