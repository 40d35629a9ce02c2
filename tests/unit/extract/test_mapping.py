import json
from datetime import UTC, datetime

import polars as pl
import pytest

from domain.errors import SourceChangedError, SourcesError
from domain.facts import FACT_TABLES
from tasks.extract.mapping import map_table
from tasks.extract.parsed import FILE, ROW

TICKETS = """\
tickets:
  key: id
  columns: {opened_at: opened, status: LOWER(state), n_reopens: reopens, sla_met: met, customer_id: who, agent: agent}
"""
HEADER = "id,opened,state,reopens,met,who,agent\n"


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def rules(mapped) -> list[tuple[int, str]]:
    return mapped.set_aside.select("row", "rule").rows()


def test_every_value_is_typed_by_its_fact_column(spec, mapped):
    source = spec(TICKETS, 'dates: ["%d/%m/%Y %H:%M"]')
    found, _ = mapped(source, HEADER + "7,9/3/2016 8:05,New,02,TRUE,c1,Ann\n8,2016-03-09T08:05:00+01:00,OPEN,1.0,n,,\n")
    assert found.rows.columns == [*FACT_TABLES["tickets"].names, FILE, ROW]
    first, second = found.rows.rows(named=True)
    assert (first["ticket_id"], first["source"], first["customer_id"]) == ("desk:7", "desk", "desk:c1")
    assert (first["opened_at"], second["opened_at"]) == (at(2016, 3, 9, 8, 5), at(2016, 3, 9, 7, 5))
    assert [first["n_reopens"], second["n_reopens"], first["sla_met"], second["sla_met"]] == [2, 1, True, False]
    assert (second["customer_id"], second["agent"], first["status"]) == (None, None, "new")


def test_null_words_and_blanks_are_empty_and_anything_else_unreadable_is_set_aside(spec, mapped):
    source = spec(TICKETS, 'nulls: ["?", "n/a"]')
    rows = "1,2026-01-01,new,?,n/a,,\n2,yesterday,new,1,true,,\n3,2026-01-01,new,1.5,maybe, ,\n"
    found, _ = mapped(source, HEADER + rows)
    assert found.rows.select("n_reopens", "sla_met", "customer_id").rows() == [(None, None, None)]
    assert rules(found) == [(2, "unreadable:opened_at"), (3, "unreadable:n_reopens")]
    assert found.set_aside["reason"][1] == "n_reopens is no integer; sla_met is no flag"
    assert json.loads(found.set_aside["raw"][0])["opened"] == "yesterday"
    assert (found.n_source, found.n_mapped, found.n_left_out, found.n_unreadable) == (3, 1, 0, 2)


def test_rows_left_out_are_counted_and_raw_rows_are_kept_as_they_came(spec, mapped):
    source = spec(TICKETS.replace("key: id", "key: id\n  where: state <> 'test'"), 'nulls: ["?"]')
    found, _ = mapped(
        source, HEADER + "1,2026-01-01,test,,,,\n2,2026-01-01,,,,,\n?,2026-01-01,new,,,,\n4,2026-01-01,new,,,,\n"
    )
    assert (found.n_source, found.n_left_out, found.n_unreadable, found.n_mapped) == (4, 2, 1, 1)
    assert rules(found) == [(3, "missing-key")]
    assert json.loads(found.set_aside["raw"][0])["id"] == "?"


def test_a_local_time_that_does_not_exist_is_set_aside_and_one_that_came_twice_is_the_earlier(spec, mapped):
    source = spec(TICKETS, "zone: Europe/Berlin")
    found, _ = mapped(source, HEADER + "1,2021-03-28 02:30,new,,,,\n2,2021-10-31 02:30,new,,,,\n3,2021-07-01,new,,,,\n")
    assert rules(found) == [(1, "nonexistent-time:opened_at")]
    assert found.rows["opened_at"].to_list() == [at(2021, 10, 31, 0, 30), at(2021, 6, 30, 22)]
    assert found.n_ambiguous_times == 1


