from datetime import timedelta
from pathlib import Path

import pytest

from domain.asked import asked_in
from domain.errors import SourcesError
from domain.scales import notes
from domain.source_specs import Warehouse
from domain.sources import load_sources, read_sources

WHOLE = """\
version: 1
sources:
  desk:
    kind: files
    path: ${DATA}/tickets.zip
    format: csv
    nulls: ["?"]
    dates: ["%d/%m/%Y %H:%M"]
    namespace: acme
    complete_through: {column: opened_at, lag_days: 2}
    tables:
      tickets:
        key: number
        where: number IS NOT NULL
        columns: {opened_at: opened, status: LOWER(state), team: grp}
        history: {at: updated, fields: [status, team]}
        exclude: {spam: "grp = 'spam'"}
  survey:
    kind: files
    path: answers.csv
    format: csv
    complete_through: 2026-05-31
    tables:
      survey_answers:
        - survey: relationship
          measure: nps
          question: recommend
          scale: {low: 0, high: 10, direction: up, no_score: ["11"]}
          key: id
          refers_to: {ticket_id: desk}
          columns: {score: q1, answered_at: day, ticket_id: ticket}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(SourcesError) as caught:
        read_sources(text)
    return str(caught.value).splitlines()


def changed(old: str, new: str) -> str:
    assert old in WHOLE
    return WHOLE.replace(old, new)


def test_a_whole_file_is_read_as_declared():
    desk, survey = read_sources(WHOLE)
    tickets, answers = desk.tables[0], survey.tables[0]
    assert (desk.name, desk.files.format, desk.nulls, desk.zone, desk.people) == ("desk", "csv", ("?",), "UTC", "acme")
    assert (desk.complete_through.kind, desk.complete_through.lag_days) == ("column", 2)
    assert tickets.columns["status"] == "LOWER(state)"
    assert tickets.history is not None
    assert tickets.history.fields == ("status", "team")
    assert tickets.exclude == {"spam": "grp = 'spam'"}
    assert answers.label == "survey_answers/relationship/recommend/nps"
    assert answers.scale is not None
    assert answers.scale.no_score == ("11",)
    assert answers.refers_to == {"ticket_id": "desk"}
    assert survey.people == "survey"


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("nulls:", "nuls:", 7, "desk: unknown key 'nuls'. Did you mean 'nulls'?"),
        ("format: csv\n    nulls", "format: cvs\n    nulls", 6, "desk: format: 'cvs' is not known. Did you mean"),
        ("kind: files\n    path: ans", "kind: flies\n    path: ans", 19, "'flies' is not known. Did you mean 'files'?"),
        ("      tickets:\n", "      tikets:\n", 12, "desk.tables: unknown table 'tikets'. Did you mean 'tickets'?"),
        ("{opened_at: opened,", "{opend_at: opened,", 15, "unknown column 'opend_at'. Did you mean 'opened_at'?"),
        ("LOWER(state)", "(SELECT 1)", 15, "a statement or a sub-query"),
        ("LOWER(state)", "SUM(state)", 15, "one row at a time"),
        ("LOWER(state)", "LOWER(state", 15, "is no Polars SQL expression"),
        ("number IS NOT NULL", "number IN (SELECT id FROM x)", 14, "a statement or a sub-query"),
        ("fields: [status, team]", "fields: [status, tam]", 16, "'tam' is not under columns:. Did you mean 'team'?"),
        ("{ticket_id: desk}", "{ticket_id: desc}", 30, "'desc' is not known. Did you mean 'desk'?"),
        ("low: 0, high: 10", "low: 10, high: 0", 28, "must be above low (10)"),
        ("measure: nps", "measure: npss", 26, "'npss' is not known. Did you mean 'nps'?"),
        ("2026-05-31", "tomorrow", 22, "expected a date as 2026-05-31, found 'tomorrow'"),
        ("        key: number\n", "", 12, "key: missing: an event log needs the ticket_id"),
        (", answered_at: day", "", 25, "'answered_at' is missing under columns"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line_and_the_likely_fix(old, new, line, said):
    found = problems(changed(old, new))
    assert any(p.startswith(f"sources.yaml:{line}  ") and said in p for p in found), found


def test_a_mapping_that_is_merged_in_is_read_and_what_is_wrong_in_it_is_told():
    merged = changed("        - survey: relationship\n", "        - &asked\n          survey: relationship\n")
    merged += "        - {<<: *asked, survey: other}\n"
    _, survey = read_sources(merged)
    first, second = survey.tables
    assert second.label == "survey_answers/other/recommend/nps"
    assert (second.scale, second.columns, second.refers_to) == (first.scale, first.columns, first.refers_to)
    found = problems(merged.replace("measure: nps", "measure: npss"))
    assert [problem.split("  ")[0] for problem in found] == ["sources.yaml:27", "sources.yaml:33"]


def test_a_survey_without_scale_or_direction_is_refused():
    assert any("direction: missing" in p for p in problems(changed(", direction: up", "")))
    without = changed('          scale: {low: 0, high: 10, direction: up, no_score: ["11"]}\n', "")
    assert any("pooling 1-5 with 1-7" in p for p in problems(without))


def second_question(measure: str, scale: str, survey: str = "relationship") -> str:
    return (
        WHOLE
        + f"""        - survey: {survey}
          measure: {measure}
          scale: {scale}
          key: id
          columns: {{score: q2, answered_at: day}}
