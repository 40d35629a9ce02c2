"""Fivetran's own seeds, where the folder of real data is named."""

from collections.abc import Callable
from datetime import UTC, datetime

import polars as pl

from tasks.extract.warehouse.ready import ready_made
from tests.unit.extract.warehouse.fivetran_seeds import DATA, seeds

if DATA:
    Made = dict[str, pl.DataFrame]

    def test_zendesk(fill: Callable[..., tuple[str, str]], mapped: Callable[..., Made]) -> None:
        found = mapped(fill(seeds("zendesk_fivetran")), ready_made("fivetran_zendesk"))
        assert found["set_aside"].is_empty()
        tickets = found["tickets"].sort("opened_at")
        assert tickets.height == 10
        assert tickets["status"].value_counts().sort("status").rows() == [("closed", 7), ("deleted", 2), ("solved", 1)]
        assert tickets["deleted_at"].null_count() == 8
        assert set(tickets["brand"].drop_nulls()) <= {"2abdc594c0ad6eb2438448b3cbf7da56"}
        ours = tickets.row(by_predicate=pl.col("ticket_id") == "desk:11071", named=True)
        assert (ours["status"], ours["priority"]) == ("closed", "urgent")
        assert ours["resolved_at"] == datetime(2020, 11, 14, 11, 1, 27, tzinfo=UTC)
        assert ours["closed_at"] == datetime(2020, 11, 15, 11, 1, 27, tzinfo=UTC)

    def test_zendesks_history_becomes_events_each_once(
        fill: Callable[..., tuple[str, str]], mapped: Callable[..., Made]
    ) -> None:
        events = mapped(fill(seeds("zendesk_fivetran")), ready_made("fivetran_zendesk"))["ticket_events"]
        statuses = events.filter(ticket_id="desk:11071", field="status").sort("at")
        assert statuses["new"].to_list() == [
            "open", "pending", "hold", "pending", "open", "pending", "hold", "open", "hold", "pending", "open",
            "solved", "closed",
        ]  # fmt: skip
        assert statuses["old"].to_list() == [None, *statuses["new"].to_list()[:-1]]
        assert events.filter(ticket_id="desk:102").height == 1  # four equal rows are one change
        assert events.filter(field="comment").height == 20

    def test_zendesks_people(fill: Callable[..., tuple[str, str]], mapped: Callable[..., Made]) -> None:
        found = mapped(fill(seeds("zendesk_fivetran")), ready_made("fivetran_zendesk"))
        assert (found["agents"].height, found["customers"].height, found["accounts"].height) == (1, 9, 10)
        assert found["identities"]["kind"].to_list() == ["email"] * 9
        assert "example@email.com" not in found["identities"]["value_hash"].to_list()

    def test_intercom(fill: Callable[..., tuple[str, str]], mapped: Callable[..., Made]) -> None:
        found = mapped(fill(seeds("intercom_fivetran")), ready_made("fivetran_intercom"))
        assert found["set_aside"].is_empty()
        assert set(found["tickets"]["status"]) == {"solved"}
        assert found["tickets"]["ticket_id"].n_unique() == found["tickets"].height == 2
        solved = found["ticket_events"].filter(field="status", new="solved")
        assert solved.filter(ticket_id="desk:156643300001311")["at"].to_list() == [
            datetime(2020, 11, 2, 14, 17, 59, tzinfo=UTC)
        ]
        assert found["agents"].height == 4
        assert set(found["agents"]["team"]) == {"Customer support", "Management", "Robots"}
        assert found["survey_answers"].is_empty()

    def test_qualtrics(fill: Callable[..., tuple[str, str]], mapped: Callable[..., Made]) -> None:
        tables = seeds("qualtrics_fivetran")
        for row in tables["question_response"]:  # the seed's answers belong to responses it does not hold
            row["response_id"] = tables["survey_response"][0]["id"]
        drinks = {"QID2": {"measure": "other", "scale": {"low": 1, "high": 3, "direction": "up"}}}
        surveys = {
            "SV_6Jcja72TpOiHjdX": {"survey": "drinks", "questions": drinks},
            "SV_djzINkbJIFJUs05": {"survey": "invited", "questions": drinks},
        }
        for number, row in enumerate(tables["question_response"]):
            row["loop_id"] = str(number)
        found = mapped(fill(tables), ready_made("fivetran_qualtrics", surveys=surveys))
        assert found["set_aside"].is_empty()
        assert sorted(found["survey_answers"]["score"].to_list()) == [1, 2, 2, 3]
        assert found["survey_sends"]["survey"].to_list() == ["invited"]
        assert found["customers"].height == len(tables["directory_contact"])

    def test_google_play(fill: Callable[..., tuple[str, str]], mapped: Callable[..., Made]) -> None:
        found = mapped(fill(seeds("google_play_fivetran")), ready_made("fivetran_google_play"))
        assert found["set_aside"].is_empty()
        assert sorted(found["reviews"]["rating"].to_list()) == [2.5, 3.0, 3.5, 4.33, 4.67, 5.0]
