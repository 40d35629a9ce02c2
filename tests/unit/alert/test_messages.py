"""What people read: golden files under tests/golden/alerts; set CXLOOP_GOLDEN=write to write them anew."""

import json
import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from domain.heard import LABEL, Heard, heard_line
from domain.heard import Subject as HeardSubject
from domain.records import Finding, Incident, Point
from tasks.alert.blocks import blocks_of, inert, mention
from tasks.alert.data_words import RejectedBatch, failed, missed, rejected
from tasks.alert.lifecycle import Policy, acknowledge, advance, snooze
from tasks.alert.subject import Alert, Subject, TaskLine
from tasks.alert.words import Inside, alert_of, digest_of, readable, reply_of

GOLDEN = Path(__file__).parents[2] / "golden" / "alerts"
MONDAY = date(2016, 3, 28)
SLA = Subject(
    title="SLA attainment", unit="share", better="up", items="contacts", window="week", target=0.85,
    by=date(2016, 12, 31), owner="support-lead", mentions=("@support-lead",), channels=("#support",),
)  # fmt: skip
NPS = Subject(
    title="Office NPS", unit="points", better="up", items="answers", window="28d", target=35, by=date(2026, 12, 31),
    owner="cs-lead", mentions=("@cs-lead",), channels=("#customer-success",),
)  # fmt: skip
TASK = TaskLine("CX-1", "proposed", "@support-lead", date(2016, 4, 6))


def _sla(**changes) -> Incident:
    week = Point(
        date(2016, 2, 29), date(2016, 3, 7), 1577, 0.52, 0.495, 0.545, n_open=281, bound_low=0.441, bound_high=0.591
    )
    finding = Finding(
        "pace", "sla_attainment", "{}", "sla", MONDAY, "surely behind", week, 0.70, 0.65, date(2016, 2, 29),
        is_breach=True,
    )  # fmt: skip
    incident, _ = advance(None, replace(finding, **changes), Policy())
    assert incident is not None
    return incident


def _over(incident: Incident) -> Incident:
    moment = date(2016, 4, 18)
    week = Point(date(2016, 3, 28), date(2016, 4, 4), 1700, 0.77, 0.75, 0.79)
    finding = Finding("pace", "sla_attainment", "{}", "sla", moment, "ahead", week, 0.70, 0.65, is_recovered=True)
    after, _ = advance(incident, finding, Policy())
    assert after is not None
    return after


def _nps() -> Incident:
    moment = date(2026, 3, 16)
    window = Point(date(2026, 2, 16), moment, 316, 15.5, 6.3, 24.5)
    finding = Finding("pace", "nps", '{"segment":"office","survey":"relationship"}', "nps-office", moment,
                      "surely behind", window, 29.16, 26.16, date(2026, 2, 16), is_breach=True)  # fmt: skip
    incident, _ = advance(None, finding, Policy())
    assert incident is not None
    return incident


def _compare(name: str, alert: Alert) -> None:
    found = {
        f"{name}.txt": readable(alert) + "\n",
        f"{name}.json": json.dumps(blocks_of(alert), ensure_ascii=False, indent=1) + "\n",
    }
    for file, text in found.items():
        if os.environ.get("CXLOOP_GOLDEN") == "write":
            (GOLDEN / file).write_text(text, encoding="utf-8")
        assert text == (GOLDEN / file).read_text(encoding="utf-8"), f"{file} changed: people read it, so look at it"


def test_firing_with_open_outcomes():
    _compare(
        "firing", alert_of(_sla(), SLA, Inside(TASK, parts=("Chat SLA attainment", "Phone SLA attainment")), MONDAY)
    )


def test_firing_with_an_interval():
    _compare("firing_nps", alert_of(_nps(), NPS, Inside(), date(2026, 3, 16)))


def test_firing_with_what_customers_say():
    said = Heard(41, 210, 5, (HeardSubject("late-delivery", True, 31, 42), HeardSubject("paper straps", False, 9, 0)),
                 "Third week the boxes came <!channel> *late* @here, & nobody said so.")  # fmt: skip
    explained = ((LABEL, heard_line(said)),)
    _compare("firing_heard", alert_of(_nps(), NPS, Inside(TASK, explained=explained), date(2026, 3, 16)))


