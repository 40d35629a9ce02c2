"""kill -9 in the middle of a run, then one more run: as if nothing had happened.

Two moments for each way of killing and each database; `CXLOOP_KILLS=20` takes twenty.
"""

import os
import random
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sql.ledger import begin_run
from sql.setup import prepare
from sql.store import open_store
from tests.acceptance.dumps import Rows, differences, files_of, tables_of
from tests.acceptance.killing import Moment, Timeline, Watched, left_running, timed
from tests.acceptance.projects import LAST_MONDAY, whole_project
from tests.fakes.slack import FakeSlack, serving
from tests.flow.processes import cxloop, until

KILLS = int(os.environ.get("CXLOOP_KILLS", "2"))
RUN = ("run", "--as-of", LAST_MONDAY.isoformat())
MESSAGES = "messages/"


@dataclass(frozen=True)
class Unkilled:
    """A run that nobody disturbed: what it left, and when it did what."""

    folder: Path
    tables: dict[str, Rows]
    files: dict[str, str]
    timeline: Timeline


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project before any run; to be copied."""
    return whole_project(tmp_path_factory.mktemp("pristine") / "roastery")


@pytest.fixture(scope="session")
def unkilled(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Unkilled:
    folder = tmp_path_factory.mktemp("unkilled") / "roastery"
    shutil.copytree(pristine, folder)
    timeline = timed(folder, {})
    return Unkilled(folder, tables_of(folder), files_of(folder), timeline)


@pytest.fixture
def copy(pristine: Path, unkilled: Unkilled, tmp_path: Path) -> Path:
    """A fresh copy of the project, but for Prefect's own database, which takes longer to make than a run."""
    folder = shutil.copytree(pristine, tmp_path / "roastery")
    home = Path(".cxloop", "prefect")
    shutil.copytree(unkilled.folder / home, folder / home)
    return folder


@pytest.fixture
def slack() -> Iterator[tuple[FakeSlack, dict[str, str]]]:
    """Slack's stand-in, and the settings that lead to it."""
    fake = FakeSlack()
    with serving(fake) as url:
        yield fake, {"CXLOOP_SLACK_TOKEN": "xoxb-stand-in", "CXLOOP_SLACK_BASE_URL": url}


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Settings of a fresh database of each kind."""
    if request.param == "sqlite":
        return {}
    url = request.getfixturevalue("postgresql_url")
    monkeypatch.setenv("CXLOOP_DATABASE_URL", url)
    return {"CXLOOP_DATABASE_URL": url}


@pytest.mark.parametrize("number", range(KILLS))
@pytest.mark.parametrize("with_children", [False, True], ids=["alone", "with its children"])
def test_a_run_after_a_kill_ends_as_if_nothing_had_happened(
    copy: Path,
    unkilled: Unkilled,
    database: dict[str, str],
    slack: tuple[FakeSlack, dict[str, str]],
    with_children: bool,
    number: int,
) -> None:
    moment = unkilled.timeline.moment(random.Random(f"{sorted(database)} {with_children} {number}"))
    is_slack = bool(number % 2)  # the others write messages as files
    settings = {**database, **(slack[1] if is_slack else {})}
    run = Watched(copy, settings)
    run.reaches(moment)
    run.kill(with_children=with_children)
    assert run.process.returncode == -signal.SIGKILL
    until(lambda: left_running(copy) == [], "nothing of the killed run is left")

    after = cxloop("--project", str(copy), *RUN, **settings)
    where = f"killed {moment.after_s:.2f} s after '{unkilled.timeline.lines[moment.line]}'"
    assert (after.returncode, after.stderr) == (0, ""), where
    assert left_running(copy) == [], where
    assert differences(unkilled.tables, tables_of(copy)) == [], where
    files = {path: content for path, content in unkilled.files.items() if not (is_slack and path.startswith(MESSAGES))}
    assert files_of(copy) == files, where
    posted = [message["metadata"] for message in slack[0].posted]
    assert len(posted) == (len(unkilled.tables["outbox"]) if is_slack else 0), where


def test_a_message_that_slack_took_before_the_kill_is_not_sent_again(
    copy: Path, unkilled: Unkilled, slack: tuple[FakeSlack, dict[str, str]]
) -> None:
    fake, settings = slack
    run = Watched(copy, settings)
    run.reached("posted summary")
    until(lambda: bool(fake.posted), "Slack has the first message")
    run.kill(with_children=True)
    after = cxloop("--project", str(copy), *RUN, **settings)
    assert (after.returncode, after.stderr) == (0, "")
    assert len(fake.posted) == len(unkilled.tables["outbox"])
    assert differences(unkilled.tables, tables_of(copy)) == []


def test_a_second_run_at_once_leaves_and_says_who_runs(copy: Path) -> None:
    first = Watched(copy, {})
    first.reaches(Moment(0, 0))
    first.process.send_signal(signal.SIGSTOP)  # so that it is there for as long as the second one looks
    second = cxloop("--project", str(copy), *RUN)
    first.process.send_signal(signal.SIGCONT)
    first.kill(with_children=True)
    assert second.returncode == 4
    assert f":{first.process.pid}:" in second.stderr
    assert "has held this project since" in second.stderr
    assert (second.stdout, second.stderr.count("\n")) == ("", 1)


def test_a_run_that_was_stalled_and_taken_over_writes_nothing_more(copy: Path, unkilled: Unkilled) -> None:
    settings = {"CXLOOP_LEASE_SECONDS": "5"}
    stalled = Watched(copy, settings)
    stalled.reaches(Moment(5, 0))
    stalled.process.send_signal(signal.SIGSTOP)
    until(lambda: cxloop("--project", str(copy), *RUN, **settings).returncode == 0, "another run takes over")
    assert differences(unkilled.tables, tables_of(copy)) == []
    stalled.process.send_signal(signal.SIGCONT)
    told = stalled.ended()
    assert stalled.process.returncode == 4
    assert "no longer holds the project" in told
    assert "Traceback" not in told
    assert differences(unkilled.tables, tables_of(copy)) == []
    assert files_of(copy) == unkilled.files


def test_a_run_is_taken_over_on_another_host_only_when_its_lease_is_over(copy: Path) -> None:
    from datetime import timedelta

    store = open_store(f"sqlite:///{copy}/.cxloop/cxloop.db")
    prepare(store)
    run_id = begin_run(store, "daily", LAST_MONDAY, timedelta(hours=1))
    with store.transaction() as connection:
        connection.exec_driver_sql("UPDATE runs SET holder = 'elsewhere:1:1'")
    store.engine.dispose()
    done = cxloop("--project", str(copy), *RUN)
    assert done.returncode == 4
    assert f"{run_id} of elsewhere:1:1" in done.stderr
