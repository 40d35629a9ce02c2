"""Which sources have rows of an older mapping or parser among theirs; reads the store, fetches nothing."""

from sqlalchemy import Connection

from domain.errors import ConfigError
from domain.project import Project
from domain.sources import load_sources
from sql.queries.intake import mappings_held
from tasks.extract.versions import as_read, read_otherwise, readable


def aged(project: Project, connection: Connection) -> list[str]:
    """For each source of which something was read otherwise than now: what, and how to read it again.

    Nothing where sources.yaml does not hold: `cxloop doctor` says what is wrong with it.
    """
    try:
        specs = [as_read(spec) for spec in load_sources(project.sources)]
    except ConfigError:
        return []
    said = (read_otherwise(spec, mappings_held(connection, spec.name, readable(spec))) for spec in specs)
    return [each for each in said if each is not None]