def test_customers_words_stay_within_slacks_limits_and_call_nobody():
    said = Heard(
        9_999, 9_999, 5, tuple(HeardSubject("w" * 60, False, n, 7) for n in (900, 800, 700)), "<!here>&*" * 2_000
    )
    alert = alert_of(_nps(), NPS, Inside(TASK, explained=((LABEL, heard_line(said)),)), date(2026, 3, 16))
    blocks = blocks_of(alert)
    texts = [block["text"]["text"] for block in blocks if block["type"] == "section"]
    assert len(blocks) <= 50
    assert max(map(len, texts)) <= 3_000
    assert not any("<!here>" in text for text in texts)


def test_acknowledged_edit():
    seen, _ = acknowledge(_sla(), date(2016, 3, 30), "support-lead")
    _compare("acknowledged", alert_of(seen, SLA, Inside(replace(TASK, state="accepted")), MONDAY))


def test_snoozed_edit():
    asleep, _ = snooze(_sla(), MONDAY, date(2016, 4, 25), "support-lead", "new desk <opens> in *April*")
    _compare("snoozed", alert_of(asleep, SLA, Inside(TASK), MONDAY))


def test_resolved_edit():
    seen, _ = acknowledge(_sla(), date(2016, 3, 30), "support-lead")
    _compare("resolved", alert_of(_over(seen), SLA, Inside(replace(TASK, state="done")), date(2016, 4, 18)))


def test_drift_of_a_duration():
    moment = date(2016, 3, 28)
    week = Point(date(2016, 3, 21), moment, 812, 187_200.0, 172_800.0, 198_000.0)
    finding = Finding("drift", "full_resolution_time", '{"channel":"phone"}', "", moment, "drifted", week, 118_800.0,
                      130_000.0, date(2016, 3, 7), is_breach=True, is_provisional=True)  # fmt: skip
    incident, _ = advance(None, finding, Policy())
    subject = replace(
        SLA, title="Phone full resolution time", unit="seconds", better="down", window=None, target=None, by=None
    )
    _compare("drift", alert_of(incident, subject, Inside(TASK), moment))


def test_got_worse_reply():
    worse = _sla()
    worse = replace(worse, figures={**worse.figures, "notice": "worse", "told_before": 0.63})
    _compare("reply_worse", reply_of(worse, SLA, MONDAY))


def test_snooze_over_reply():
    late = _sla()
    late = replace(late, figures={**late.figures, "notice": "snooze over", "told_before": 0.591})
    _compare("reply_snooze_over", reply_of(late, SLA, MONDAY))


def test_digest_of_the_first_look():
    alerts = [alert_of(_sla(), SLA, Inside(TASK), MONDAY), alert_of(_nps(), NPS, Inside(), date(2026, 3, 16))]
    _compare("digest", digest_of(alerts, MONDAY))


def test_a_refused_batch_for_the_data_engineer():
    batch = RejectedBatch("survey-tool", "answers_20260313.csv", 4210, (
        "score must be on the declared scale: 96 of 4,210 rows (2.3 %), at most 2 % may be set aside",
    ))  # fmt: skip
    _compare("data_engineer", rejected(batch))
    _compare("data_engineer_mended", rejected(replace(batch, is_mended=True)))


def test_a_failed_source_for_the_data_engineer():
    _compare("data_engineer_source", failed("survey-tool", "HTTP 401 from the survey tool. Expected: 200."))


def _broken_plan(verdict: str, note: str, n: int) -> Incident:
    monday = date(2026, 3, 16)
    weeks = Point(monday - timedelta(days=28), monday, n, None, None, None)
    finding = Finding("listening", "survey_response_rate", '{"survey":"after-help"}', "", monday, verdict, weeks,
                      since=monday - timedelta(days=7), is_breach=True, note=note)  # fmt: skip
    incident, _ = advance(None, finding, Policy())
    assert incident is not None
    return incident


LISTENING = Subject(
    title="Listening plan, after-help", unit="share", better="up", items="invitations", owner="cx-lead",
    mentions=("@cx-lead",), channels=("#cx",),
)  # fmt: skip


