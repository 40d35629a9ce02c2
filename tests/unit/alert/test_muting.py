from dataclasses import replace
from datetime import timedelta

from domain.scopes import canonical
from tasks.alert.muting import muted_by, newly_muted


def _as(incident, incident_id: str, scope=None, **changes):
    return replace(incident, incident_id=incident_id, scope=canonical(scope or {}), key=incident_id, **changes)


def test_a_drift_is_inside_the_plan_that_it_breaks(firing):
    pace, drift = _as(firing, "pace"), _as(firing, "drift", rule="drift")
    assert muted_by([pace, drift]) == {"drift": "pace"}


def test_a_part_is_inside_the_whole(firing):
    whole, part, other = _as(firing, "whole"), _as(firing, "chat", {"channel": "chat"}), _as(firing, "nps", kpi="nps")
    assert muted_by([part, other, whole]) == {"chat": "whole"}


def test_a_part_of_one_survey_is_inside_that_survey(firing):
    survey = _as(firing, "survey", {"survey": "s"})
    part = _as(firing, "part", {"survey": "s", "segment": "office"})
    elsewhere = _as(firing, "elsewhere", {"survey": "t", "segment": "office"})
    assert muted_by([survey, part, elsewhere]) == {"part": "survey"}


def test_a_chain_ends_at_the_one_that_is_told(firing):
    whole = _as(firing, "whole", rule="pace")
    drift, part = _as(firing, "drift", rule="drift"), _as(firing, "part", {"channel": "chat"}, rule="drift")
    assert muted_by([part, drift, whole]) == {"drift": "whole", "part": "whole"}


def test_what_was_told_goes_on_speaking(firing):
    whole, told = _as(firing, "whole"), _as(firing, "chat", {"channel": "chat"}, is_told=True)
    assert muted_by([whole, told]) == {}


def test_a_first_sign_speaks_for_nobody(firing):
    whole, part = _as(firing, "whole", state="pending"), _as(firing, "chat", {"channel": "chat"})
    assert muted_by([whole, part]) == {}


def test_a_drift_of_the_whole_is_inside_the_part_that_broke_its_plan(firing):
    part = _as(firing, "office", {"segment": "office"})
    whole = _as(firing, "whole", rule="drift")
    assert muted_by([part, whole]) == {"whole": "office"}


def test_of_two_drifts_the_earlier_speaks_and_of_equals_the_wider(firing):
    week = timedelta(days=7)
    first = _as(firing, "chat", {"channel": "chat"}, rule="drift")
    later = _as(firing, "whole", rule="drift", opened_at=firing.opened_at + week)
    assert muted_by([later, first]) == {"whole": "chat"}
    assert muted_by([replace(later, opened_at=firing.opened_at), first]) == {"chat": "whole"}


def test_parts_that_have_nothing_in_common_speak_for_themselves(firing):
    chat = _as(firing, "chat", {"channel": "chat"}, rule="drift")
    email = _as(firing, "email", {"channel": "email"}, rule="drift")
    assert muted_by([chat, email]) == {}


def test_a_drift_whose_story_was_told_stays_quiet_when_that_story_is_over(firing):
    pace, drift = _as(firing, "pace"), _as(firing, "drift", rule="drift")
    (quiet,) = newly_muted([pace, drift])
    assert quiet.figures["muted_by"] == "pace"
    assert newly_muted([replace(pace, state="resolved"), quiet]) == []


def test_a_part_behind_its_plan_speaks_up_when_the_whole_is_back(firing):
    whole, part = _as(firing, "whole"), _as(firing, "chat", {"channel": "chat"})
    (quiet,) = newly_muted([whole, part])
    (heard,) = newly_muted([replace(whole, state="resolved"), quiet])
    assert "muted_by" not in heard.figures


def test_a_broken_listening_plan_and_the_response_rate_speak_for_themselves(firing):
    survey = {"survey": "s"}
    plan = _as(firing, "plan", survey, rule="listening")
    assert muted_by([plan, _as(firing, "pace", survey), _as(firing, "drift", rule="drift")]) == {"drift": "pace"}
