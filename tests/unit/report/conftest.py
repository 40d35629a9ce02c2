"""Acme Brew in week 11 of 2026: the worked example, with its figures."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.records import Point
from tasks.report.change import Change, change_of
from tasks.report.episodes import Alert, Alerts, Board, Judged, TaskLine
from tasks.report.progress import CapabilityLine, Coming, InitiativeLine, MilestoneLine, Progress
from tasks.report.restated import Reason, Restated
from tasks.report.sayings import Quote, Saying, Words
from tasks.report.small_print import SetAside, SmallPrint, SourceDay
from tasks.report.standing import BenchmarkRow, Marker, SeriesPoint, Standing, ValueRow
from tasks.report.summary import Summary
from tasks.report.verdict import is_quiet, sentences

MONDAY = date(2026, 3, 16)
ON, BY = date(2025, 7, 1), date(2026, 12, 31)
SPAN = {"week": 7, "28d": 28, "90d": 90}
CARRIER = Marker("New carrier in Germany", date(2026, 2, 9))
PRICE = Marker("Home price 24 → 26 EUR", date(2026, 2, 1))
PAYMENT = Marker("Payment provider changed", date(2026, 2, 24))


CARDS = TaskLine("CX-42", "Home: cards refused since 24 Feb", "payments-lead", "proposed", MONDAY, date(2026, 3, 18))


def a_point(end, value, low, high, n, window="28d", n_open=0, bounds=(None, None)):
    return Point(end - timedelta(days=SPAN[window]), end, n, value, low, high, n_open, *bounds)


def linear(baseline, target):
    return lambda day: baseline + (target - baseline) * (day - ON).days / (BY - ON).days


def a_row(
    name, title, kpi, scope, unit, better, window, now, n, path, target, standing, owner, history, tolerance=0.0, **more
):
    """`now` is (value, low, high); `history` is the value at each of the 26 Mondays, None: no data."""
    value, low, high = now
    sign = -1 if better == "up" else 1
    series = []
    for week, past in enumerate(history):
        end = MONDAY - timedelta(weeks=len(history) - 1 - week)
        if past is not None:
            plan = path(end - timedelta(days=1))
            series.append(SeriesPoint(end - timedelta(days=SPAN[window]), end, n, 0, past, past - (value - low),
                                      past + (high - value), plan, plan + sign * tolerance))  # fmt: skip
    expected = path(MONDAY - timedelta(days=1))
    return BenchmarkRow(
        id=name, title=title, kpi=kpi, scope=scope, unit=unit, better=better, window=window,
        point=a_point(MONDAY, value, low, high, n, window), expected=expected, line=expected + sign * tolerance,
        target=target, target_on=BY, standing=standing, owner=owner, series=tuple(series), **more,
    )  # fmt: skip


def flat(value, *tail):
    wobble = (0, 0.3, -0.2, 0.4, -0.5, 0.1, 0.2, -0.3, 0.5, -0.1, -0.4, 0.2, 0)
    size = 0.012 * abs(value)
    return [value + size * wobble[i % 13] for i in range(26 - len(tail))] + list(tail)


@pytest.fixture(scope="session")
def acme():
    """Section 4 of the example, as far as it is told from numbers."""
    return acme_brew()


@pytest.fixture(scope="session")
def quiet(acme):
    """The same company in a week in which nothing happened."""
    alerts = replace(acme.alerts, new=(), over=(), going_on=acme.alerts.new[:1])
    board = replace(acme.board, new=(), overdue=(), due=(), judged=())
    summary = replace(acme, alerts=alerts, board=board, is_quiet=is_quiet(alerts, board))
    return replace(summary, sentences=sentences(summary))


def acme_brew():
    office = '{"segment":"office","survey":"relationship"}'
    home = '{"segment":"home"}'
    before = Point(date(2026, 1, 19), date(2026, 2, 16), 314, 27.7, 18.6, 36.8)
    now_nps = a_point(MONDAY, 15.5, 6.3, 24.5, 316)
    quiet = Change("no clear change", 0.0, -0.01, 0.01, before)
    rows = (
        a_row("nps-office", "Office NPS", "nps", office, "points", "up", "28d", (15.5, 6.3, 24.5), 316,
              linear(24, 35), 35, Standing.BEHIND, "cs-lead",
              flat(27.7, 26.0, 22.5, 19.0, 16.8, 15.5), 3, is_new=True, task="CX-41", markers=(CARRIER,),
              change=change_of(before, now_nps, "up")),
        a_row("nps-home", "Home NPS", "nps", home, "points", "up", "28d", (43.6, 39.9, 47.2), 1412,
              linear(38, 45), 45, Standing.ON_PLAN, "cx-lead", flat(43.0, 43.4, 43.6), 3, markers=(PRICE,),
              change=Change("no clear change", 0.4, -4.7, 5.5, before)),
        a_row("churn-home", "Home churn", "churn_rate", home, "share", "down", "28d", (0.0406, 0.0379, 0.0436), 18240,
              linear(0.034, 0.026), 0.026, Standing.BEHIND, "cx-lead",
              flat(0.0315, 0.0318, 0.0345, 0.0380, 0.0406), 0.002, is_new=True, task="CX-42", markers=(PRICE, PAYMENT),
              change=Change("clearly worse", 0.0091, 0.0052, 0.0131, Point(before.period_start, before.period_end,
                                                                         18310, 0.0315, 0.0291, 0.0341))),
        a_row("renewal-office", "Office renewals", "renewal_rate", '{"segment":"office"}', "share", "up", "90d",
              (0.901, 0.838, 0.941), 131, lambda day: 0.86, 0.91, Standing.ON_PLAN, "cs-lead", flat(0.89, 0.901), 0.02,
              change=quiet),
        a_row("csat-support", "CSAT after help", "csat", '{"survey":"after-help"}', "share", "up", "week",
              (0.882, 0.854, 0.906), 604, linear(0.84, 0.90), 0.90, Standing.ON_PLAN, "support-lead",
              [*flat(0.872)[:9], None, None, *flat(0.878)[11:25], 0.882], 0.02,
              change=Change("no clear change", 0.003, -0.034, 0.040, before)),
        a_row("on-time", "Deliveries on time", "delivery_on_time", "{}", "share", "up", "28d",
              (0.907, 0.902, 0.912), 12180, lambda day: 0.945 if day <= date(2025, 12, 31) else
              0.945 + 0.015 * (day - date(2025, 12, 31)).days / 181, 0.975, Standing.BEHIND, "logistics-lead",
              flat(0.953, 0.944, 0.931, 0.919, 0.911, 0.907), 0.005, task="CX-41", markers=(CARRIER,),
              change=Change("no clear change", -0.004, -0.011, 0.003, before)),
        a_row("contacts", "Contacts per 100 home", "contact_rate", home, "per_100", "down", "28d", (12.4, 11.9, 12.9),
              18240, linear(14, 10), 10, Standing.ON_PLAN, "support-lead", flat(13.4, 13.2, 12.9, 12.6, 12.4), 0.5,
              markers=(PAYMENT,),
              change=Change("clearly better", -1.0, -1.7, -0.3, Point(before.period_start, before.period_end, 18310,
                                                                    13.4, 12.9, 13.9))),
        a_row("self-service", "Solved without us", "self_service_rate", home, "share", "up", "28d",
              (0.310, 0.295, 0.326), 3280, linear(0.22, 0.40), 0.40, Standing.ON_PLAN, "support-lead",
              [0.24 + 0.07 * i / 25 for i in range(26)], 0.02,
              change=Change("no clear change", 0.01, -0.012, 0.032, before)),
        BenchmarkRow("effort-app", "Effort in the app", "ces", '{"touchpoint":"app"}', "score", "up", "28d",
                     a_point(MONDAY, 5.6, 5.1, 6.1, 24), 5.5, 5.3, 6.0, BY, Standing.TOO_FEW, "product-lead", 30,
                     Change("too few", None, None, None, before)),
    )  # fmt: skip
    alerts = Alerts(
        new=(Alert("Office NPS", "16, plan 29", "pace", "firing", MONDAY, None, date(2026, 2, 16), "CX-41",
                   "logistics-lead", "28d"),
             Alert("Home churn", "4.1 %, plan 3.0 %", "pace", "firing", MONDAY, None, date(2026, 2, 23), "CX-42",
                   "payments-lead", "28d")),
        over=(Alert("Chat answered in 2 min", "", "pace", "resolved", date(2026, 2, 9), MONDAY),),
        since=date(2026, 1, 1), n_since=7, n_acted_on=6,
    )  # fmt: skip
    board = Board(
        n_open=9, n_ever=42,
        new=(TaskLine("CX-41", "Offices: boxes late since the new carrier", "logistics-lead", "accepted", MONDAY,
                      date(2026, 3, 25)), CARDS),
        overdue=(TaskLine("CX-36", "Cancel page says when the contract ends", "product-lead", "blocked",
                          date(2026, 2, 2), date(2026, 3, 6), "legal text, since 27 Feb"),),
        due=(CARDS, TaskLine("CX-38", "Macro for pausing a subscription", "support-lead", "in progress",
                             date(2026, 2, 16), date(2026, 3, 20))),
        judged=(Judged("CX-33", "Refund's state in the app", "contact_rate", "per_100", "worked", -0.7, -1.0, -0.4, 0.3,
                       "1.9 before (n 18,310), 1.2 after (n 18,240): −0.7 [−1.0, −0.4]."),
                Judged("CX-29", "New greeting in chat", "csat", "share", "no change seen", 0.004, -0.026, 0.034, 0.04,
                       "87.8 % before (n 610), 88.2 % after (n 604): +0.4 points [−2.6, +3.4]; "
                       "4 points would have been seen.")),
    )  # fmt: skip
    progress = Progress(
        initiatives=(
            InitiativeLine("Show the refund's state in the app", "quick win", "product-lead",
                           (MilestoneLine("Live for all", date(2026, 1, 12), date(2026, 1, 14), "hit late"),),
                           date(2026, 1, 12), 12000, 11200),
            InitiativeLine("A second carrier for offices", "next", "logistics-lead",
                           (MilestoneLine("Contract signed", date(2026, 2, 27), date(2026, 2, 25), "hit"),
                            MilestoneLine("Berlin and Hamburg live", date(2026, 3, 31), None, "due"),
                            MilestoneLine("All regions", date(2026, 9, 30), None, "coming")),
                           date(2026, 9, 30), 90000, 22000),
            InitiativeLine("Every agent sees the customer's whole history", "long term", "support-lead", (),
                           date(2028, 6, 30), 240000, 0),
        ),
        capabilities=(CapabilityLine("routing-data", 2, 4, date(2026, 6, 30), "logistics-lead"),),
        coming=(Coming("Roadmap and funding", date(2026, 4, 1), ("coo", "cx-lead")),),
    )  # fmt: skip
    small = SmallPrint(
        sources=(SourceDay("deliveries", date(2026, 3, 15)), SourceDay("helpdesk", date(2026, 3, 15)),
                 SourceDay("surveys", date(2026, 3, 15))),
        n_rows=71_340,
        set_aside=(SetAside("surveys", "survey_answers", "out-of-scale", 190),
                   SetAside("helpdesk", "tickets", "unreadable:opened_at", 24)),
        excluded=(("merged", 41), ("opened by us", 126), ("spam", 318)),
        n_ambiguous_times=4, n_swapped_dates=503,
        restated=(
            Restated(
                "Deliveries on time", "share", date(2026, 2, 9), date(2026, 3, 9), 0.953, 0.907, 9_870, 12_180,
                (Reason("late", source="carrier", table="orders", n=2_310, first=date(2026, 3, 12),
                        last=date(2026, 3, 12)),),
                kpi="on_time", window="28d",
            ),
        ),
        n_settled=2,
    )  # fmt: skip
    values = (
        ValueRow("Ticket volume", "ticket_volume", "{}", "count", "none", "28d",
                 a_point(MONDAY, 2262, 2170, 2357, 2262), Change("clearly changed", 182, 53, 311, before)),
        ValueRow("First reply time", "first_reply_time", "{}", "seconds", "down", "28d",
                 a_point(MONDAY, 9720, 9300, 10200, 2100, n_open=12),
                 Change("no clear change", -60, -700, 580, before)),
    )  # fmt: skip
    levels = (
        ValueRow("Backlog", "backlog", "{}", "count", "down", "28d", a_point(MONDAY, 41, 41, 41, 41),
                 Change("level", 4, None, None, before)),
        ValueRow("Survey response rate (relationship)", "survey_response_rate", '{"survey":"relationship"}', "share",
                 "up", "28d", a_point(MONDAY, 0.62, 0.60, 0.64, 2307, n_open=856, bounds=(0.45, 0.72)),
                 Change("open", None, None, None, before, 856)),
    )  # fmt: skip
    heard = Words(
        n_remarks=612, n_languages=3, n_notes=6, n_voices=590, n_before=2104,
        more=(Saying("late delivery", 121, 590, 136, 2104), Saying("card refused", 58, 590, 36, 2104)),
        new=(Saying("“paper straps cut”", 7, 590, 0, 2104),),
        less=(Saying("“where is my refund”", 24, 590, 244, 2104),),
        loved=(Saying("“pause with one tap”", 73, 192, None, 163),),
        said=(Saying("late delivery", 121, 590, 136, 2104), Saying("price", 31, 590, 118, 2104)),
        quotes=(Quote("late delivery", "Third week the boxes came after Monday's meeting."),), smallest_group=5,
    )  # fmt: skip
    summary = Summary("Acme Brew", "EUR", date(2026, 3, 9), MONDAY, MONDAY, (), rows, alerts, board,
                      (*values, *levels), progress, small, heard, is_quiet(alerts, board))  # fmt: skip
    return replace(summary, sentences=sentences(summary))
