import io
import json
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from domain.errors import SourceChangedError
from domain.source_specs import Files
from tasks.extract import delimited
from tasks.extract.parse import parse
from tasks.extract.parsed import Parsed, joined, raw_rows


def read(content: bytes, file_format: str = "csv", **options: object) -> Parsed:
    return parse(content, "f.csv", Files("p", file_format, **options))


def values(parsed: Parsed) -> list[tuple[object, ...]]:
    return parsed.frame.drop("_file").rows()


def aside(parsed: Parsed) -> list[tuple[object, ...]]:
    return [(row["rule"], row["row"], json.loads(row["raw"])["line"]) for row in parsed.set_aside.iter_rows(named=True)]


@pytest.mark.parametrize("content", [b"a,b", b"a,b\n", b"a,b\r\n\r\n"])
def test_a_header_alone_has_no_rows(content):
    parsed = read(content)
    assert (parsed.n_source, parsed.frame.height) == (0, 0)


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf\r\n"])
def test_a_file_without_even_a_header_is_an_export_that_failed(content):
    with pytest.raises(SourceChangedError, match=r"f\.csv is empty"):
        read(content)


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n1,x\n2,\n",
        b"\xef\xbb\xbfa,b\r\n1,x\r\n2,\r\n",
        b"a,b\r1,x\r2,\r",
        b"a,b\n\n1,x\n\n2,\n\n\n",
        b'a,b\n"1","x"\n2,""',
    ],
)
def test_line_ends_marks_quotes_and_blank_lines_do_not_matter(content):
    assert values(read(content)) == [("1", "x", 1), ("2", None, 2)]


def test_separators_and_line_breaks_inside_quotes_belong_to_the_value():
    assert values(read(b'a,b\n1,"x, y\nz"\n2,"say ""so"""\n')) == [("1", "x, y\nz", 1), ("2", 'say "so"', 2)]


def test_rows_with_too_many_or_too_few_fields_are_set_aside_as_they_came():
    parsed = read(b"a,b,c\n1,2,3\n4,5\n6,7,8,9\n,,\n10,11,12\n")
    assert values(parsed) == [("1", "2", "3", 1), (None, None, None, 4), ("10", "11", "12", 5)]
    assert aside(parsed) == [("ragged-row", 2, "4,5"), ("ragged-row", 3, "6,7,8,9")]
    assert parsed.n_source == 5


def test_a_short_row_is_seen_even_if_quotes_hide_a_separator_elsewhere():
    parsed = read(b'a,b\n1,"x,y"\n2\n')
    assert values(parsed) == [("1", "x,y", 1)]
    assert aside(parsed) == [("ragged-row", 2, "2")]


def test_a_quote_that_never_closes_takes_only_its_own_line():
    parsed = read(b'a,b\n1,"never closed\n2,x\n3,"closed" late\n4,y\n')
    assert values(parsed) == [("2", "x", 2), ("4", "y", 4)]
    assert aside(parsed) == [("ragged-row", 1, '1,"never closed'), ("ragged-row", 3, '3,"closed" late')]


def test_a_row_with_broken_bytes_is_set_aside_and_can_be_read_there():
    parsed = read(b"a,b\n1,caf\xe9\n2,caf\xc3\xa9\n")
    assert values(parsed) == [("2", "café", 2)]
    assert aside(parsed) == [("broken-encoding", 1, "1,caf\\xe9")]


def test_other_encodings_are_read_as_declared():
    assert values(read("a,b\n1,café\n".encode("cp1252"), encoding="cp1252")) == [("1", "café", 1)]
    assert values(read("a,b\n1,café\n".encode("utf-16"), encoding="utf-16")) == [("1", "café", 1)]


@pytest.mark.parametrize("content", [b"a,b,a\n1,2,3\n", b"a,b,a\n1,2\n", b"a, a\n"])
def test_two_columns_of_one_name_stop_the_source(content):
    with pytest.raises(SourceChangedError, match="called 'a'"):
        read(content)


def test_tabs_part_the_values_of_a_tsv():
    assert values(read(b"a\tb\n1\tx, y\n", "tsv")) == [("1", "x, y", 1)]


cells = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters='"\ufffd'), max_size=5)


@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=8))
def test_the_fast_and_the_careful_reader_agree(rows):
    content = pl.DataFrame(rows, schema=["a", "b", "c"], orient="row").write_csv(quote_style="always").encode()
    fast, careful = delimited._fast(content, "f", ","), delimited._careful(content, "f", ",", "utf-8")
    assert fast is not None
    assert_frame_equal(fast.frame, careful.frame)
    assert careful.set_aside.is_empty()


