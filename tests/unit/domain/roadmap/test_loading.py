"""The whole format loads; every mistake is told in the writer's words, with its line."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from domain.errors import ConfigError, RoadmapError
from domain.roadmap import fingerprint, load_roadmap, parse_roadmap

MINIMAL = """\
version: 1
company: {name: Acme}
vision: Good coffee never runs out.
owners:
  lead: {channel: "#cx"}
"""


def test_every_section_of_the_worked_example_loads(acme):
    assert acme.company.name == "Acme Brew"
    assert acme.zone == ZoneInfo("Europe/Berlin")
    assert [p.id for p in acme.principles] == ["one-owner", "fewer-steps"]
    assert acme.goals[0].by == date(2028, 1, 31)
    assert acme.owners["cs-lead"].deputy == "cx-lead"
    assert acme.people.smallest_group == 5
    assert acme.segments["office"].count == "accounts"
    assert acme.personas["office-manager"].expects["first_reply_hours"] == 4
    assert acme.touchpoints["delivery"] == "logistics-lead"
    assert acme.calendars["support"].closed[1] == date(2026, 12, 31)
    assert acme.channels["chat"].answer_within.seconds == 120
    assert acme.surveys.plans["after-help"].kpi == ("csat",)
    assert acme.surveys.rest.days == 30
    assert acme.benchmarks["nps-office"].compare[0].value == 31
    assert acme.initiatives[0].serves.principle == "fewer-steps"
    assert acme.initiatives[1].milestones[0].done == date(2026, 2, 25)
    assert acme.capabilities["identity"].want == 4
    assert acme.events[3].breaks == ("nps",)
    assert "verspätet" in acme.themes["late-delivery"]
    assert acme.reviews[1].every == "quarter"
    assert acme.alerts.escalate.seen_within.is_working
    assert acme.alerts.names_of_customers_in == ("#customer-success",)


def test_a_short_roadmap_is_whole_too():
    roadmap = parse_roadmap(MINIMAL)
    assert roadmap.zone == ZoneInfo("UTC")
    assert roadmap.benchmarks == {}


def test_a_roadmap_cannot_be_changed_after_it_was_read(acme):
    with pytest.raises(ValueError, match="frozen"):
        acme.vision = "another"


def test_a_duration_kpi_takes_spans_of_time(edited):
    words = (
        "{kpi: survey_response_rate, scope: {segment: home}, window: 28d, baseline: 0.22, on: 2025-07-01, target: 0.40"
    )
    span = "{kpi: first_reply_time, scope: {segment: home}, window: 28d, baseline: 4 h, on: 2025-07-01, target: 90 min"
    benchmark = edited((words, span)).benchmarks["self-service"]
    assert (benchmark.baseline, benchmark.target) == (14_400, 5_400)


def test_a_flat_benchmark_is_allowed(edited):
    assert edited(("target: 35", "target: 24")).benchmarks["nps-office"].target == 24


def test_a_target_worse_than_its_baseline_is_told_with_the_likely_slip(told):
    (line,) = told(("target: 0.026", "target: 0.036"))
    assert line == (
        "roadmap.yaml:53  churn-home: the target 0.036 is worse than the baseline 0.034 "
        "(for churn_rate lower is better). Swap them, or did you mean 0.026?"
    )


@pytest.mark.parametrize(
    ("region", "said"),
    [
        ("DE-BX", "the holidays of 'DE-BX' are not known. Near it are: DE-BB, DE-BE, DE-BW; or write DE alone"),
        ("US-CAL", "the holidays of 'US-CAL' are not known. Near it are: US-AL, US-CA, US-AK; or write US alone"),
        ("XX", "the holidays of the country 'XX' are not known. Near it are: AX, CX, MX"),
        ("UK", "the country 'UK' is called GB in ISO 3166. Write GB"),
        ("VA-X", "the holidays of parts of VA are not known. Write VA alone"),
    ],
)
def test_a_region_whose_holidays_nobody_knows_is_told_with_those_near_it(told, region, said):
    (line,) = told(("holidays: DE-BE", f"holidays: {region}"))
    assert line == f"roadmap.yaml:36  support: {said}"


def test_an_owner_nobody_knows_is_told_with_the_closest_one(told):
    assert told(("owner: logistics-lead\n    sponsor", "owner: logistic-lead\n    sponsor")) == [
        "roadmap.yaml:78  two-carriers: nobody called 'logistic-lead'. Did you mean 'logistics-lead'?"
    ]


def test_everything_that_is_wrong_is_told_at_once_in_the_order_of_the_file(told):
    lines = told(
        ("target: 0.026", "target: 0.036"),
        ("owner: logistics-lead\n    sponsor", "owner: logistic-lead\n    sponsor"),
        ("tolerance: 3, owner: cs-lead", "tolerence: 3, owner: cs-lead"),
        ("currency: EUR", "curency: EUR"),
    )
    assert [line.split("  ")[0] for line in lines] == [f"roadmap.yaml:{n}" for n in (3, 50, 53, 78)]
    assert lines[0] == "roadmap.yaml:3  company: unknown key 'curency'. Did you mean 'currency'?"
    assert lines[1] == "roadmap.yaml:50  nps-office: unknown key 'tolerence'. Did you mean 'tolerance'?"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("vision:", "vison:", "roadmap.yaml:4  unknown key 'vison'. Did you mean 'vision'?"),
        ("  chat:", "  1: {}\n  chat:", "1: `owner` is missing (the role that answers for it)"),
        ("kpi: contact_rate", "kpi: contact_rat", "no KPI called 'contact_rat'. Did you mean 'contact_rate'?"),
        ("kpi: contact_rate", "kpi: referral_rate", "no KPI called 'referral_rate'."),
        ("kpi: contact_rate", "kpi: ticket_volume", "has no better direction, so it cannot have a target. Take "),
        ("scope: {segment: office}", "scope: {segment: ofice}", "no segment called 'ofice'. Did you mean 'office'?"),
        ("scope: {segment: office}", "scope: {segmnt: office}", "no dimension called 'segmnt'. Did you mean 'segment'"),
        ("scope: {segment: home}", "scope: {persona: early-brid}",
         "no persona called 'early-brid'. Did you mean 'early-bird'?"),
        ("scope: {segment: home}", "scope: {chanel: chat}", "no dimension called 'chanel'. Did you mean 'channel'?"),
        ("{kpi: churn_rate, scope: {segment: home}", "{kpi: churn_rate, scope: {channel: chat}",
         "churn_rate is not kept by channel; it is by segment, persona, product or source"),
        ("survey: relationship,", "survey: relationships,",
         "no survey called 'relationships'. Did you mean 'relationship'"),
        ("survey: relationship,", "survey: after-help,", "the survey 'after-help' measures csat, not nps"),
        ("{kpi: contact_rate,", "{kpi: contact_rate, survey: after-help,",
         "contact_rate is counted, not asked in a survey"),
        ("guard: [csat-support]", "guard: [csat-suport]",
         "no benchmark called 'csat-suport'. Did you mean 'csat-support'"),
        ("guard: [csat-support]", "guard: [contacts]", "contacts: guards itself"),
        ("{benchmark: contacts, by: -0.8}", "{benchmark: contacts, by: 0.8}",
         "refund-status: contacts by 0.8 makes it worse (for contact_rate lower is better). Did you mean -0.8?"),
        ("{benchmark: contacts, by: -0.8}", "{benchmark: contact, by: -0.8}", "Did you mean 'contacts'?"),
        ("touchpoint: billing, principle", "touchpoint: biling, principle",
         "no touchpoint called 'biling'. Did you mean"),
        ("principle: fewer-steps}\n", "principle: fewer-step}\n",
         "no principle called 'fewer-step'. Did you mean 'fewer-steps'"),
        ("needs: [routing-data]", "needs: [routing]", "two-carriers: no capability called 'routing'"),
        ("by: 2026-12-31,\n", "by: 2026-02-30,\n", "nps-office: 2026-02-30 is no day of the calendar"),
        ("by: 2026-12-31,\n", "by: end of 2026,\n", "nps-office: by: found 'end of 2026'; a day is expected here"),
        ("on: 2025-07-01, target: 35", "on: 2027-07-01, target: 35", "by 2026-12-31 comes not after on 2027-07-01"),
        ("baseline: 0.84", "baseline: 84",
         "the baseline 84 is out of range: csat is a share, 0 to 1. Did you mean 0.84?"),
        ("target: 35", "target: 135", "the target 135 is out of range: nps lies between -100 and 100"),
        ("points: {2025-12-31:", "points: {2024-12-31:", "the point on 2024-12-31 is outside the path. Put it between"),
        ("steps: {2026-07-01:", "steps: {2027-07-01:", "the step on 2027-07-01 is outside the path"),
        ("path: step,", "path: linear,", "has steps, but its path is linear. Write path: step, or take the steps out"),
        ("path: linear, tolerance: 0.5", "path: points, tolerance: 0.5", "path: points has no points"),
        ("window: week", "window: weekly", "csat-support: window: 'weekly' is not known. Did you mean 'week'?"),
        ("owner: cs-lead, why", "owner: , why", "nps-office: `owner` is empty"),
        ("deputy: support-lead}", "deputy: cx-lead}", "cx-lead: is its own deputy"),
        ("deputy: support-lead}", "deputy: suport-lead}", "nobody called 'suport-lead'. Did you mean 'support-lead'?"),
        ('channel: "#cx"', 'channel: "cx"',
         "cx-lead: channel: 'cx' is no Slack channel. Write it as \"#cx\", in quotes"),
        ('channel: "#cx", ', "", "cx-lead: has no channel, and there is none for all"),
        ('slack: "@coo"', 'slack: "coo"', "coo: slack: 'coo' is no Slack handle. Write it as \"@coo\", in quotes"),
        ("zone: Europe/Berlin, lang", "zone: Europe/Berln, lang",
         "company: zone: there is no time zone 'Europe/Berln'. Did you"),
        ('"02-01"', '"02-30"', "company: fiscal_year_starts: '02-30' is no day of the calendar"),
        ("smallest_group: 5", "smallest_group: five",
         "people: smallest_group: found 'five'; a whole number is expected"),
        ("smallest_group: 5", "smallest_group: 1", "people: smallest_group: 1 is out of range; at least 2 is expected"),
        ("calendar: support, answer", "calendar: suport, answer",
         "no calendar called 'suport'. Did you mean 'support'?"),
        ("every: 180 days", "every: 180 dys", "relationship: every: '180 dys' is no span of time. Write it as"),
        ("every: 180 days, ", "", "relationship: says not when it asks"),
        ("asks: [office, home]", "asks: [offices, home]", "no segment called 'offices'. Did you mean 'office'?"),
        ("kpi: nps, asks", "kpi: churn_rate, asks", "churn_rate is not asked, it is counted"),
        ("share: 0.5}", "share: 50}",
         "after-help: share: 50 is out of range; at most 1 is expected (85 % is written 0.85)"),
        ("target: 0.85, by", "target: 0.65, by", "chat: the target 0.65 is worse than the baseline 0.7"),
        ('"08:00-18:00"', '"18:00-08:00"', "support: open: '18:00-08:00' are no opening hours"),
        ("{checkout: payments-lead}", "{billing: payments-lead}", "touchpoint 'billing' stands in 'buy' already"),
        ("want: 4, by: 2026-06-30", "want: 1, by: 2026-06-30", "routing-data: wanted is level 1, less than now (2)"),
        ("horizon: next", "horizon: soon",
         "two-carriers: horizon: 'soon' is not known. There are: long term, next, quick win"),
        ("by: 2028-06-30, for", "by: 2028-06-30, milestones: [{title: x, due: 2029-01-01}], for",
         "one-history: milestone 'x' is due 2029-01-01, after the end 2028-06-30"),
        ("- id: two-carriers", "- id: refund-status",
         "initiatives, 2nd entry: 'refund-status' stands in initiatives 2 times"),
        ("on: 2026-02-09, touches", "on: 2026-02-09, until: 2026-02-01, touches",
         "until 2026-02-01 comes before on 2026-02-09"),
        ("breaks: [nps]", "breaks: [npss]",
         "Survey moved from e-mail to app: no KPI called 'npss'. Did you mean 'nps'?"),
        ("every: quarter", "every: now and then", "every: 'now and then' cannot be read here. Write `monday 08:00`"),
        ("who: [payments-lead]", "who: [payment-lead]", "nobody called 'payment-lead'. Did you mean 'payments-lead'?"),
        ("then: deputy", "then: deputies", "alerts: nobody called 'deputies'"),
        ('{kpi: churn_rate, also: "#leadership"}', "{kpi: churn_rate}", "alerts: a route says not to whom"),
        ('{kpi: churn_rate, also: "#leadership"}', '{also: "#leadership"}', "alerts: a route says not for what"),
        ("tolerance: 0.5,", "tolerance: 0.5, fire_after: 3 of 2,", "contacts: fire_after: '3 of 2' says not how often"),
        ("tolerance: 0.5,", "tolerance: -0.5,", "contacts: tolerance: -0.5 is out of range; at least 0 is expected"),
        ("kpi: csat, survey: after-help, window", "id: x, kpi: csat, survey: after-help, window", "unknown key 'id'"),
        ("version: 1", "version: 2", "roadmap.yaml:2  version: '2' is not known. There is: 1."),
    ],
)  # fmt: skip
def test_a_mistake_is_told_in_the_writers_words(told, old, new, expected):
    lines = told((old, new))
    assert any(expected in line for line in lines), lines


def test_two_surveys_of_one_kpi_are_never_pooled(told):
    (line,) = told(
        ("kpi: csat, asks", "kpi: [csat, nps], asks"),
        ("{kpi: nps, survey: relationship, scope: {segment: home}", "{kpi: nps, scope: {segment: home}"),
    )
    assert "nps-home: nps is asked by relationship and after-help, which are never pooled" in line


def test_a_refused_entry_makes_no_further_mistakes_out_of_those_that_name_it(told):
    assert len(told(("  contacts:       {kpi: contact_rate", "  contacts:       {kip: contact_rate"))) == 2


def test_a_refused_company_makes_no_further_mistakes(told):
    assert told(("currency: EUR", "currency: euros")) == [
        "roadmap.yaml:3  company: currency: 'euros' cannot be read here. Write the three letters of ISO 4217: EUR"
    ]


def test_a_missing_part_is_told_with_its_meaning(told_of):
    assert told_of("version: 1\ncompany: {name: x}\n") == [
        "roadmap.yaml  `owners` is missing (roles by name)",
        "roadmap.yaml  `vision` is missing (what customers shall experience, in a sentence)",
    ]


def test_money_needs_a_currency(told):
    assert all("the company has no currency" in line for line in told(("currency: EUR, ", "")))


def test_a_missing_file_is_told_without_a_traceback(tmp_path: Path):
    with pytest.raises(RoadmapError, match=r"^roadmap\.yaml  there is no such file in .*`cxloop init DIR` writes one"):
        load_roadmap(tmp_path / "roadmap.yaml")


def test_a_folder_in_place_of_the_file_is_told(tmp_path: Path):
    with pytest.raises(RoadmapError, match="cannot be read"):
        load_roadmap(tmp_path)


def test_a_file_in_another_encoding_is_told_with_its_line(tmp_path: Path):
    file = tmp_path / "roadmap.yaml"
    file.write_bytes(b"version: 1\nvision: K\xe4se\n")
    with pytest.raises(RoadmapError, match=r"roadmap\.yaml:2  this line is not UTF-8"):
        load_roadmap(file)


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path):
    file = tmp_path / "roadmap.yaml"
    file.write_text("\ufeff" + MINIMAL, encoding="utf-8")
    assert load_roadmap(file).company.name == "Acme"


def test_the_error_is_one_of_configuration():
    assert issubclass(RoadmapError, ConfigError)
    assert RoadmapError.exit_code == 2


def test_the_fingerprint_is_the_texts_alone():
    assert fingerprint("version: 1\n") == fingerprint("version: 1\n")
    assert fingerprint("version: 1\n") != fingerprint("version: 2\n")
    assert len(fingerprint("")) == 64
