"""The command line, as people and programs meet it."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from cxloop.cli.main import _ended
from tests.acceptance.conftest import without_settings
from tests.flow.conftest import Ran
from tests.flow.processes import ROOT, command, cxloop, environment, servers_of, until

READING = [
    ("status",),
    ("kpi", "csat"),
    ("kpi", "csat", "--by", "all", "--json"),
    ("journey",),
    ("consistency",),
    ("paths",),
    ("listening",),
    ("incidents", "list"),
    ("tasks", "list", "--json"),
    ("quarantine", "list"),
    ("roadmap", "check"),
    ("roadmap", "show"),
    ("doctor",),
]


def test_a_run_ends_with_the_verdict_what_was_sent_where_and_the_page(ran: Ran) -> None:
    assert (ran.done.returncode, ran.done.stderr) == (0, "")
    lines = ran.done.stdout.strip().splitlines()
    assert lines[-2].startswith("Sent: ")
    page = Path(lines[-1].removeprefix("Summary: "))
    assert page.is_relative_to(ran.folder / "out")
    assert "</html>" in page.read_text(encoding="utf-8")


def test_a_run_leaves_no_process_behind_and_the_users_prefect_alone(ran: Ran) -> None:
    assert servers_of(ran.folder) == []
    assert not ran.users_home.exists()


def test_a_second_run_sends_nothing(ran: Ran) -> None:
    second = cxloop("--project", str(ran.folder), "run")
    assert (second.returncode, second.stderr) == (0, "")
    assert "Sent: nothing new." in second.stdout


@pytest.mark.parametrize("arguments", READING, ids=" ".join)
def test_what_only_reads_imports_neither_prefect_nor_great_expectations(ran: Ran, arguments: tuple[str, ...]) -> None:
    look = (
        "import atexit, sys\n"
        "heavy = ('prefect', 'great_expectations', 'altair')\n"
        "atexit.register(lambda: sys.stderr.write(','.join(m for m in heavy if m in sys.modules)))\n"
        "from cxloop.cli.main import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", look, "--project", str(ran.folder), *arguments],
        capture_output=True, text=True, cwd=ROOT, env=environment(), check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_kpi_points_have_the_promised_shape(ran: Ran) -> None:
    done = cxloop("--project", str(ran.folder), "kpi", "sla_attainment", "--by", "week", "--json")
    points = json.loads(done.stdout)
    assert list(points[0]) == ["kpi", "scope", "period_start", "period_end", "value", "low", "high", "n", "unit"]
    assert points[0] | {"value": 0, "low": 0, "high": 0, "n": 0} == {
        "kpi": "sla_attainment", "scope": {}, "period_start": "2025-11-17", "period_end": "2025-11-24",
        "value": 0, "low": 0, "high": 0, "n": 0, "unit": "share",
    }  # fmt: skip
    assert all(a["period_end"] == b["period_start"] for a, b in pairwise(points))


def test_open_outcomes_give_bounds(ran: Ran) -> None:
    arguments = ("kpi", "sla_attainment", "--by", "week", "--as-of", "2026-03-09", "--json")
    last = json.loads(cxloop("--project", str(ran.folder), *arguments).stdout)[-1]
    assert last["bound_low"] < last["value"] <= last["bound_high"]


def test_days_before_as_of_are_not_looked_ahead(ran: Ran) -> None:
    arguments = ("kpi", "csat", "--by", "all", "--json", "--as-of")
    early, late = (
        json.loads(cxloop("--project", str(ran.folder), *arguments, day).stdout)[0]["n"]
        for day in ("2026-01-05", "2026-03-16")
    )
    assert 0 < early < late


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("kpi", "npss"), 2, "there is no KPI 'npss'. Did you mean 'nps'?"),
        (("kpi", "csat", "--scope", "channel"), 2, "expected dimension=member"),
        (("kpi", "csat", "--scope", "channel=fax"), 2, "csat is not kept for fax"),
        (("incidents", "show", "nothing"), 2, "no incident begins with 'nothing'"),
        (("tasks", "show", "CX-999"), 2, "there is no task CX-999"),
        (("quarantine", "show", "zzz"), 2, "no row begins with 'zzz'"),
        (("backtest", "--from", "2026-03-01", "--to", "2026-01-01"), 2, "is before"),
        (("ingest", "nothing"), 2, "declares no source 'nothing'; it has: helpdesk"),
        (("runn",), 2, "runn"),
    ],
)
def test_an_error_is_one_message_with_its_exit_code(
    ran: Ran, arguments: tuple[str, ...], code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with without_settings():
        assert _ended(["--project", str(ran.folder), *arguments], is_debug=False) == code
    said = capsys.readouterr().err
    assert said.startswith("cxloop: ")
    assert words in said
    assert "Traceback" not in said


def test_a_process_ends_with_the_message_and_the_exit_code(ran: Ran) -> None:
    done = cxloop("--project", str(ran.folder), "kpi", "npss")
    assert done.returncode == 2
    assert done.stderr.startswith("cxloop: there is no KPI 'npss'. Did you mean 'nps'?")
    assert "Traceback" not in done.stderr


def test_a_project_that_is_none_is_told_so(tmp_path: Path) -> None:
    done = cxloop("--project", str(tmp_path), "run")
    assert done.returncode == 2
    assert "is no project: roadmap.yaml and sources.yaml not found there" in done.stderr


def test_a_source_that_fails_is_named_and_the_others_go_on(project: Path) -> None:
    sources = project / "sources.yaml"
    text = sources.read_text(encoding="utf-8")
    broken = (
        text[text.index("  helpdesk:") :].replace("  helpdesk:", "  survey-tool:").replace("tickets.csv", "absent.csv")
    )
    sources.write_text(f"{text}\n{broken}", encoding="utf-8")
    done = cxloop("--project", str(project), "run")
    assert done.returncode == 3
    assert done.stderr.startswith("cxloop: 1 of 2 sources failed: survey-tool: ")
    assert "Traceback" not in done.stderr
    assert "Summary: " in done.stdout


def test_a_killed_run_takes_its_server_with_it_and_the_next_run_does_its_work(project: Path) -> None:
    run = subprocess.Popen(
        command("--project", str(project), "run"), stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment()
    )
    assert run.stdout is not None
    assert any("landed helpdesk" in line for line in run.stdout)
    assert len(servers_of(project)) == 1
    run.kill()
    run.wait()
    run.stdout.close()
    until(lambda: servers_of(project) == [], "the server is gone")
    after = cxloop("--project", str(project), "run")
    assert (after.returncode, after.stderr) == (0, "")
    assert "loaded tickets.csv" in after.stdout


def test_a_second_run_beside_a_first_leaves_at_once_and_says_who_runs(project: Path) -> None:
    run = subprocess.Popen(
        command("--project", str(project), "run"), stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment()
    )
    assert run.stdout is not None
    assert any("landed helpdesk" in line for line in run.stdout)
    beside = cxloop("--project", str(project), "run")
    assert beside.returncode == 4
    assert f":{run.pid}:" in beside.stderr
    rest = run.stdout.read()
    run.stdout.close()
    assert run.wait() == 0
    assert "Summary: " in rest