def test_a_day_whose_midnight_the_zone_skipped_begins_an_hour_later(spec, mapped):
    source = spec(TICKETS, "zone: America/Sao_Paulo", 'dates: ["%d/%m/%Y"]')
    found, _ = mapped(source, HEADER + "1,4/11/2018,new,,,,\n2,2018-11-04,new,,,,\n3,2018-11-04 00:30,new,,,,\n")
    assert found.rows["opened_at"].to_list() == [at(2018, 11, 4, 3)] * 2
    assert rules(found) == [(3, "nonexistent-time:opened_at")]


def test_times_with_an_offset_keep_it_whatever_the_zone(spec, mapped):
    source = spec(TICKETS, "zone: Asia/Tokyo")
    texts = ["2026-01-01T00:00:00Z", "2026-01-01 01:00:00.250+01:00", "2025-12-31T18:30:00-0530", "2026-01-01T09:00"]
    found, _ = mapped(source, HEADER + "".join(f"{i},{text},new,,,,\n" for i, text in enumerate(texts)))
    assert found.rows["opened_at"].to_list() == [
        at(2026, 1, 1),
        at(2026, 1, 1, 0, 0, 0, 250_000),
        *[at(2026, 1, 1)] * 2,
    ]


def test_a_wrong_column_name_lists_the_columns_there_are(spec, mapped):
    with pytest.raises(
        SourceChangedError, match=r"sources.yaml:\d+  desk.tickets: opened_at reads the column 'opened'"
    ) as caught:
        mapped(spec(TICKETS), HEADER.replace("opened", "opend") + "1,2026-01-01,new,,,,\n")
    assert "Did you mean 'opend'? It has: id, opend, state" in str(caught.value)


def test_an_expression_that_fails_on_some_rows_sets_aside_only_those(spec, mapped):
    source = spec(TICKETS.replace("n_reopens: reopens", "n_reopens: CAST(reopens AS INT) * 2"))
    found, _ = mapped(
        source, HEADER + "".join(f"{i},2026-01-01,new,{'x' if i in (3, 7) else i},,,\n" for i in range(1, 10))
    )
    assert rules(found) == [(3, "unreadable:n_reopens"), (7, "unreadable:n_reopens")]
    assert found.rows["n_reopens"].to_list() == [2, 4, 8, 10, 12, 16, 18]


def test_an_expression_that_fits_no_row_is_the_writers_error(spec, mapped):
    source = spec(TICKETS.replace("n_reopens: reopens", "n_reopens: ABS(reopens)"))
    with pytest.raises(SourcesError, match="n_reopens: 'ABS"):
        mapped(source, HEADER + "1,2026-01-01,new,1,,,\n")


def test_a_header_alone_gives_an_empty_typed_table(spec, mapped):
    found, _ = mapped(spec(TICKETS), HEADER)
    assert (found.n_source, found.rows.height) == (0, 0)
    assert found.rows.schema["opened_at"] == pl.Datetime("us", "UTC")


def test_a_missing_column_is_told_of_a_file_without_rows_too(spec, mapped):
    with pytest.raises(SourceChangedError, match="which the file does not have"):
        mapped(spec(TICKETS), "id\n")


def test_agents_are_pseudonyms_that_depend_on_the_secret(spec, mapped):
    source = spec(TICKETS)
    found, frame = mapped(
        source, HEADER + "1,2026-01-01,new,,,,Ann\n2,2026-01-01,new,,,,Ann\n3,2026-01-01,new,,,,Bob\n"
    )
    ann, again, bob = found.rows["agent"].to_list()
    assert ann == again != bob
    assert ann.startswith("agent-")
    assert len(ann) == len("agent-1a2b3c4d")
    assert map_table(frame, source, source.tables[0], secret="other").rows["agent"][0] != ann


