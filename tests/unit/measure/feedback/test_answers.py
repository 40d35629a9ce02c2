from datetime import date

import polars as pl
import pytest

from domain.estimates import points
from domain.kpis import KPIS
from tasks.measure.entries import parts
from tasks.measure.feedback import answers
from tests.factories import at, facts

UTC = "UTC"


def answered(scores: list[float | None], **values: object) -> pl.DataFrame:
    return facts(
        "survey_answers", [{"score": score, "answered_at": at("2026-03-09 12:00"), **values} for score in scores]
    )


def value(entries: pl.DataFrame, kpi: str) -> dict[str, object]:
    return points(parts(entries, KPIS[kpi]), "all").filter(pl.col("scope") == "{}").row(0, named=True)


def test_an_unanswered_survey_is_not_a_dissatisfied_one() -> None:
    found = value(answers.csat(answered([5, 4, 3, None, None]), UTC), "csat")
    assert (found["n"], found["total"]) == (3, 2.0)


def test_nps_classes_partition_the_scale_for_fractional_scores_too() -> None:
    scores = [0, 6, 6.5, 6.99, 7, 8, 8.5, 8.99, 9, 10]
    found = value(answers.nps(answered(scores, measure="nps", scale_low=0.0, scale_high=10.0), UTC), "nps")
    assert (found["n"], found["total_sq"]) == (10, 6.0)
    assert found["value"] == pytest.approx(100 * (2 - 4) / 10)


def test_only_a_question_declared_nps_is_nps() -> None:
    assert answers.nps(answered([9, 10], measure="csat", scale_low=0.0, scale_high=10.0), UTC).is_empty()


def test_a_scale_where_1_is_best_is_turned_round() -> None:
    found = value(answers.csat(answered([1, 2, 3, 5], direction="down"), UTC), "csat")
    assert found["total"] == 2.0


def test_nobody_is_called_satisfied_on_a_scale_without_a_declared_class() -> None:
    # of 1 and 2 the two best scores would be all there are
    rows = pl.concat([answered([1, 2], scale_high=2.0, satisfied_from=None), answered([5, 1])])
    found = value(answers.csat(rows, UTC), "csat")
    assert (found["n"], found["total"]) == (2, 1.0)


def test_two_surveys_are_never_pooled() -> None:
    rows = pl.concat([answered([5], survey="relationship"), answered([1], survey="after-help")])
    made = parts(answers.csat(rows, UTC), KPIS["csat"], is_pooled=False)
    scopes = set(made["scope"].to_list())
    assert "{}" not in scopes
    assert {'{"survey":"after-help"}', '{"survey":"relationship"}'} <= scopes


def test_a_segment_never_pools_a_relationship_survey_with_one_after_a_contact() -> None:
    rows = pl.concat([answered([5], survey="relationship"), answered([1], survey="after-help")])
    rows = rows.with_columns(segment=pl.lit("office"), channel=pl.lit("chat"))
    both = {"segment": "office", "survey": "relationship"}
    made = parts(answers.csat(rows, UTC), KPIS["csat"], [both, {"segment": "office"}], is_pooled=False)
    found = points(made, "all")
    assert dict(found.select("scope", "value").iter_rows()) == {
        '{"survey":"after-help"}': 0.0, '{"survey":"relationship"}': 1.0,
        '{"segment":"office","survey":"relationship"}': 1.0,
    }  # fmt: skip


def test_nps_from_1_to_10_has_the_same_classes() -> None:
    found = value(answers.nps(answered([1, 6, 7, 9, 10], measure="nps", scale_low=1.0, scale_high=10.0), UTC), "nps")
    assert found["value"] == pytest.approx(100 * (2 - 2) / 5)


def test_a_dismissed_survey_is_in_no_denominator_of_nps() -> None:
    found = value(answers.nps(answered([10, None, None], measure="nps", scale_low=0.0, scale_high=10.0), UTC), "nps")
    assert (found["n"], found["value"]) == (1, 100.0)


def test_a_satisfied_class_follows_its_scale() -> None:
    # Zendesk's maps: of 1-2 the 2, of 1-3 the 3, of 1-5 the 4 and 5
    for high, scores in ((2.0, [1, 2]), (3.0, [1, 2, 3]), (5.0, [1, 2, 3, 4, 5])):
        rows = answered(list(scores), scale_high=high, satisfied_from={2.0: 2.0, 3.0: 3.0, 5.0: 4.0}[high])
        assert value(answers.csat(rows, UTC), "csat")["total"] == (2.0 if high == 5 else 1.0)


def test_effort_is_a_mean_with_an_interval() -> None:
    found = value(answers.ces(answered([5, 6, 7], measure="ces", scale_high=7.0), UTC), "ces")
    assert found["value"] == 6.0
    assert found["low"] == pytest.approx(6 - 4.302653 / 3**0.5, abs=1e-3)


def test_an_invitation_is_open_until_it_is_answered_or_its_time_is_over() -> None:
    rows = [{"sent_at": at("2026-03-01"), "answered_at": at("2026-03-03")}, {"sent_at": at("2026-03-01")},
            {"sent_at": at("2026-03-10")}, {"sent_at": at("2026-03-01"), "answered_at": at("2026-03-20")}]  # fmt: skip
    made = answers.responses(facts("survey_sends", rows), UTC, date(2026, 3, 16))
    found = value(made, "survey_response_rate")
    assert (found["n"], found["n_open"], found["total"]) == (3, 1, 1.0)


def test_a_competitors_reviews_are_kept_apart() -> None:
    rows = facts("reviews", [{"rating": 4.0, "reviewed_at": at("2026-03-09")},
                             {"rating": 1.0, "reviewed_at": at("2026-03-09"), "about": "Bean & Co"}])  # fmt: skip
    assert value(answers.ratings(rows, UTC), "review_rating")["value"] == 4.0