"""
    )


def test_a_1_to_4_scale_is_no_nps():
    # read as 0-10, everybody would be a detractor: NPS -100
    (problem,) = problems(changed("low: 0, high: 10", "low: 1, high: 4"))
    assert "NPS is asked from 0 to 10 (or 1 to 10), not 1-4" in problem


def test_a_question_from_1_to_10_is_accepted_as_nps():
    _, survey = read_sources(changed("low: 0, high: 10", "low: 1, high: 10"))
    (note,) = notes(asked_in(survey))
    assert note.startswith("survey.survey_answers: survey 'relationship' asks NPS from 1 to 10.")
    assert notes(asked_in(read_sources(WHOLE)[1])) == []


def test_one_survey_on_two_scales_is_refused():
    (problem,) = problems(second_question("nps", "{low: 1, high: 10, direction: up}"))
    assert problem.startswith("sources.yaml:32  survey.survey_answers: survey 'relationship' asks nps from 1-10 here")
    assert "and from 0-10 in survey.survey_answers (line 25): scales are never pooled." in problem


def test_one_survey_with_two_best_ends_is_refused():
    (problem,) = problems(second_question("nps", "{low: 0, high: 10, direction: down}"))
    assert "asks nps from 0-10 (0 is best) here and from 0-10 (10 is best) in survey.survey_answers" in problem


EFFORT = """\
version: 1
sources:
  pulse:
    kind: typeform
    options:
      surveys:
        aB3dE9:
          survey: effort
          questions:
            easy: {measure: ces, scale: {low: 1, high: 7, direction: up}}
  monkey:
    kind: surveymonkey
    options:
      surveys:
        17: {survey: thanks, questions: {q1: {measure: ces, scale: {low: 1, high: 5, direction: up}}}}
        18: {survey: effort, questions: {q1: {measure: ces, scale: {low: 1, high: 5, direction: up}}}}
"""
EXPORTED = """  export:
    kind: files
    path: answers.csv
    format: csv
    complete_through: arrival
    tables:
      survey_answers:
        survey: effort
        measure: ces
        question: easy
        scale: {low: 1, high: 5, direction: up}
        key: id
        columns: {score: q1, answered_at: day}
"""
READY = """  warehouse:
    kind: sql
    database: WAREHOUSE
    use: fivetran_qualtrics
    complete_through: arrival
    surveys:
      SV_1: {survey: effort, questions: {QID1: {measure: ces, scale: {low: 1, high: 7, direction: down}}}}
