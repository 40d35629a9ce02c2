from datetime import date

import polars as pl

from tasks.extract.swapped_dates import settle_swapped

ANSWERS = """\
survey_answers:
  survey: fft
  measure: csat
  scale: {low: 1, high: 5, direction: down, satisfied_from: 4, no_score: ["6", "7"]}
  key: who
  swapped_dates: {within: who, order: "TRY_CAST(n AS INT)", among: place}
  columns: {score: score, answered_at: day}
"""


def settled(*rows: tuple[str, str, int]):
    days, groups, order = zip(*rows, strict=True)
    return settle_swapped(pl.Series(days), pl.Series(groups), pl.Series(order), None)


def test_a_swap_that_can_be_read_in_one_way_only_settles_its_group():
    result = settled(("31/05/2022", "a", 1), ("5/31/2022", "a", 1))
    assert result.days.to_list() == [date(2022, 5, 31)] * 2
    assert result.n_groups == 1


def test_otherwise_the_neighbours_tell_which_day_it_was():
    rows = [("17/10/2021", "a", 1), ("10/03/2021", "b", 2), ("03/10/2021", "b", 2), ("18/10/2021", "c", 3)]
    result = settled(*rows)
    assert result.days.to_list() == [None, date(2021, 10, 3), date(2021, 10, 3), None]
    assert settled(*reversed(rows)).days.to_list() == result.days.to_list()[::-1]


def test_without_neighbours_the_earlier_day_is_taken():
    assert settled(("10/03/2021", "b", 2), ("03/10/2021", "b", 2)).days.to_list() == [date(2021, 3, 10)] * 2


def test_one_date_alone_and_two_different_days_are_no_swap():
    result = settled(("10/03/2021", "a", 1), ("10/03/2021", "a", 1), ("10/03/2021", "b", 2), ("11/03/2021", "b", 2))
    assert result.days.to_list() == [None] * 4
    assert result.n_groups == 0


def test_neighbours_of_another_group_of_numbers_do_not_count():
    days = pl.Series(["15/03/2021", "10/03/2021", "03/10/2021", "15/10/2021"])
    groups, order = pl.Series(["a", "b", "b", "c"]), pl.Series([9, 10, 10, 12])
    near = settle_swapped(days, groups, order, pl.Series(["x", "x", "x", "y"]))
    far = settle_swapped(days, groups, order, pl.Series(["y", "x", "x", "x"]))
    assert (near.days[1], far.days[1]) == (date(2021, 3, 10), date(2021, 10, 3))


def test_rows_of_one_respondent_become_equal_and_nobody_is_dropped(spec, mapped):
    source = spec(ANSWERS, 'dates: ["%d/%m/%Y", "%m/%d/%Y"]')
    header = "who,n,place,day,score\n"
    found, _ = mapped(
        source, header + "a,1,x,17/10/2021,1\nb,2,x,10/03/2021,2\nb,2,x,03/10/2021,2\nc,3,x,04/10/2021,7\n"
    )
    assert found.rows["answered_at"].dt.date().to_list() == [date(2021, 10, d) for d in (17, 3, 3, 4)]
    assert (found.n_mapped, found.n_swapped_dates, found.n_without_score) == (4, 1, 1)
    assert found.rows["score"].to_list() == [1, 2, 2, None]


def test_a_row_that_is_left_out_still_tells_of_its_respondent(spec, mapped):
    source = spec(ANSWERS.replace("key: who", "key: who\n  where: score <> '7'"), 'dates: ["%d/%m/%Y", "%m/%d/%Y"]')
    found, _ = mapped(source, "who,n,place,day,score\nb,2,x,5/31/2022,2\nb,2,x,31/05/2022,7\n")
    assert found.rows["answered_at"].dt.date().to_list() == [date(2022, 5, 31)]
