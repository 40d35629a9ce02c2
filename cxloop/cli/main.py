"""`cxloop`: finds the command, and turns errors into one readable message.

Exit codes: 0 done · 1 unexpected · 2 a file, a setting or the command is wrong · 3 a source or batch failed, the others
went on, or `reconcile` found more unexplained than allowed · 4 another run holds the project · 5 a message could not be
delivered · 130 interrupted.
"""

import os
import sys
import traceback
import warnings
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, CycloptsError, Parameter

from cxloop.cli.examples import examples
from cxloop.cli.place import Place
from cxloop.embedded import silence
from domain.errors import CxLoopError

UNEXPECTED, WRONG, INTERRUPTED = 1, 2, 130

HELP = """The customer-experience improvement loop: measure against the roadmap, explain, alert, fix, verify.

A project is a folder with `roadmap.yaml` and `sources.yaml`; everything kept lies under it.

For example:

    cxloop init my-project                              a project to start from
    cxloop --project my-project run                     one turn of the loop
    cxloop --project my-project status                  what is known and open
    cxloop --project my-project kpi nps --by month      a KPI with its interval
    cxloop --project my-project incidents list --json   for programs
"""

EPILOGUE = (
    "Exit codes: 0 done, 1 unexpected, 2 a file, a setting or the command is wrong, 3 a source or batch failed "
    "(the others went on) or `reconcile` found more unexplained than allowed, 4 another run holds the project, 5 a "
    "message could not be delivered."
)

app = App(
    name="cxloop", help=HELP, help_format="plaintext", version_flags=["--version"], help_epilogue=EPILOGUE,
    result_action="return_value", version="0.1.0",
)  # fmt: skip

_ACME = "cxloop --project examples/acme"

COMMANDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "run": ("running:run", (f"{_ACME} run", "cxloop run --as-of 2026-03-16")),
    "ingest": ("running:ingest", ("cxloop ingest", "cxloop ingest helpdesk")),
    "backfill": (
        "running:backfill",
        ("cxloop backfill helpdesk --since 2026-01-01", "cxloop backfill helpdesk --since 2026-01-01 --from-landing"),
    ),
    "measure": ("running:measure", ("cxloop measure",)),
    "detect": ("running:detect", ("cxloop detect --as-of 2026-03-16",)),
    "report": ("running:report", ("cxloop report", "cxloop report --week 2026-03-09")),
    "status": ("status:status", (f"{_ACME} status", "cxloop status --json")),
    "kpi": (
        "kpis:kpi",
        (
            "cxloop kpi nps --by month",
            "cxloop kpi sla_attainment --scope channel=chat --from 2026-01-05",
            "cxloop kpi csat --by all --json",
        ),
    ),
    "journey": ("journey:journey", (f"{_ACME} journey", "cxloop journey --window 90d --all", "cxloop journey --json")),
    "consistency": (
        "consistency:consistency",
        (f"{_ACME} consistency", "cxloop consistency --window 90d --all", "cxloop consistency --json"),
    ),
    "paths": (
        "paths:paths",
        (
            "cxloop paths",
            "cxloop paths --scope channel=email --from 2026-01-05 --to 2026-03-16",
            "cxloop paths --json",
        ),
    ),
    "restated": ("restated:restated", (f"{_ACME} restated", "cxloop restated --settled --json")),
    "listening": ("listening:listening", (f"{_ACME} listening", "cxloop listening --as-of 2026-03-16 --json")),
    "incidents": ("incidents:app", ()),
    "tasks": ("tasks:app", ()),
    "customer": (
        "customer:customer",
        ("cxloop customer helpdesk:4711", "cxloop customer helpdesk:4711 --unmask", "cxloop customer shop:C-9 --json"),
    ),
    "customers": ("customers:app", ()),
    "quarantine": ("quarantine:app", ()),
    "reconcile": (
        "reconcile:reconcile",
        (
            "cxloop reconcile helpdesk --against export.csv.gz --column ticket='Ticket ID' --zone Europe/Berlin",
            "cxloop reconcile helpdesk --against by-week.csv --column period=Week --column tickets=Created --json",
        ),
    ),
    "roadmap": ("roadmap:app", ()),
    "backtest": ("backtest:backtest", (f"{_ACME} backtest --from 2025-07-01 --to 2026-03-16",)),
    "init": ("projects:init", ("cxloop init my-project", "cxloop --project my-project run")),
    "doctor": ("doctor:doctor", (f"{_ACME} doctor",)),
}
"""Where each command is (loaded when it is called, so that none waits for another's imports), and examples of it.

A group of commands says both itself."""

for _order, (_name, (_target, _lines)) in enumerate(COMMANDS.items()):
    _options: dict[str, Any] = {"sort_key": _order, "help_epilogue": examples(*_lines)} if _lines else {}
    app.command(f"cxloop.cli.{_target}", name=_name, **_options)


def loaded() -> App:
    """The whole command line with every command loaded: for the overview and the documentation."""
    for name in COMMANDS:
        app[name]
    return app


@app.meta.default
def launch(
    *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
    project: Annotated[
        Path | None, Parameter(name="--project", help="The project's folder; default: this one.")
    ] = None,
    debug: Annotated[bool, Parameter(name="--debug", negative="", help="Show tracebacks and the whole log.")] = False,
) -> None:
    """Run the command with the place it is about."""
    command, bound, ignored = app.parse_args(tokens, exit_on_error=False, print_error=False)
    place = Place(project, debug)
    handed: dict[str, Any] = {name: place for name, type_ in ignored.items() if type_ is Place}
    with _own_kpis((project or Path()) / "kpis.yaml"):
        command(*bound.args, **bound.kwargs, **handed)


def _own_kpis(path: Path) -> AbstractContextManager[None]:
    """The project's own KPIs beside the catalogue's; what reads them is loaded only where there are some."""
    if not path.is_file():
        return nullcontext()
    from domain.kpis import KPIS
    from domain.own_kpis import load_own_kpis

    return KPIS.including(load_own_kpis(path))


def main() -> None:
    """Run `cxloop` and end with its exit code."""
    silence()
    is_debug = "--debug" in sys.argv
    if not (is_debug or sys.warnoptions):
        warnings.simplefilter("ignore")  # what a library warns of is for its developers
    sys.exit(_ended(sys.argv[1:], is_debug=is_debug))


def _ended(tokens: list[str], *, is_debug: bool) -> int:
    try:
        if tokens in ([], ["--help"], ["-h"]):
            loaded()
        app.meta(tokens, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        return _told(f"{error} See: cxloop --help", WRONG)
    except CxLoopError as error:
        return _told(str(error), error.exit_code, is_debug=is_debug)
    except KeyboardInterrupt:
        return _told("interrupted; nothing is lost: the next run goes on from here", INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains once more at exit
    except Exception as error:  # noqa: BLE001  # the last door: whatever happened is told in a line
        words = f"unexpected: {type(error).__name__}: {error}. Run it again with --debug for the traceback."
        return _told(words, UNEXPECTED, is_debug=is_debug)
    return 0


def _told(message: str, code: int, *, is_debug: bool = False) -> int:
    if is_debug:
        traceback.print_exc()
    sys.stdout.flush()
    print(f"cxloop: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    main()
