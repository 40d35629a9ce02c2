import errno
import hashlib
import io
import os
from pathlib import Path

import pytest

from domain.errors import ConfigError, SourceUnavailableError
from wire.landing import Landing


def test_what_is_put_comes_back_byte_by_byte(tmp_path):
    landing = Landing(tmp_path / "landing")
    content = os.urandom(3_000_000)
    sha = landing.put(io.BytesIO(content))
    assert sha == hashlib.sha256(content).hexdigest() == landing.put(content)
    assert landing.has(sha)
    assert landing.get(sha) == content
    with landing.open(sha) as stream:
        assert stream.read(10) == content[:10]
    assert [path.name for path in (tmp_path / "landing" / sha[:2]).iterdir()] == [f"{sha}.zst"]


def test_nothing_half_written_is_left_when_the_source_breaks_off(tmp_path):
    class Broken(io.BytesIO):
        def read(self, size=-1):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        Landing(tmp_path).put(Broken())
    assert list(tmp_path.iterdir()) == []


def test_bytes_that_are_not_the_expected_ones_are_not_kept(tmp_path):
    found, now = hashlib.sha256(b"id\n1\n").hexdigest(), hashlib.sha256(b"id\n1\n2\n").hexdigest()
    landing = Landing(tmp_path)
    assert landing.put(io.BytesIO(b"id\n1\n2\n"), found) == now
    assert list(tmp_path.iterdir()) == []
    assert landing.put(io.BytesIO(b"id\n1\n"), found) == found
    assert landing.has(found)


def test_what_a_killed_run_left_is_swept(tmp_path):
    (tmp_path / ".landing-abc").write_bytes(b"half")
    assert Landing(tmp_path).sweep() == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("code", "said"), [(errno.ENOSPC, "disk is full"), (errno.EACCES, "no permission"), (errno.EIO, "cannot be used")]
)
def test_a_full_or_forbidden_disk_is_told_with_what_to_do(tmp_path, monkeypatch, code, said):
    def refuse(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(ConfigError, match=said):
        Landing(tmp_path).put(b"x")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_or_damaged_file_is_told(tmp_path):
    landing = Landing(tmp_path)
    with pytest.raises(SourceUnavailableError, match="Fetch the source again"):
        landing.get("0" * 64)
    sha = landing.put(b"content")
    place: Path = tmp_path / sha[:2] / f"{sha}.zst"
    place.write_bytes(place.read_bytes()[:-3])
    with pytest.raises(SourceUnavailableError, match="damaged"):
        landing.get(sha)
