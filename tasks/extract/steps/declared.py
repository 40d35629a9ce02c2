"""What a project declares of its sources: their specs, what their settings name, and the ids of their batches."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import replace

from dotenv import dotenv_values

from domain.errors import ConfigError, SourcesError
from domain.project import Project
from domain.settings import load_settings
from domain.source_specs import SourceSpec, Warehouse
from domain.sources import load_sources, version_of
from tasks.extract.warehouse.ready import changed, ready_made


def spec_of(project: Project, source: str) -> SourceSpec:
    """One source of a project; ConfigError lists those there are."""
    specs = {spec.name: spec for spec in load_sources(project.sources)}
    if source not in specs:
        raise ConfigError(f"sources.yaml has no source '{source}'. It has: {', '.join(specs)}.")
    return completed(specs[source])


def completed(spec: SourceSpec) -> SourceSpec:
    """The source with the streams and tables of the ready-made mapping that it uses.

    Raises:
        SourcesError: there is no such mapping, or it does not fit what is written beside it.
    """
    reads = spec.reads
    if not isinstance(reads, Warehouse) or not reads.use:
        return spec
    try:
        ready = ready_made(reads.use, also=reads.also, surveys=reads.surveys)
        tables = changed(ready.tables, spec.tables)
    except SourcesError as problem:
        said = str(problem)
        place = "" if said.startswith("sources.yaml:") else f"sources.yaml:{spec.line}  {spec.name}."
        raise SourcesError(place + said) from None
    whole = replace(spec, reads=replace(reads, streams=ready.streams), tables=tables)
    return replace(whole, version=version_of(whole))


def environment(project: Project) -> Mapping[str, str]:
    """What `${VARIABLE}`s and `secrets:` may name: the environment, the project's .env, and its settings."""
    settings = load_settings(project)
    written = dotenv_values(project.dotenv) if project.dotenv.is_file() else {}
    data = {"CXLOOP_DATA": str(settings.data)} if settings.data else {}
    return {**data, **{name: value for name, value in written.items() if value}, **os.environ}


def secret_of(project: Project) -> str:
    """What pseudonyms are keyed with: the project's own name, unless a secret is set."""
    settings = load_settings(project)
    return settings.pseudonym_key.get_secret_value() if settings.pseudonym_key else project.name


def batch_of(spec: SourceSpec, sha256: str) -> str:
    """A batch's id: the same content under the same mapping is the same batch."""
    text = f"{spec.name}\x1f{sha256}\x1f{spec.mapping_version}"
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def again(row: Mapping[str, object], batch_id: str, spec: SourceSpec) -> dict[str, object]:
    """A batch that was read before, to be read with the mapping as it is now."""
    fresh = {"batch_id": batch_id, "mapping": spec.mapping_version, "state": "landed", "verdict": None}
    return {**row, **fresh, "published_at": None}
