"""Work in another process: done there, told here, and no process is left behind."""

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import psutil
import pytest

from domain.errors import CxLoopError, SourceChangedError
from domain.other_process import OtherProcess

SOON_S = 20
ROOT = Path(__file__).parents[3]
PARENT = """\
import os, time
from domain.other_process import OtherProcess

if __name__ == "__main__":
    with OtherProcess() as other:
        other.begin(int)
        print(other.call(os.getpid), flush=True)
        other.call(time.sleep, 600)
"""


def fail(text: str) -> None:
    raise SourceChangedError(text)


def wait_to_be_opened(pipe: Path) -> None:
    with pipe.open():
        pass


def test_until_it_has_begun_work_is_done_here():
    with OtherProcess() as other:
        assert not other.has_begun
        assert other.call(os.getpid) == other.call_now(os.getpid) == os.getpid()


def test_then_it_is_done_there_and_what_it_raises_is_raised_here():
    with OtherProcess() as other:
        other.begin(int)
        there = other.call(os.getpid)
        other.begin(partial(fail, "a second process"))
        assert other.has_begun
        assert there != os.getpid()
        assert other.call(divmod, 7, 2) == (3, 1)
        with pytest.raises(SourceChangedError, match="no column"):
            other.call(fail, "no column")
        assert other.call(os.getpid) == there
    assert not psutil.pid_exists(there)


def test_while_it_prepares_itself_work_that_cannot_wait_is_done_here(tmp_path: Path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with OtherProcess() as other:
        other.begin(partial(wait_to_be_opened, pipe))
        assert other.call_now(os.getpid) == os.getpid()
        with pipe.open("w"):
            there = other.call(os.getpid)
        assert other.call_now(os.getpid) == there != os.getpid()


def test_where_there_can_be_none_all_is_done_here(monkeypatch: pytest.MonkeyPatch):
    def refused(*_: object, **_more: object) -> None:
        raise OSError("no semaphores")

    monkeypatch.setattr("domain.other_process.ProcessPoolExecutor", refused)
    with OtherProcess() as other:
        other.begin(int)
        assert not other.has_begun
        assert other.call(os.getpid) == os.getpid()


def test_that_it_was_ended_is_said_in_words():
    with OtherProcess() as other:
        other.begin(int)
        with pytest.raises(CxLoopError, match=r"was ended, by hand or for want of memory.*Run again"):
            other.call(os.kill, other.call(os.getpid), signal.SIGKILL)


def test_what_could_not_be_prepared_is_done_here():
    for prepare in (partial(fail, "no such library"), partial(os._exit, 9)):
        with OtherProcess() as other:
            other.begin(prepare)
            assert other.call(os.getpid) == other.call_now(os.getpid) == os.getpid()
            assert not other.has_begun


def test_after_it_was_ended_work_goes_on_here_and_another_one_may_begin():
    with OtherProcess() as other:
        other.begin(int)
        with pytest.raises(CxLoopError, match="was ended"):
            other.call(os.kill, other.call(os.getpid), signal.SIGKILL)
        assert other.call(os.getpid) == other.call_now(os.getpid) == os.getpid()
        other.begin(int)
        assert other.call(os.getpid) != os.getpid()


def test_it_ends_with_its_parent_however_that_ends(tmp_path: Path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    ) as parent:
        assert parent.stdout is not None
        there = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
        gone, _ = psutil.wait_procs([there], timeout=SOON_S)
    assert gone == [there]
