"""Exports that have to be ordered, waited for and picked up."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from domain.connectors import Stream
from domain.errors import SourceChangedError, SourceUnavailableError
from domain.paging import Answer, Path, Request, inside
from wire import bodies
from wire.filling import filled
from wire.http import Caller

_FIRST_PAUSE: Final = 2.0
_LONGEST_PAUSE: Final = 60.0


@dataclass(frozen=True)
class PickedUp:
    """A finished export: its file, unzipped, and the answer that said it was done."""

    file: Answer
    progress: Answer


def picked_up(
    caller: Caller, stream: Stream, request: Request, values: Mapping[str, Any], where: str, until: float
) -> PickedUp:
    """Order the stream's job, wait with growing pauses, and fetch its file.

    Raises:
        SourceUnavailableError: the vendor says that the export failed.
        SourceChangedError: an answer lacks what names the job, its state or its file; the file is no JSON.
        DeadlineError: it was not done in time; the next run orders it anew.
    """
    job = stream.job
    if job is None:
        raise TypeError(f"{stream.name} is no job")
    ordered = caller.call(request, rate=stream.rate, until=until)
    named = {**values, "job": _named(ordered, job.started, where)}
    pause = _FIRST_PAUSE
    while True:
        progress = caller.call(filled(job.progress, named), until=until)
        state = _named(progress, job.state, where)
        if state == job.done:
            break
        if state == job.failed:
            raise SourceUnavailableError(f"{where}: the vendor could not make the export. The next run orders it anew.")
        caller.pause(pause, until)
        pause = min(pause * 2, _LONGEST_PAUSE)
    named["file"] = _named(progress, job.file, where)
    file = caller.call(filled(job.pick_up, named), until=until, expects="file")
    content = _unzipped(file.content, caller.limits.most_bytes, where)
    try:
        return PickedUp(replace(file, content=content, body=bodies.json_in(content)), progress)
    except bodies.BrokenError as problem:
        raise SourceUnavailableError(
            f"{where}: the export cannot be read: {problem}. The next run asks anew."
        ) from None
    except bodies.NotJsonError as found:
        raise SourceChangedError(f"{where}: expected an export in JSON, found {found}.") from None


def _named(answer: Answer, path: Path, where: str) -> str:
    value = inside(answer.body, path)
    if isinstance(value, str | int) and value != "":
        return str(value)
    raise SourceChangedError(f"{where}: an answer about the export has no '{'.'.join(path)}'.")


def _unzipped(content: bytes, most: int, where: str) -> bytes:
    if not content.startswith(b"PK\x03\x04"):
        return content
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if len(members) != 1:
                raise SourceChangedError(f"{where}: expected one file in the export, found {len(members)}.")
            with archive.open(members[0]) as file:
                inner = file.read(most + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError):
        raise SourceUnavailableError(f"{where}: the export's zip is damaged. The next run asks anew.") from None
    if len(inner) > most:
        raise SourceChangedError(f"{where}: the export unpacks to more than {most / (1 << 20):g} MB.")
    return inner
