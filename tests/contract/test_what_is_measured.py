"""What a customer-experience programme asks for, beside the catalogue: a KPI for it, or a reason why there is none."""

import re
from pathlib import Path

import pytest

from domain.kpis import KPIS

PAGE = Path(__file__).parents[2] / "docs" / "kpis.md"

NO_TABLE = "no table tells {} yet"
ASKED: dict[str, dict[str, tuple[str, ...] | str]] = {
    "loyalty": {
        "NPS": ("nps",),
        "churn rate, of logos and of revenue, gross and net": (
            "churn_rate", "revenue_churn_rate", "net_revenue_retention", "active_customers",
        ),
        "renewal rate": ("renewal_rate",),
        "customers won back": ("winback_rate",),
        "retention by cohort": "a curve, no number: `cxloop customers retention`",
        "repeat purchase rate, purchase frequency": ("repeat_purchase_rate", "purchase_frequency", "order_volume"),
        "customers who came by referral": NO_TABLE.format("how a customer came"),
    },
    "satisfaction": {
        "CSAT": ("csat", "csat_first"),
        "review rating": ("review_rating",),
        "sentiment": ("sentiment",),
        "share recommending": "it is `csat` of a survey that asks for it, with its satisfied class declared",
        "expectation gap": "told for each persona and touchpoint, never as one number: `cxloop journey`",
    },
    "effort": {
        "CES": ("ces",),
        "contacts per 100 customers or orders": ("contact_rate", "contacts_per_100_orders", "ticket_volume"),
        "repeat contact, in another channel": ("repeat_contact_rate", "repeat_contact_rate_30d", "channel_switch_rate"),
        "contacts per resolved issue": NO_TABLE.format("which contacts are about one issue"),
        "transfers, hand-offs": ("transfers", "ping_pong_rate"),
        "steps": "told path by path: `cxloop paths`",
    },
    "speed": {
        "first reply": (
            "first_reply_time", "first_reply_time_p90", "first_reply_time_business", "first_reply_time_business_p90",
            "first_reply_time_people", "first_reply_time_people_p90",
        ),
        "next reply": ("next_reply_time", "next_reply_time_p90"),
        "next reply in opening hours": "only first replies and resolutions are told in opening hours so far",
        "full resolution": (
            "full_resolution_time", "full_resolution_time_p90", "full_resolution_time_business",
            "full_resolution_time_business_p90", "first_resolution_time",
        ),
        "backlog, waiting on us and on them, its age": (
            "backlog", "backlog_age", "backlog_age_p90", "waiting_on_us", "waiting_on_them",
        ),
        "SLA attainment": ("sla_attainment",),
        "call answered within x s, abandoned": NO_TABLE.format("phone calls"),
    },
    "quality": {
        "first-contact resolution": (
            "first_contact_resolution", "one_touch_rate", "multi_touch_rate", "zero_touch_rate",
        ),
        "reopen rate": ("reopen_rate",),
        "share without escalation": NO_TABLE.format("escalations"),
        "deliveries on time, returns": NO_TABLE.format("deliveries, nor which order a return is of"),
    },
    "self-service": {
        "solved without us": ("self_service_rate",),
        "bot containment": ("bot_containment",),
        "help-centre visits per ticket": ("help_center_visits_per_ticket",),
        "failed searches": ("failed_search_rate",),
        "article helpfulness, stale articles": NO_TABLE.format("articles"),
    },
    "reach and consistency": {
        "share answered within target by channel": ("answered_in_time",),
        "out-of-hours gap": "a difference with its interval: `cxloop consistency`",
        "spread of CSAT between channels, teams, segments": "corrected for noise: `cxloop consistency`",
        "preferred language kept": "a customer's language is not followed to the days of their contacts yet",
        "preferred channel kept": NO_TABLE.format("which channel a customer prefers"),
        "response rate of surveys": ("survey_response_rate",),
        "mentions answered": ("mentions_answered",),
        "customers never heard": "who is never asked is told beside the listening plan: `cxloop listening`",
    },
    "team": {"the same by team": "the dimension `team` of the KPIs above; agents are never ranked"},
    "the loop itself": {
        "days from sign to alert, owner, fix, verdict": "kept for each incident and task: `cxloop incidents show`, "
        "`cxloop tasks show`",
        "share of alerts acted on, of tasks verified": "told in the weekly summary, of its own incidents and tasks",
        "unhappy customers called back within 48 h": NO_TABLE.format("calls to customers"),
    },
}  # fmt: skip
"""By family, what is asked: the KPIs that answer it, or the reason why none does."""

NAMED = [name for asked in ASKED.values() for answer in asked.values() if isinstance(answer, tuple) for name in answer]


def test_what_is_asked_for_has_a_kpi_and_every_kpi_answers_something() -> None:
    assert sorted(NAMED) == sorted(KPIS)


def test_the_page_says_of_all_else_why_there_is_no_kpi() -> None:
    text = PAGE.read_text(encoding="utf-8").split("\n# What is not measured, and why\n")[1]
    rows = [tuple(cell.strip() for cell in row) for row in re.findall(r"^\|(.+)\|(.+)\|(.+)\|$", text, re.MULTILINE)]
    reasons = [
        (family, what, answer)
        for family, asked in ASKED.items()
        for what, answer in asked.items()
        if isinstance(answer, str)
    ]
    assert rows[2:] == reasons


@pytest.mark.parametrize("name", sorted(KPIS))
def test_a_section_asks_the_catalogues_question_and_names_its_dimensions_and_a_source(name: str) -> None:
    kpi = KPIS[name]
    page = PAGE.read_text(encoding="utf-8").split("\n# What is not measured, and why\n")[0]
    section = page.split(f"\n## {kpi.docs.split('#')[1]}\n")[1].split("\n## ")[0]
    assert section.strip().startswith(f"*{kpi.question.replace(' (median)', '')}*")
    (dimensions,) = re.findall(r"^Dimensions: (.+)\.$", section, re.MULTILINE)
    assert re.findall(r"`(\w+)`", dimensions) == [*kpi.dimensions]
    assert len(re.findall(r"^Source: \S.+\.$", section, re.MULTILINE)) == 1
