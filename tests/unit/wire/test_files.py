import errno
import gzip
import hashlib
import io
import os
import zipfile

import pytest

from domain.errors import SourceChangedError, SourceMissingError, SourceUnavailableError
from wire import files
from wire.files import find_files, hashed, unwrapped


def zipped(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def test_files_are_found_by_pattern_and_sorted(tmp_path):
    for name in ("b.csv", "a.csv", "c.txt"):
        (tmp_path / name).write_text("x")
    assert [path.name for path in find_files("*.csv", tmp_path)] == ["a.csv", "b.csv"]
    assert [path.name for path in find_files(str(tmp_path / "c.txt"), tmp_path / "elsewhere")] == ["c.txt"]


def test_no_file_is_told_with_where_it_was_looked_for(tmp_path):
    with pytest.raises(SourceMissingError, match="no such file"):
        find_files("*.csv", tmp_path)
    with pytest.raises(SourceMissingError, match="does not exist"):
        find_files("nowhere/*.csv", tmp_path)


def test_a_share_that_went_away_is_not_a_folder_without_files(tmp_path, monkeypatch):
    def gone(path):
        raise OSError(errno.ESTALE, "Stale file handle", str(path))

    monkeypatch.setattr(os, "scandir", gone)
    with pytest.raises(SourceUnavailableError, match="Stale file handle") as told:
        find_files("*.csv", tmp_path)
    assert not isinstance(told.value, SourceMissingError)


def test_a_file_is_known_by_its_content(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"abc")
    found = hashed(tmp_path / "a.csv")
    assert (found.name, found.sha256, found.n_bytes) == ("a.csv", hashlib.sha256(b"abc").hexdigest(), 3)
    with pytest.raises(SourceUnavailableError, match="gone"):
        hashed(tmp_path / "b.csv")


def test_gz_and_zip_are_unwrapped_and_plain_files_are_not():
    assert list(unwrapped("a.csv", b"x")) == [("a.csv", b"x")]
    assert list(unwrapped("a.csv.gz", gzip.compress(b"x"))) == [("a.csv", b"x")]
    content = zipped({"b": b"2", "a": b"1", "__MACOSX/a": b"junk", ".DS_Store": b"junk"})
    assert list(unwrapped("z.zip", content)) == [("z.zip/a", b"1"), ("z.zip/b", b"2")]


def test_only_members_that_match_are_taken():
    content = zipped({"in/x.csv": b"1", "y.txt": b"2"})
    assert list(unwrapped("z.zip", content, "*.csv")) == [("z.zip/in/x.csv", b"1")]
    with pytest.raises(SourceChangedError, match=r"It holds in/x\.csv, y\.txt"):
        list(unwrapped("z.zip", content, "*.json"))


@pytest.mark.parametrize("name", ["../evil.csv", "/etc/evil.csv", "a/../../evil.csv", "C:/evil.csv"])
def test_a_path_that_leads_out_of_the_archive_is_refused(name):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(name, "x")
    with pytest.raises(SourceChangedError, match="leads out of the archive"):
        list(unwrapped("z.zip", target.getvalue()))


def test_a_bomb_is_refused_before_it_fills_the_memory(monkeypatch):
    monkeypatch.setattr(files, "_FREE_BYTES", 1 << 20)
    bomb = b"0" * (32 << 20)
    for content in (gzip.compress(bomb), zipped({"a": bomb})):
        with pytest.raises(SourceChangedError, match="expands to more than"):
            list(unwrapped("bomb", content))


@pytest.mark.parametrize("content", [gzip.compress(b"x" * 99)[:-4], zipped({"a": b"x" * 99})[:-9]], ids=["gzip", "zip"])
def test_a_damaged_file_is_told(content):
    with pytest.raises(SourceChangedError, match="damaged"):
        list(unwrapped("a", content))
