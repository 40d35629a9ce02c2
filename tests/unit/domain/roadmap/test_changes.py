"""What changed between two versions, in words."""

from domain.roadmap import changes


def test_nothing_changed_is_nothing_said(acme):
    assert changes(acme, acme) == []


def test_a_changed_target_asks_for_its_reason(acme, edited):
    assert changes(edited(("target: 35", "target: 38")), acme) == [
        "nps-office target 38 → 35. Say why with `why:`; the summary will show the change."
    ]


def test_a_changed_target_with_a_new_reason_gives_it(acme, edited):
    new = edited(
        ("target: 35", "target: 30"), ("why: Offices renew on the advice of one contact", "why: Two carriers fell out")
    )
    assert changes(acme, new) == ["nps-office target 35 → 30. Why: Two carriers fell out"]


def test_several_changes_of_one_benchmark_are_one_line(acme, edited):
    new = edited(("target: 10, by: 2026-12-31", "target: 11, by: 2027-06-30"))
    assert changes(acme, new) == [
        "contacts target 10 → 11, by 2026-12-31 → 2027-06-30. Say why with `why:`; the summary will show the change."
    ]


def test_a_changed_owner_needs_no_reason(acme, edited):
    new = edited(("tolerance: 0.5, owner: support-lead", "tolerance: 0.5, owner: cx-lead"))
    assert changes(acme, new) == ["contacts owner support-lead → cx-lead."]


def test_what_is_new_and_what_is_gone_is_told(acme, edited):
    other = edited(("  self-service: ", "  help-pages: "))
    assert changes(acme, other) == ["self-service is gone.", "help-pages is new."]


def test_moved_milestones_and_budgets_are_told(acme, edited):
    new = edited(("due: 2026-03-31", "due: 2026-05-31"), ("planned: 90000", "planned: 120000"))
    assert changes(acme, new) == [
        "two-carriers budget planned 90000 → 120000.",
        "two-carriers milestone 'Berlin and Hamburg live' due 2026-03-31 → 2026-05-31.",
    ]


def test_steps_are_told_as_they_are_written(acme, edited):
    (line,) = changes(acme, edited(("{2026-07-01: 0.12}", "{2026-07-01: 0.11}")))
    assert line.startswith("renewal-office steps {2026-07-01: 0.12} → {2026-07-01: 0.11}. Say why")