def test_people_asked_too_soon():
    note = "12 of 340 invitations in four weeks came within 30 days of another one"
    broken = _broken_plan("asked too soon", note, 340)
    _compare("listening", alert_of(broken, LISTENING, Inside(), date(2026, 3, 16)))
    over = Finding("listening", broken.kpi, broken.scope, "", date(2026, 4, 13), "as planned",
                   Point(date(2026, 3, 16), date(2026, 4, 13), 300, None, None, None), is_recovered=True)  # fmt: skip
    after, _ = advance(broken, over, Policy())
    assert after is not None
    _compare("listening_resolved", alert_of(after, LISTENING, Inside(), date(2026, 4, 13)))
    late = replace(broken, figures={**broken.figures, "notice": "snooze over"})
    told = reply_of(late, LISTENING, date(2026, 3, 16))
    assert told.headline == "The snooze is over: Survey after-help asks people again too soon"


@pytest.mark.parametrize(("verdict", "n", "first", "second"), [
    ("asks nobody", 0, "asks nobody", "Why."),
    ("not in the roadmap", 7, "asks customers, but the roadmap does not know it", "7 invitations in four weeks: why."),
])  # fmt: skip
def test_the_other_ways_to_break_the_listening_plan(verdict, n, first, second):
    alert = alert_of(_broken_plan(verdict, "why", n), LISTENING, Inside(), date(2026, 3, 16))
    assert readable(alert).startswith(f"🔴 Survey after-help {first} @cx-lead\n{second}\n")


def test_missed_days_for_the_data_engineer():
    _compare("data_engineer_missed", missed("play", "reviews", date(2026, 3, 2), date(2026, 3, 5), 7))
    assert missed("play", "reviews", date(2026, 3, 2), date(2026, 3, 2), 7).headline == (
        "play: Mon 2 Mar is missed for good"
    )


def test_foreign_text_formats_links_and_calls_nothing():
    nasty = "<!channel> @here #general <https://x.example|y> *b* _i_ `c` ~s~ & snake_case"
    safe = inert(nasty)
    assert not set("<>*`~") & set(safe)
    assert "@here" not in safe
    assert "#general" not in safe
    assert "_i_" not in safe
    assert "snake_case" in safe
    assert "&amp;" in safe


def test_nothing_foreign_is_live_in_any_block():
    nasty = "<!channel> @here <@U12345678>"
    alert = Alert("🔴", nasty, status=nasty, sentences=(nasty,), facts=((nasty, nasty), (nasty, "")), footer=nasty)
    text = json.dumps(blocks_of(alert), ensure_ascii=False)
    assert "<" not in text
    assert "@here" not in text


def test_a_handle_cannot_smuggle_a_mention():
    assert mention("@cx-lead><!channel>") == "@cx-leadchannel"
    assert mention("S0123ABCD") == "<!subteam^S0123ABCD>"


@pytest.mark.parametrize("length", [10, 5_000, 20_000])
def test_slack_limits_hold_however_long_the_text(length):
    long = "&" * length
    facts = tuple((f"fact {i}", long) for i in range(200))
    blocks = blocks_of(Alert("🔴", long, long, ("@a",) * 300, (long,), facts, long, "incident-1"))
    assert len(blocks) <= 50
    for block in blocks:
        texts = (
            [block["text"]["text"]]
            if "text" in block
            else [
                e["text"]["text"] if isinstance(e.get("text"), dict) else e.get("text", "") for e in block["elements"]
            ]
        )
        assert all(len(text) <= 3_000 for text in texts)
        assert not any(text.rstrip("* …").endswith("&am") for text in texts)


def test_no_word_of_statistics_reaches_people():
    for file in GOLDEN.glob("*.txt"):
        text = file.read_text(encoding="utf-8").lower()
        assert not any(word in text for word in ("sigma", "p =", "anomal", "null", "none", "nan"))


def test_the_same_incident_gives_the_same_message():
    later = replace(_sla(), judged_through=MONDAY + timedelta(weeks=1))
    assert alert_of(_sla(), SLA, Inside(TASK), MONDAY) == alert_of(later, SLA, Inside(TASK), MONDAY)
