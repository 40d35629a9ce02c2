"""Checks everything a run needs, and says what to do where something is missing."""

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cxloop.cli.output import print_json
from cxloop.cli.place import Here, Json, Place
from domain.errors import ConfigError, CxLoopError
from domain.source_specs import SourceSpec

PYTHON = (3, 11)
FREE_MIB = 500


@dataclass(frozen=True)
class Check:
    """One thing looked at: how it is, and whether that is well.

    Attributes:
        notes: what keeps no run from going well, and wants a look.
    """

    name: str
    is_ok: bool
    found: str
    notes: tuple[str, ...] = ()


def doctor(*, json: Json = False, here: Here) -> None:
    """Check Python, files, settings, database and disk; nothing is called outside this machine but the database.

    Ends with exit code 2 when something is missing.
    """
    checks = [_checked(name, look, here) for name, look in LOOKS.items()]
    if json:
        print_json([{"name": c.name, "is_ok": c.is_ok, "found": c.found, "notes": c.notes} for c in checks])
    else:
        for check in checks:
            print(f"{'ok     ' if check.is_ok else 'MISSING'}  {check.name:<12}  {check.found}")
            for note in check.notes:
                print(f"NOTE     {check.name:<12}  {note}")
    failed = [check.name for check in checks if not check.is_ok]
    if failed:
        raise ConfigError(f"{len(failed)} of {len(checks)} checks failed: {', '.join(failed)}.")


Found = str | tuple[str, tuple[str, ...]]
"""How something is, and what to note of it."""


def _checked(name: str, look: Callable[[Place], Found], here: Place) -> Check:
    try:
        found = look(here)
        said, notes = (found, ()) if isinstance(found, str) else found
        return Check(name, is_ok=True, found=said, notes=notes)
    except CxLoopError as error:
        return Check(name, is_ok=False, found=str(error))


def _python(_: Place) -> str:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < PYTHON:
        raise ConfigError(f"Python {version}; expected {'.'.join(map(str, PYTHON))} or later.")
    return version


def _roadmap(here: Place) -> str:
    from domain.roadmap import load_roadmap

    roadmap = load_roadmap(here.project.roadmap)
    return f"{len(roadmap.benchmarks)} benchmarks, zone {roadmap.company.zone}"


def _sources(here: Place) -> Found:
    from domain.asked import asked_in
    from domain.scales import notes
    from domain.settings import named_values
    from domain.source_specs import Files
    from domain.sources import load_sources
    from tasks.extract.catalog import left_unread
    from tasks.extract.warehouse.ready import completed

    named = named_values(here.project)
    specs = [completed(spec) for spec in load_sources(here.project.sources)]
    for spec in specs:
        if isinstance(spec.reads, Files):
            path = here.project.root / spec.resolved_path(named)
            if not list(path.parent.glob(path.name)) and "*" not in str(path.parent):
                raise ConfigError(f"{spec.name}: no file {path}. Mend its path in sources.yaml, or put the file there.")
        else:
            _reachable(spec, named)
    unread = [note for spec in specs for note in left_unread(spec)]
    return ", ".join(spec.name for spec in specs), (
        *unread,
        *(note for spec in specs for note in notes(asked_in(spec))),
    )


def _reachable(spec: SourceSpec, named: Mapping[str, str]) -> None:
    """Whether all that is needed to ask is declared and set; nobody is asked."""
    from domain.blocks import block_in
    from domain.source_specs import Interface, Warehouse
    from tasks.extract.catalog import CONNECTORS, check, secrets_from

    if isinstance(spec.reads, Warehouse) and not (block_in(spec.reads.database) or named.get(spec.reads.database)):
        raise ConfigError(f"{spec.name}: {spec.reads.database} is not set. Set it to the database's URL.")
    if isinstance(spec.reads, Interface):
        check(spec)
        # a block is looked for when the source is fetched: Prefect is not asked here
        blocks = {text: text for text in spec.reads.secrets.values() if block_in(text) is not None}
        secrets_from(CONNECTORS[spec.kind], spec.reads, {**named, **blocks}, spec.name)
        spec.with_variables(spec.reads.address, named, "address", "to its value")


def _words(here: Place) -> Found:
    """Whether what customers write is read."""
    from domain.roadmap import load_roadmap
    from tasks.words.libraries import hint

    roadmap = load_roadmap(here.project.roadmap)
    if not roadmap.asks_for_words:
        return "not read: the roadmap has no `themes` and asks for no KPI of words"
    missing, languages = hint(), ", ".join(roadmap.company.languages)
    if missing:
        return "not read", (missing,)
    notes = () if languages else ("company: languages is empty, so the language of every text is unknown.",)
    return f"{len(roadmap.themes)} themes, languages {languages or 'not declared'}", notes


def _settings(here: Place) -> str:
    from domain.settings import load_settings

    settings = load_settings(here.project)
    return f"messages go to {'Slack' if settings.slack_token else 'out/ (no Slack token)'}"


def _database(here: Place) -> Found:
    from cxloop.aged import aged
    from domain.settings import load_settings
    from sql.store import revision_of, store_of

    settings = load_settings(here.project)
    if settings.database_url is None and not here.project.home.is_dir():
        return "SQLite, made by the first run"
    store = store_of(here.project, settings)
    revision = revision_of(store)
    with store.reading() as connection:
        notes = () if revision is None else tuple(aged(here.project, connection))
    return f"{store.engine.dialect.name}, revision {revision or 'none yet'}", notes


def _disk(here: Place) -> str:
    root = here.project.root
    free = shutil.disk_usage(root).free // 2**20
    if free < FREE_MIB:
        raise ConfigError(f"{free} MiB free at {root}; expected {FREE_MIB} or more. Free some space.")
    if not os.access(root, os.W_OK):
        raise ConfigError(f"{root} may not be written. Give this user the right to.")
    return f"{free:,} MiB free"


def _prefect(_: Place) -> str:
    if os.environ.get("CXLOOP_PREFECT") == "external":
        return "external: runs report to the server that PREFECT_API_URL names"
    return "embedded: its own home under the project's .cxloop"


LOOKS: dict[str, Callable[[Place], Found]] = {
    "python": _python, "roadmap": _roadmap, "sources": _sources, "words": _words, "settings": _settings,
    "database": _database, "disk": _disk, "prefect": _prefect,
}  # fmt: skip
"""What is looked at, in order."""
