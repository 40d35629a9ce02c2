"""Files of a source: found by pattern, hashed as they lie there, unwrapped from gz and zip with care."""

import glob
import gzip
import hashlib
import io
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol

from domain.errors import SourceChangedError, SourceMissingError, SourceUnavailableError

MAX_BYTES = 4 << 30
"""One file may expand to this; more is refused rather than filling the memory."""
MAX_RATIO = 200
"""… and to at most this many times its compressed size: beyond, it is a bomb, not an export."""
_FREE_BYTES = 16 << 20
"""Small files may have any ratio: a day of equal rows compresses well."""
_CHUNK = 1 << 20


class SupportsRead(Protocol):
    """Anything that gives bytes piece by piece."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""
        ...


@dataclass(frozen=True)
class FoundFile:
    """One file as it lies there: name, and what it holds by content."""

    path: Path
    sha256: str
    n_bytes: int

    @property
    def name(self) -> str:
        """The file's name without its folder."""
        return self.path.name


def find_files(pattern: str, root: Path) -> list[Path]:
    """Files that match `pattern` (a path or glob, relative to `root`), sorted by path.

    Raises:
        SourceMissingError: none matches.
        SourceUnavailableError: the folder cannot be read.
    """
    whole = Path(pattern) if Path(pattern).is_absolute() else root / pattern
    found = sorted(
        path
        for name in glob.glob(str(whole), recursive=True)  # noqa: PTH207 - patterns may be absolute
        if (path := Path(name)).is_file()
    )
    if not found:
        there = "that folder has no such file" if _is_folder(whole.parent) else "that folder does not exist"
        raise SourceMissingError(
            f"no file matches {whole}: {there}. Check the source's path and the folder's permissions."
        )
    return found


def _is_folder(path: Path) -> bool:
    """Whether a folder is there. One that cannot be listed, like a share that went away, is not one without files."""
    try:
        with os.scandir(path):
            return True
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as problem:
        raise SourceUnavailableError(f"{path} cannot be read ({problem.strerror}). Check its permissions.") from None


def hashed(path: Path) -> FoundFile:
    """The file with its sha256, read in pieces.

    Raises:
        SourceUnavailableError: it cannot be read.
    """
    digest, size = hashlib.sha256(), 0
    with opened(path) as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return FoundFile(path, digest.hexdigest(), size)


def opened(path: Path) -> BinaryIO:
    """The file's bytes as a stream.

    Raises:
        SourceUnavailableError: it is gone or may not be read.
    """
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise SourceUnavailableError(f"{path} is gone. Run again when it is back.") from None
    except OSError as problem:
        raise SourceUnavailableError(f"{path} cannot be read ({problem.strerror}). Check its permissions.") from None


def unwrapped(name: str, content: bytes, member: str = "*") -> Iterator[tuple[str, bytes]]:
    """The plain files in `content`: itself, what a gz holds, or a zip's members that match `member`.

    Args:
        name: the file's name; names of zip members are given as `archive.zip/member.csv`.
        content: its bytes.
        member: pattern of the members to take, matched against path and bare name, in order of path.

    Raises:
        SourceChangedError: damaged, encrypted, no member matches, a member's path leads out of the
            archive, or it expands beyond `MAX_BYTES` or `MAX_RATIO`.
    """
    if content[:2] == b"\x1f\x8b":
        yield name.removesuffix(".gz"), _gunzipped(name, content)
    elif content[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        yield from _members(name, content, member)
    else:
        yield name, content


def _gunzipped(name: str, content: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as stream:
            return _read(name, stream, len(content))
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise SourceChangedError(f"{name}: the gz file is damaged or cut off. Fetch it again.") from None


def _members(name: str, content: bytes, member: str) -> Iterator[tuple[str, bytes]]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile:
        raise SourceChangedError(f"{name}: the zip file is damaged or cut off. Fetch it again.") from None
    with archive:
        there = sorted((info for info in archive.infolist() if not info.is_dir()), key=lambda info: info.filename)
        for info in there:
            _check_path(name, info)
        wanted = [info for info in there if _matches(info.filename, member)]
        if not wanted:
            names = ", ".join(info.filename for info in there[:10]) or "nothing"
            raise SourceChangedError(f"{name}: no file in it matches member: '{member}'. It holds {names}.")
        for info in wanted:
            try:
                with archive.open(info) as stream:
                    yield f"{name}/{info.filename}", _read(f"{name}/{info.filename}", stream, info.compress_size)
            except RuntimeError:
                raise SourceChangedError(f"{name}/{info.filename} is encrypted. Give it unencrypted.") from None
            except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
                raise SourceChangedError(
                    f"{name}/{info.filename} is damaged or packed in an unknown way. Fetch it again."
                ) from None


def _matches(path: str, member: str) -> bool:
    hidden = path.startswith("__MACOSX/") or PurePosixPath(path).name.startswith(".")
    return not hidden and (fnmatch(path, member) or fnmatch(PurePosixPath(path).name, member))


def _check_path(name: str, info: zipfile.ZipInfo) -> None:
    path = PurePosixPath(info.filename.replace("\\", "/"))
    is_link = stat.S_ISLNK(info.external_attr >> 16)
    if path.is_absolute() or ".." in path.parts or (path.parts[:1] and path.parts[0].endswith(":")) or is_link:
        raise SourceChangedError(
            f"{name}: its member '{info.filename}' leads out of the archive. No export does that; do not trust it."
        )


def _read(name: str, stream: SupportsRead, packed_bytes: int) -> bytes:
    limit = min(MAX_BYTES, max(_FREE_BYTES, packed_bytes * MAX_RATIO))
    pieces, size = list[bytes](), 0
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        if size > limit:
            raise SourceChangedError(
                f"{name} expands to more than {limit >> 20} MiB from {max(1, packed_bytes >> 10)} KiB. "
                "If it is a real export, split it into smaller files."
            )
        pieces.append(chunk)
    return b"".join(pieces)
