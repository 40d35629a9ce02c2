import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.extract.dedupe import dedupe

CUSTOMERS = "customers:\n  key: id\n  columns: {plan: plan, created_at: since}"


def once(spec, mapped, content, tables=CUSTOMERS):
    found, raw = mapped(spec(tables), "id,plan,since,version\n" + content)
    result = dedupe(found.rows, "customers", raw)
    assert found.n_mapped == result.rows.height + result.n_superseded + result.set_aside.height
    return result


def test_equal_rows_count_once(spec, mapped):
    result = once(spec, mapped, "1,a,2026-01-01,1\n2,b,2026-01-01,1\n1,a,2026-01-01,2\n")
    assert result.rows.select("customer_id", "_row").rows() == [("desk:1", 1), ("desk:2", 2)]
    assert result.n_superseded == 1


def test_different_rows_of_one_key_are_all_set_aside(spec, mapped):
    result = once(spec, mapped, "1,a,2026-01-01,1\n1,b,2026-01-01,2\n1,a,2026-01-01,3\n2,b,2026-01-01,1\n")
    assert result.rows["customer_id"].to_list() == ["desk:2"]
    assert result.set_aside.select("rule", "row").rows() == [
        ("duplicate-key", 1),
        ("duplicate-key", 2),
        ("duplicate-key", 3),
    ]
    assert '"plan": "b"' in result.set_aside["raw"][1]
    assert "latest_by" in result.set_aside["reason"][0]


def test_the_latest_wins_by_number_not_by_alphabet(spec, mapped):
    result = once(
        spec, mapped, "1,a,2026-01-01,10\n1,b,2026-01-01,2\n2,c,2026-01-01,\n", CUSTOMERS + "\n  latest_by: version"
    )
    assert result.rows.select("customer_id", "plan").rows() == [("desk:1", "a"), ("desk:2", "c")]
    assert "_latest" not in result.rows.columns


def test_the_latest_wins_by_time_and_of_equals_the_last_in_the_file(spec, mapped):
    content = "1,a,2026-01-01,2026-01-02T00:00:00+02:00\n"
    content += "1,b,2026-01-01,2026-01-01T23:00:00Z\n1,c,2026-01-01,2026-01-01T23:00:00Z\n"
    assert once(spec, mapped, content, CUSTOMERS + "\n  latest_by: version").rows["plan"].to_list() == ["c"]


def test_nothing_twice_is_left_alone(spec, mapped):
    result = once(spec, mapped, "2,a,2026-01-01,1\n1,a,2026-01-01,1\n")
    assert result.rows["customer_id"].to_list() == ["desk:2", "desk:1"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.sampled_from("123"), st.sampled_from("ab"), st.integers(1, 3)), max_size=10))
def test_every_row_is_kept_superseded_or_set_aside(spec, mapped, rows):
    content = "".join(f"{key},{plan},2026-01-01,{version}\n" for key, plan, version in rows)
    for tables in (CUSTOMERS, CUSTOMERS + "\n  latest_by: version"):
        assert once(spec, mapped, content, tables).rows["customer_id"].is_duplicated().sum() == 0


def test_an_empty_table_stays_empty(spec, mapped):
    result = once(spec, mapped, "")
    assert result.rows.is_empty()
    assert result.rows.schema["created_at"] == pl.Datetime("us", "UTC")
