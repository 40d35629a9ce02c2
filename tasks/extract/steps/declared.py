"""What a project declares of its sources: their specs, what their settings name, and the ids of their batches."""

import hashlib
from collections.abc import Mapping

from domain.errors import ConfigError
from domain.project import Project
from domain.settings import load_settings
from domain.source_specs import SourceSpec
from domain.sources import load_sources
from tasks.extract.versions import as_read


def spec_of(project: Project, source: str) -> SourceSpec:
    """One source of a project; ConfigError lists those there are."""
    specs = {spec.name: spec for spec in load_sources(project.sources)}
    if source not in specs:
        raise ConfigError(f"sources.yaml has no source '{source}'. It has: {', '.join(specs)}.")
    return as_read(specs[source])


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
