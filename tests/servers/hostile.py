"""A project whose data and roadmap try to be more than text wherever they are shown."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

SCRIPT = '<script>document.title="owned"</script>'
CALLS = "<!channel> <@U012AB3CD> @here"
FORMATS = "*bold* _slanted_ `code` [link](https://evil.example) [red]rich[/red]"
FORMULA = '=HYPERLINK("https://evil.example","open")'
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
TEAM = f"{FORMULA} {SCRIPT} {CALLS} {FORMATS} {LONG}"
FIRST, N_WEEKS, BAD_FROM = date(2025, 11, 17), 17, 13
AS_OF = FIRST + timedelta(weeks=N_WEEKS)

_ROADMAP = """\
version: 1
company: {{name: {quoted}, zone: UTC}}
vision: {quoted}
owners:
  support-lead: {{slack: "@support-lead", channel: "#support"}}
surveys:
  after-help: {{kpi: csat, after: ticket solved}}
benchmarks:
  sla-team: {{kpi: sla_attainment, scope: {{team: {quoted}}}, window: week, baseline: 0.85, on: 2025-11-17,
             target: 0.95, by: 2026-12-31, tolerance: 0.05, owner: support-lead, why: {quoted}}}
  csat: {{kpi: csat, survey: after-help, window: 28d, baseline: 0.80, on: 2025-11-17, target: 0.90, by: 2026-12-31,
         tolerance: 0.05, owner: support-lead}}
initiatives:
  - {{id: answers, title: {quoted}, horizon: quick win, owner: support-lead,
     milestones: [{{title: {quoted}, due: 2026-06-30}}]}}
events:
  - {{title: {quoted}, on: 2026-01-12, touches: {{}}}}
"""
_SOURCES = """\
version: 1
sources:
  helpdesk:
    kind: files
    path: data/tickets.csv
    format: csv
    zone: UTC
    dates: ["%Y-%m-%d %H:%M"]
    complete_through: 2026-03-15
    tables:
      tickets:
        key: ticket
        columns: {channel: team, team: team, topic: topic, status: "'solved'", opened_at: opened,
                  first_reply_at: solved, resolved_at: solved, sla_met: in_time, sla_known_at: solved}
      survey_answers:
        - survey: after-help
          measure: csat
          question: satisfied
          scale: {low: 1, high: 5, direction: up, satisfied_from: 4}
          key: ticket
          columns: {score: score, answered_at: solved, team: team, channel: team, comment: topic}
"""


def write_hostile(folder: Path) -> None:
    """A team falls behind its plan for the last weeks; one row cannot be read."""
    (folder / "data").mkdir(parents=True)
    (folder / "roadmap.yaml").write_text(_ROADMAP.format(quoted=_quoted(TEAM)), encoding="utf-8")
    (folder / "sources.yaml").write_text(_SOURCES, encoding="utf-8")
    rows = ["ticket,team,topic,opened,solved,in_time,score", *_tickets()]
    (folder / "data" / "tickets.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def _tickets() -> Iterator[str]:
    cell = '"' + TEAM.replace('"', '""') + '"'
    for number in range(N_WEEKS * 60):
        week, place = divmod(number, 60)
        opened = datetime.combine(FIRST + timedelta(weeks=week, days=place // 12), time(9, place % 12 * 5))
        solved, in_time = opened + timedelta(hours=2), place % 10 >= (5 if week >= BAD_FROM else 1)
        score = FORMULA.replace('"', "'").replace(",", ";") if number == 7 else 5 if place % 10 else 2
        times = f"{opened:%Y-%m-%d %H:%M},{solved:%Y-%m-%d %H:%M}"
        yield f"T{number:04d},{cell},{cell},{times},{str(in_time).lower()},{score}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