@given(st.lists(st.lists(st.sampled_from(["", "x", '"q"', '"q"z', 'x"y', "é"]), min_size=1, max_size=5), max_size=12))
def test_no_row_is_ever_lost(rows):
    lines = [",".join(fields) for fields in rows]
    parsed = read("\n".join(["a,b,c", *lines]).encode())
    assert parsed.n_source == sum(1 for line in lines if line)
    numbers = [*parsed.frame["_row"], *parsed.set_aside["row"]]
    assert sorted(numbers) == list(range(1, parsed.n_source + 1))


def test_json_is_a_list_of_objects_or_an_object_with_one_such_list():
    rows = [{"a": 1, "b": 1.50, "c": True, "d": {"x": "y"}, "e": ""}, {"a": "é"}]
    for content in (rows, {"n": 2, "rows": rows}):
        found = read(json.dumps(content).encode(), "json")
        assert values(found) == [("1", "1.5", "true", '{"x": "y"}', None, 1), ("é", None, None, None, None, 2)]
    for content in (b"{}", b'{"a": [], "b": []}', b"1", b"[1", b"[\xff]"):
        with pytest.raises(SourceChangedError):
            read(content, "json")
    assert read(b"[1, {}]", "json").set_aside["rule"].to_list() == ["broken-json"]
    assert read(b"", "json").n_source == 0


def test_a_broken_line_of_json_lines_is_set_aside():
    parsed = read(b'{"a": 1.10}\n\n{"a": \n{"a": "x"}\n"\xff"\n', "jsonl")
    assert values(parsed) == [("1.10", 1), ("x", 3)]
    assert aside(parsed) == [("broken-json", 2, '{"a": '), ("broken-encoding", 4, '"\\xff"')]


def test_an_emoji_cut_in_two_costs_one_sign_and_no_row():
    lines = rb"""{"a": "fine", "b": {"c": "x"}}
{"a": "cut \ud83d", "b": {"c": "\ude00"}}
"""
    whole = b"[" + b",".join(lines.splitlines()) + b"]"
    for content, kind in ((lines, "jsonl"), (whole, "json")):
        assert values(read(content, kind)) == [("fine", '{"c": "x"}', 1), ("cut \ufffd", '{"c": "\ufffd"}', 2)]


def test_parquet_columns_become_the_texts_their_types_write():
    target = io.BytesIO()
    at = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    pl.DataFrame(
        {"a": [1, None], "b": [True, False], "at": [at, at], "d": [at.date()] * 2, "l": [[1], None]}
    ).write_parquet(target)
    assert values(read(target.getvalue(), "parquet")) == [
        ("1", "true", "2026-03-01T12:30:00Z", "2026-03-01", "[1]", 1),
        (None, "false", "2026-03-01T12:30:00Z", "2026-03-01", None, 2),
    ]
    with pytest.raises(SourceChangedError, match="no Parquet file"):
        read(b"PAR1", "parquet")


def test_blanks_part_the_columns_of_a_text():
    parsed = read(
        b" id  date  value\r\n 00001 19970101  11.77\r\n 00002 19970102\r\n\r\n 00003 19970103 1 \r\n", "fixed_width"
    )
    assert values(parsed) == [("00001", "19970101", "11.77", 1), ("00003", "19970103", "1", 3)]
    assert aside(parsed) == [("ragged-row", 2, " 00002 19970102")]


def test_declared_widths_allow_empty_values():
    parsed = read(b"00001 Ann Lee\n00002\n", "fixed_width", widths={"id": 6, "name": 10})
    assert values(parsed) == [("00001", "Ann Lee", 1), ("00002", None, 2)]


def test_files_read_together_keep_their_own_row_numbers_and_raw_rows():
    one, two = read(b"a\n1\n2\n"), read(b"a,b\n3,4\n")
    two = Parsed(two.frame.with_columns(_file=pl.lit("g.csv")), two.set_aside)
    both = joined([one, two])
    assert both.frame.select("_file", "_row", "b").rows() == [("f.csv", 1, None), ("f.csv", 2, None), ("g.csv", 1, "4")]
    assert raw_rows(both.frame, both.frame[[2, 0]]) == ['{"a": "3", "b": "4"}', '{"a": "1", "b": null}']
    assert joined([]).n_source == 0
