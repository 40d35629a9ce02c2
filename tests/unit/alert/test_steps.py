"""From findings in the database to messages sent, week by week."""

import json
from dataclasses import asdict, replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from domain.context import RunContext
from domain.errors import ConfigError, TransitionError
from domain.records import Finding, Point
from sql.ledger import begin_run, end_run
from sql.store import Store, store_at
from sql.tables import batches, findings, gaps, incident_events, incidents, meta, outbox
from tasks.alert.steps.batches import tell_failures
from tasks.alert.steps.incidents import advance_all
from tasks.alert.steps.messages import compose_all
from tasks.alert.steps.people import acknowledge, snooze, unsnooze
from tasks.alert.steps.sending import send_all
from tests.fakes.slack import FakeSlack, serving

FIRST = date(2026, 1, 5)
ROADMAP = """\
version: 1
company: {name: Acme Brew}
vision: Good coffee never runs out.
owners:
  support-lead: {slack: "@support-lead", channel: "#support"}
benchmarks:
  csat-support: {kpi: csat, window: week, baseline: 0.84, on: 2025-07-01, target: 0.90, by: 2026-12-31,
                 tolerance: 0.02, owner: support-lead}
alerts:
  budget: {messages_a_week: {"#support": 2}}
"""


class World:
    """One project, one week after the other."""

    def __init__(self, folder, store: Store) -> None:
        self.folder, self.store = folder, store

    def finds(
        self, week: int, what: str = "breach", value: float = 0.5, kpi: str = "csat", scope: str = "{}", **changes
    ):
        moment = FIRST + timedelta(weeks=week)
        verdict = {"breach": "surely behind", "recovered": "on track"}.get(what, what)
        low, high = (None, None) if value is None else (value - 0.04, value + 0.04)
        point = None if what == "no data" else Point(moment - timedelta(7), moment, 604, value, low, high)
        made = replace(
            Finding("pace", kpi, scope, "csat-support", moment, verdict, point, 0.87, 0.85, None, what == "breach",
                    what == "recovered"), **changes)  # fmt: skip
        row = asdict(made)
        shown = row.pop("point") or {}
        row |= {name: shown.get(name) for name in ("period_start", "period_end", "n", "n_open", "value", "low", "high",
                                                   "bound_low", "bound_high")}  # fmt: skip
        with self.store.transaction() as connection:
            self.store.put(connection, findings, [row])

    def turn(self, week: float) -> dict[str, dict[str, int]]:
        """One run: what each step says, sending apart."""
        as_of = FIRST + timedelta(days=round(7 * week))
        run_id = begin_run(self.store, "daily", as_of, timedelta(seconds=90))
        context = RunContext(str(self.folder), run_id, as_of)
        said = {"advance": advance_all(context), "compose": compose_all(context)}
        said["send"], said["troubles"] = send_all(context)
        end_run(self.store, run_id, "done", {})
        return said

    def rows(self, table, *columns):
        with self.store.reading() as connection:
            found = self.store.rows(connection, select(*(table.c[c] for c in columns)) if columns else select(table))
        return [tuple(row.values()) for row in found] if columns else found

    def said(self) -> list[tuple[str, str, str]]:
        """(kind, state, first line) of every message, in order."""
        rows = sorted(self.rows(outbox), key=lambda row: (row["moment"], row["sequence"]))
        return [(row["kind"], row["state"], row["text"].splitlines()[0]) for row in rows]

    def incident(self) -> dict:
        (found,) = self.rows(incidents)
        return found


@pytest.fixture
def world(tmp_path, migrated_url, monkeypatch) -> World:
    folder = tmp_path / "acme"
    folder.mkdir()
    (folder / "roadmap.yaml").write_text(ROADMAP)
    (folder / "sources.yaml").write_text("version: 1\nsources: {}\n")
    monkeypatch.setenv("CXLOOP_DATABASE_URL", migrated_url)
    monkeypatch.delenv("CXLOOP_SLACK_TOKEN", raising=False)
    store = store_at(str(folder))
    yield World(folder, store)
    store.engine.dispose()


def test_an_episode_is_one_message_edited_and_closed(world):
    world.finds(0, "recovered", 0.9)
    assert world.turn(0)["compose"] == {}  # first contact, and all is well
    world.finds(1)
    assert world.turn(1)["compose"] == {"post": 1}
    who = acknowledge(world.store, world.incident()["incident_id"], "support-lead", FIRST + timedelta(9))
    assert who.state == "acknowledged"
    assert world.turn(1.5)["compose"] == {"edit": 1}
    world.finds(2, "recovered", 0.9)
    assert world.turn(2)["compose"] == {"edit": 1}
    assert world.said() == [
        ("post", "sent", "🔴 CSAT is 50 %; we should be at 87 % by now @support-lead"),
        ("edit", "sent", "🟡 CSAT is 50 %; we should be at 87 % by now @support-lead"),
        ("edit", "sent", "🟢 CSAT is back on plan: 90 % (plan 87 %)"),
    ]
    files = sorted(path.name for path in (world.folder / "out" / "messages").iterdir())
    assert [name.split(".")[1] for name in files] == ["json", "txt"]
    assert files[0].startswith("2026-01-12-support-")
    assert "back on plan" in (world.folder / "out" / "messages" / files[1]).read_text(encoding="utf-8")