def test_people_share_the_namespace_and_everything_else_its_source(spec, mapped):
    answers = """\
survey_answers:
  survey: after-help
  measure: csat
  scale: {low: 1, high: 5, direction: up, satisfied_from: 4, no_score: ["6", Blank]}
  key: id
  refers_to: {ticket_id: desk}
  columns: {score: score, answered_at: day, customer_id: who, account_id: firm, ticket_id: ticket}
"""
    source = spec(answers, "namespace: acme")
    found, _ = mapped(
        source,
        "id,score,day,who,firm,ticket\n1,5,2026-01-01,c1,f1,7\n2,6,2026-01-01,,,\n3,Blank,2026-01-01,,,\n4,,2026-01-01,,,\n",
    )
    first = found.rows.row(0, named=True)
    assert (first["answer_id"], first["response_id"]) == ("desk:1:csat", "desk:1")
    assert (first["customer_id"], first["account_id"], first["ticket_id"]) == ("acme:c1", "acme:f1", "desk:7")
    assert (first["scale_low"], first["scale_high"], first["direction"], first["satisfied_from"]) == (1, 5, "up", 4)
    assert found.rows["score"].to_list() == [5, None, None, None]
    assert found.n_without_score == 2


def test_customers_own_keys_have_the_namespace(spec, mapped):
    found, _ = mapped(
        spec("customers:\n  key: id\n  columns: {created_at: since}", "namespace: acme"), "id,since\n1,2026-01-01\n"
    )
    assert found.rows["customer_id"].to_list() == ["acme:1"]


def test_equal_rows_without_a_key_are_two_and_keep_their_ids_when_the_mapping_is_mended(spec, mapped):
    orders = "orders:\n  columns: {customer_id: who, ordered_at: day, amount_minor: ROUND(CAST(price AS DOUBLE) * 100)}"
    content = "who,day,price\nc1,2026-01-01,1.10\nc1,2026-01-01,1.10\nc2,2026-01-01,0.29\n"
    first, _ = mapped(spec(orders), content)
    mended, _ = mapped(spec(orders.replace("customer_id: who", "customer_id: UPPER(who)")), content)
    assert first.rows["order_id"].n_unique() == 3
    assert first.rows["amount_minor"].to_list() == [110, 110, 29]
    assert mended.rows["order_id"].to_list() == first.rows["order_id"].to_list()


def test_events_without_a_key_are_told_apart_by_ticket_field_time_and_occurrence(spec, mapped):
    events = "ticket_events:\n  columns: {ticket_id: t, at: at, field: f, new: v, sequence: _row}"
    found, _ = mapped(
        spec(events),
        "t,at,f,v\n7,1970-01-01T00:00:01Z,status,open\n7,1970-01-01T00:00:01Z,status,new\n8,1970-01-01T00:00:01Z,status,new\n",
    )
    assert found.rows["event_id"].to_list() == [
        "desk:7:status:1000000:1",
        "desk:7:status:1000000:2",
        "desk:8:status:1000000:1",
    ]
    assert found.rows["sequence"].to_list() == [1, 2, 3]


def test_tickets_that_are_no_contacts_say_why(spec, mapped):
    source = spec(TICKETS + "  exclude: {test: \"who = 'qa'\", spam: \"state = 'spam'\"}")
    found, _ = mapped(source, HEADER + "1,2026-01-01,spam,,,qa,\n2,2026-01-01,spam,,,,\n3,2026-01-01,new,,,x,\n")
    assert found.rows["excluded_as"].to_list() == ["test", "spam", None]


def test_a_key_that_is_missing_and_a_value_that_is_unreadable_are_one_row_set_aside(spec, mapped):
    found, _ = mapped(spec(TICKETS), HEADER + ",never,new,,,,\n")
    assert found.n_unreadable == found.set_aside.height == 1
    assert found.set_aside["reason"][0] == "opened_at is no instant; ticket_id is empty"
