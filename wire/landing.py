"""The landing zone: every fetched byte as it came, compressed, addressed by its content."""

import errno
import hashlib
import io
import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import zstandard

from domain.errors import ConfigError, SourceUnavailableError

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Landing:
    """Files under `root`, each at `<first two digits>/<sha256 of the original bytes>.zst`.

    A file is there whole or not at all: it is written beside its place, synced, then renamed.
    """

    root: Path

    def put(self, content: bytes | BinaryIO, expected: str | None = None) -> str:
        """Keep the bytes, once; the sha256 of the original. Streams, so memory stays flat.

        Args:
            content: the bytes.
            expected: the sha256 that they should have; where they have another one, nothing is kept.

        Raises:
            ConfigError: no permission, or the disk is full; says where and what to do.
        """
        is_page = isinstance(content, bytes)
        stream = io.BytesIO(content) if is_page else content
        packer = zstandard.ZstdCompressor(level=3, threads=0 if is_page else -1)
        digest = hashlib.sha256()
        with _explained(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".landing-", dir=self.root)
            try:
                with os.fdopen(handle, "wb") as target:
                    with packer.stream_writer(target, closefd=False) as packed:
                        while chunk := stream.read(_CHUNK):
                            digest.update(chunk)
                            packed.write(chunk)
                    target.flush()
                    os.fsync(target.fileno())
                if expected not in (None, digest.hexdigest()):
                    Path(name).unlink()
                    return digest.hexdigest()
                place = self._place(digest.hexdigest())
                place.parent.mkdir(exist_ok=True)
                Path(name).replace(place)
                _sync_folder(place.parent)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        return digest.hexdigest()

    def has(self, sha: str) -> bool:
        """The bytes with this sha256 are kept here."""
        return self._place(sha).is_file()

    @contextmanager
    def open(self, sha: str) -> Generator[BinaryIO]:
        """The original bytes as a stream.

        Raises:
            SourceUnavailableError: they are not here (any more).
            ConfigError: no permission.
        """
        try:
            packed = self._place(sha).open("rb")
        except FileNotFoundError:
            raise SourceUnavailableError(
                f"the landing zone {self.root} has no file {sha[:12]}…: its retention ran out or it was removed. "
                "Fetch the source again."
            ) from None
        except OSError as problem:
            raise _told(self.root, problem) from None
        with packed, zstandard.ZstdDecompressor().stream_reader(packed) as stream:
            yield stream  # pyright: ignore[reportReturnType]

    def get(self, sha: str) -> bytes:
        """The original bytes; checked against their address.

        Raises:
            SourceUnavailableError: they are not here, or are damaged.
        """
        with self.open(sha) as stream:
            try:
                content = stream.read()
            except zstandard.ZstdError:
                content = None
        if content is None or hashlib.sha256(content).hexdigest() != sha:
            raise SourceUnavailableError(
                f"{self._place(sha)} is damaged: its content is not what its name says. "
                "Remove it and fetch the source again."
            )
        return content

    def sweep(self) -> int:
        """Remove what killed runs left half-written; how many. Only for whoever holds the project's lease."""
        with _explained(self.root):
            left = list(self.root.glob(".landing-*"))
            for path in left:
                path.unlink(missing_ok=True)
        return len(left)

    def _place(self, sha: str) -> Path:
        return self.root / sha[:2] / f"{sha}.zst"


@contextmanager
def _explained(root: Path) -> Generator[None]:
    try:
        yield
    except OSError as problem:
        raise _told(root, problem) from None


def _told(root: Path, problem: OSError) -> ConfigError:
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return ConfigError(
            f"{root}: the disk is full; nothing of this file was kept. Free some space there or move the project, "
            "then run again: the run goes on where it stopped."
        )
    if problem.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return ConfigError(
            f"{root}: no permission to use the landing zone. Give the user of this run the right to write there."
        )
    return ConfigError(f"{root}: the landing zone cannot be used ({problem.strerror}). Mend that, then run again.")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