def test_twice_is_once(world):
    world.finds(0, "recovered", 0.9)
    world.turn(0)
    world.finds(1)
    world.turn(1)
    tables = (incidents, incident_events, outbox, meta)
    before = [world.rows(table) for table in tables]
    assert world.turn(1) == {
        "advance": {"findings": 0},
        "compose": {},
        "send": {"sent": 0, "waiting": 0},
        "troubles": [],
    }
    world.turn(1.7)
    assert [world.rows(table) for table in tables] == before


def test_a_first_look_is_one_digest_and_the_past_is_silent(world):
    for week, what in enumerate(["breach", "recovered", "breach", "breach"]):
        world.finds(week, what, 0.9 if what == "recovered" else 0.5)
    assert world.turn(3)["compose"] == {"post": 1}
    assert [line for *_, line in world.said()] == ["🔴 First look: 1 thing is not as planned @support-lead"]
    assert sorted(state for (state,) in world.rows(incidents, "state")) == ["firing", "resolved"]
    world.finds(4)
    assert world.turn(4)["compose"] == {}  # nothing new: the digest said it
    world.finds(5, "recovered", 0.9)
    assert world.turn(5)["compose"] == {"post": 1}  # in the place that the digest kept for it
    assert world.said()[-1] == ("post", "sent", "🟢 CSAT is back on plan: 90 % (plan 87 %)")
    assert world.turn(6)["compose"] == {}


def test_a_run_without_any_finding_is_no_first_look(world):
    world.turn(0)
    world.finds(1)
    world.turn(1)
    assert "First look" in world.said()[0][2]


def test_an_episode_that_began_and_ended_within_one_run_is_silent(world):
    world.finds(0, "recovered", 0.9)
    world.turn(0)
    world.finds(1)
    world.finds(2, "recovered", 0.9)
    assert world.turn(2)["advance"] == {"findings": 2, "firing": 1, "resolved": 1}
    assert world.said() == []


def test_a_token_in_a_block_that_is_not_there_keeps_what_waits_for_the_next_run(world, monkeypatch):
    def missing(name):
        raise ConfigError(f"there is no Prefect block '{name}'")

    monkeypatch.setenv("CXLOOP_SLACK_TOKEN", "block:acme-slack")
    monkeypatch.setattr("wire.blocks._loaded", missing)
    world.finds(0)
    said = world.turn(0)
    assert said["send"]["sent"] == 0
    assert said["send"]["waiting"] == len(world.said()) > 0
    assert said["troubles"] == ["Slack: there is no Prefect block 'acme-slack'"]
    monkeypatch.delenv("CXLOOP_SLACK_TOKEN")
    assert world.turn(0.1)["send"]["sent"] > 0


def test_worse_is_a_reply_that_calls_the_owner(world):
    world.finds(0, "recovered", 0.9)
    world.turn(0)
    world.finds(1)
    world.turn(1)
    world.finds(2, value=0.3)
    assert world.turn(2)["compose"] == {"edit": 1, "reply": 1}
    assert world.said()[-1][2] == "🔴 CSAT got worse: 30 %, it was 50 % when this was last told @support-lead"
    (text,) = (world.folder / "out" / "messages").glob("*.txt")
    assert "in the thread:" in text.read_text(encoding="utf-8")


def test_parts_and_drifts_stay_inside_the_one_that_speaks(world):
    world.finds(0, "recovered", 0.9)
    world.turn(0)
    world.finds(1)
    world.finds(1, scope='{"channel":"chat"}', benchmark="", rule="pace")
    world.finds(1, rule="drift", benchmark="")
    assert world.turn(1)["compose"] == {"post": 1}
    assert "Inside this one: CSAT (drift), Chat CSAT" in world.rows(outbox, "text")[0][0]
    world.finds(2, "recovered", 0.9)
    world.finds(2, scope='{"channel":"chat"}', benchmark="", rule="pace")
    world.finds(2, "recovered", rule="drift", benchmark="")
    assert world.turn(2)["compose"] == {"edit": 1, "post": 1}  # the part goes on, and now says so itself
    assert [line.split(" is ")[0] for *_, line in world.said()] == ["🔴 CSAT", "🔴 Chat CSAT", "🟢 CSAT"]