"""


def test_two_survey_tools_that_ask_one_survey_on_two_scales_are_refused():
    # the best answers of both, 7 of 7 and 5 of 5, would be an effort of 6
    (problem,) = problems(EFFORT)
    assert problem == (
        "sources.yaml:16  monkey.surveys.18.q1: survey 'effort' asks ces from 1-5 here and from 1-7 in "
        "pulse.surveys.aB3dE9.easy (line 7): scales are never pooled. Give one of them a survey name of its own"
    )
    assert len(read_sources(EFFORT.replace("18: {survey: effort", "18: {survey: effort-by-mail"))) == 2


def test_a_file_and_a_ready_made_mapping_are_held_against_a_survey_tool():
    found = problems(EFFORT.replace("18: {survey: effort", "18: {survey: another") + EXPORTED + READY)
    assert [problem.split(":")[1].split()[0] for problem in found] == ["23", "36"]
    assert "export.survey_answers: survey 'effort' asks ces from 1-5 here and from 1-7 in pulse" in found[0]
    assert "warehouse.surveys.SV_1.QID1: survey 'effort' asks ces from 1-7 (1 is best) here" in found[1]


def test_another_survey_or_another_measure_may_have_another_scale():
    read_sources(second_question("nps", "{low: 1, high: 10, direction: up}", survey="after-help"))
    read_sources(second_question("ces", "{low: 1, high: 7, direction: up}"))


def test_csat_must_say_from_which_score_on_somebody_is_satisfied():
    assert any("satisfied_from: missing" in p for p in problems(changed("measure: nps", "measure: csat")))


def test_all_problems_are_told_at_once_in_the_files_order():
    text = WHOLE.replace("nulls:", "nuls:").replace("measure: nps", "measure: npss").replace("2026-05-31", "soon")
    assert [p.split("  ")[0] for p in problems(text)] == ["sources.yaml:7", "sources.yaml:22", "sources.yaml:26"]


def test_what_is_no_yaml_is_told_with_its_line():
    assert problems("version: 1\nsources: [\n")[0].startswith("sources.yaml:3  is no YAML")
    assert "sources.yaml:1" in problems("- a\n")[0]


def test_a_missing_file_says_how_to_make_one(tmp_path: Path):
    with pytest.raises(SourcesError, match="cxloop init"):
        load_sources(tmp_path / "sources.yaml")


def test_a_variable_that_is_not_set_concerns_only_the_source_that_names_it():
    desk, survey = read_sources(WHOLE)
    assert survey.resolved_path({}) == "answers.csv"
    assert desk.resolved_path({"DATA": "/srv"}) == "/srv/tickets.zip"
    with pytest.raises(SourcesError, match="DATA is not set"):
        desk.resolved_path({})


def test_only_what_changes_rows_makes_a_new_mapping_version():
    version = read_sources(WHOLE)[0].mapping_version
    moved = (
        changed("${DATA}/tickets.zip", "elsewhere/*.zip")
        .replace("lag_days: 2", "lag_days: 3")
        .replace("version: 1", "\nversion: 1")
    )
    assert read_sources(moved)[0].mapping_version == version
    assert read_sources(changed("LOWER(state)", "UPPER(state)"))[0].mapping_version != version
    assert read_sources(changed('"?"', '"-"'))[0].mapping_version != version


@pytest.mark.parametrize("example", ["service_desk_2016", "health_service", "customers"])
def test_the_examples_hold(example):
    root = Path(__file__).resolve().parents[3]
    assert load_sources(root / "examples" / example / "sources.yaml")


WAREHOUSE = """\
version: 1
sources:
  warehouse:
    kind: sql
    database: WAREHOUSE_URL
    complete_through: arrival
    streams:
      tickets: {table: ticket, changed_at: changed, key: id%s}
    tables:
      tickets: {key: id, columns: {opened_at: opened, status: state}}
"""


def test_a_stream_of_a_warehouse_says_how_late_its_rows_may_come():
    (usual,), (late,) = (read_sources(WAREHOUSE % more) for more in ("", ", overlap_hours: 36.5"))
    assert isinstance(usual.reads, Warehouse)
    assert isinstance(late.reads, Warehouse)
    assert usual.reads.streams["tickets"].overlap == timedelta(hours=1)
    assert late.reads.streams["tickets"].overlap == timedelta(hours=36.5)
    assert usual.version == late.version
    with pytest.raises(SourcesError, match="expected hours from 0 to 8760, found -1"):
        read_sources(WAREHOUSE % ", overlap_hours: -1")