def test_over_budget_is_left_for_monday(world):
    world.finds(0, "recovered", 0.9)
    world.turn(0)
    for channel in ("chat", "email", "phone"):
        world.finds(1, scope=f'{{"channel":"{channel}"}}', benchmark="")
    assert world.turn(1)["compose"] == {"post": 2, "collapsed": 1}
    assert world.turn(1)["compose"] == {}
    assert world.turn(2)["compose"] == {}


def test_late_findings_of_one_series_are_judged_when_they_come(world):
    world.finds(0, "recovered", 0.9)
    world.finds(3, kpi="nps", what="on track")
    world.turn(3)
    world.finds(1)
    world.finds(2)
    assert world.turn(3)["advance"] == {"findings": 2, "firing": 1}


def test_a_restated_past_moves_nothing(world):
    world.finds(0, "recovered", 0.9)
    world.finds(1, "recovered", 0.9)
    world.turn(1)
    world.finds(0)
    assert world.turn(1)["advance"] == {"findings": 0}


def test_as_of_before_sees_nothing_later(world):
    world.finds(0, "recovered", 0.9)
    world.finds(1)
    assert world.turn(0)["advance"] == {"findings": 1}
    assert world.rows(incidents) == []


def test_people_are_told_what_they_may_not_do(world):
    with pytest.raises(ConfigError, match="no incident begins with 'x'"):
        acknowledge(world.store, "x", "cx-lead", FIRST)
    world.finds(0)
    world.turn(0)
    incident_id = world.incident()["incident_id"]
    snooze(world.store, incident_id[9:15], "cx-lead", FIRST, FIRST + timedelta(14), "known")
    with pytest.raises(TransitionError, match="no later day"):
        snooze(world.store, incident_id, "cx-lead", FIRST, FIRST, "known")
    assert unsnooze(world.store, incident_id, "cx-lead", FIRST, "look again").state == "firing"


def test_a_refused_batch_and_a_failed_source_go_to_the_data_engineer(world):
    row = {
        "batch_id": "b1", "source": "survey-tool", "stream": "files", "name": "a.csv", "sha256": "0", "mapping": "0",
            "n_bytes": 1,
        "state": "rejected", "verdict": json.dumps({"message": "score: 96 of 4,210 rows"}), "n_source": 4210,
    }  # fmt: skip
    with world.store.transaction() as connection:
        world.store.put(connection, batches, [row])
    world.turn(0)
    with world.store.transaction() as connection:
        connection.execute(update(batches).values(state="replaced"))
    world.turn(1)
    world.turn(2)
    assert [(kind, line) for kind, _, line in world.said()] == [
        ("post", "🟠 survey-tool: nothing of a.csv was published (4,210 rows)"),
        ("edit", "🟢 survey-tool: a.csv is in order again"),
    ]


def test_a_failed_source_is_told_once_an_episode(world):
    def tell(day: int, failures: dict[str, str]) -> None:
        as_of = FIRST + timedelta(day)
        run_id = begin_run(world.store, "daily", as_of, timedelta(seconds=90))
        tell_failures(RunContext(str(world.folder), run_id, as_of), failures)
        end_run(world.store, run_id, "done", {})

    for day, failures in enumerate([{"zendesk": "HTTP 401"}, {"zendesk": "HTTP 401"}, {}, {}, {"zendesk": "HTTP 500"}]):
        tell(day, failures)
    assert [(kind, line) for kind, _, line in world.said()] == [
        ("post", "🟠 zendesk: no new data"),
        ("edit", "🟢 zendesk: data comes in again"),
        ("post", "🟠 zendesk: no new data"),
    ]


LISTENING = {
    "rule": "listening", "kpi": "survey_response_rate", "scope": '{"survey":"after-help"}', "benchmark": "",
    "expected": None, "line": None,
}  # fmt: skip


def test_a_broken_listening_plan_is_one_message_for_the_surveys_owner_and_needs_no_value(world):
    world.finds(0, "as planned", None, is_recovered=True, **LISTENING)
    world.turn(0)
    world.finds(1, "asked too soon", None, is_breach=True, note="12 of 604 came too soon", **LISTENING)
    assert world.turn(1)["compose"] == {"post": 1}
    assert world.turn(1)["compose"] == {}
    world.finds(2, "asked too soon", None, note="12 of 604 came too soon", **LISTENING)
    assert world.turn(2)["advance"] == {"findings": 1}
    world.finds(3, "as planned", None, is_recovered=True, **LISTENING)
    world.turn(3)
    assert {row["state"] for row in world.rows(incidents)} == {"resolved"}
    first, *_, last = (line for _, _, line in world.said())
    assert first == "🔴 Survey after-help asks people again too soon @support-lead"
    assert last == "🟢 Survey after-help keeps the listening plan again"
    assert {channel for (channel,) in world.rows(outbox, "channel")} == {"#support"}


def test_a_drift_of_the_response_rate_does_not_hide_a_broken_plan(world):
    world.finds(0, "recovered", 0.9)
    world.turn(0)
    drift = LISTENING | {"rule": "drift", "expected": 0.87}
    world.finds(1, "drifted", 0.5, is_breach=True, **drift)
    world.finds(1, "asked too soon", None, is_breach=True, note="12 of 604 came too soon", **LISTENING)
    assert world.turn(1)["compose"] == {"post": 2}


def test_missed_days_are_told_once_a_gap_and_again_only_when_it_grew(world):
    gap = {"source": "play", "stream": "reviews", "first_day": date(2026, 1, 5), "last_day": date(2026, 1, 7),
           "keeps_days": 7.0}  # fmt: skip

    def missing(**changes):
        with world.store.transaction() as connection:
            world.store.put(connection, gaps, [{**gap, **changes}])

    missing()
    assert world.turn(1)["compose"] == {"post": 1}
    assert world.turn(1)["compose"] == {}
    missing(last_day=date(2026, 1, 8))
    assert world.turn(2)["compose"] == {"edit": 1}
    missing(first_day=date(2026, 2, 2), last_day=date(2026, 2, 3))
    assert world.turn(3)["compose"] == {"post": 1}
    assert [text for _, _, text in world.said()] == [
        "🟠 play: Mon 5 Jan to Wed 7 Jan are missed for good",
        "🟠 play: Mon 5 Jan to Thu 8 Jan are missed for good",
        "🟠 play: Mon 2 Feb to Tue 3 Feb are missed for good",
    ]


class TestSlack:
    @pytest.fixture(autouse=True)
    def _slack(self, world, monkeypatch):
        self.fake = FakeSlack()
        with serving(self.fake) as url:
            monkeypatch.setenv("CXLOOP_SLACK_TOKEN", "xoxb-canary")
            monkeypatch.setenv("CXLOOP_SLACK_BASE_URL", url)
            world.finds(0, "recovered", 0.9)
            world.turn(0)
            world.finds(1)
            yield

    def test_posts_edits_and_replies_meet_in_one_message(self, world):
        world.turn(1)
        world.finds(2, value=0.3)
        world.turn(2)
        methods = [(method, sent.get("ts"), sent.get("thread_ts")) for method, sent in self.fake.calls]
        ts = self.fake.posted[0]["ts"]
        assert methods == [("chat.postMessage", None, None), ("chat.update", ts, None), ("chat.postMessage", None, ts)]
        assert {row["sent_to"] for row in world.rows(outbox)} == {"slack"}

    def test_a_lost_answer_does_not_post_twice(self, world):
        answer = self.fake.answer

        def taken_but_lost(method, sent):
            status, headers, _ = answer(method, sent)
            return status, headers, None

        self.fake.answer = taken_but_lost
        said = world.turn(1)
        assert said["send"] == {"sent": 0, "waiting": 1}
        assert "could not be reached" in said["troubles"][0]
        self.fake.answer = answer
        assert world.turn(1)["send"] == {"sent": 1, "waiting": 0}
        assert len(self.fake.posted) == 1
        assert world.rows(outbox, "far_id") == [(f"C00000002:{self.fake.posted[0]['ts']}",)]

    def test_a_post_that_never_arrived_is_sent_by_the_next_run(self, world):
        self.fake.once("chat.postMessage", 503, "<html>")
        assert world.turn(1)["send"]["waiting"] == 1
        assert world.turn(1)["send"] == {"sent": 1, "waiting": 0}
        assert len(self.fake.posted) == 1

    def test_a_channel_that_refuses_keeps_only_its_own_messages(self, world):
        self.fake.once("chat.postMessage", 200, {"ok": False, "error": "not_in_channel"})
        row = {
            "batch_id": "b1", "source": "s", "stream": "files", "name": "a.csv", "sha256": "0", "mapping": "0",
            "n_bytes": 1,
            "state": "rejected",
        }  # fmt: skip
        with world.store.transaction() as connection:
            world.store.put(connection, batches, [row])
        said = world.turn(1)
        assert said["send"] == {"sent": 1, "waiting": 1}
        assert "#support: not_in_channel. Invite the bot" in said["troubles"][0]
        assert [sent["channel"] for sent in self.fake.posted] == ["#data"]

    def test_a_message_somebody_deleted_is_posted_anew(self, world):
        world.turn(1)
        self.fake.once("chat.update", 200, {"ok": False, "error": "message_not_found"})
        world.finds(2, "recovered", 0.9)
        assert world.turn(2)["send"] == {"sent": 1, "waiting": 0}
        assert len(self.fake.posted) == 2
