"""Findings, incidents, messages, tasks and verdicts."""

from sql.tables.base import column, table
from sql.types import BigInteger, Boolean, Date, Float, Instant, Text

findings = table(
    "findings", "what one rule said of one series at one moment",
    column("rule", Text, "pace | drift | churn | listening", key=True),
    column("kpi", Text, "KPI; of listening the one that counts the invitations", key=True),
    column("scope", Text, "canonical JSON", key=True),
    column("benchmark", Text, "benchmark of the roadmap; empty: none", key=True),
    column("moment", Date, "the Monday before which all is judged", key=True),
    column("verdict", Text, "in words", required=True),
    column("is_breach", Boolean, "surely worse", required=True),
    column("is_recovered", Boolean, "back on the good side", required=True),
    column("is_provisional", Boolean, "judged on a short past", required=True),
    column("since", Date, "since when, as far as can be said"),
    column("expected", Float, "where it should be"),
    column("line", Float, "expected less tolerance"),
    column("period_start", Date, "first day of the period judged"),
    column("period_end", Date, "day after its last day"),
    column("n", BigInteger, "outcomes known"),
    column("n_open", BigInteger, "outcomes not known yet"),
    column("value", Float, "value of the period judged"),
    column("low", Float, "lower end of its interval"),
    column("high", Float, "upper end of its interval"),
    column("bound_low", Float, "value if all open outcomes fail"),
    column("bound_high", Float, "value if all open outcomes succeed"),
    column("note", Text, "what else is to be said"),
)  # fmt: skip

incidents = table(
    "incidents", "one episode of one (kpi, scope, rule, benchmark)",
    column("incident_id", Text, "derived from the key and the opening moment", key=True),
    column("key", Text, "labels alone: kpi, scope, rule, benchmark", required=True),
    column("kpi", Text, "KPI", required=True),
    column("scope", Text, "canonical JSON", required=True),
    column("rule", Text, "pace | drift | churn | listening", required=True),
    column("benchmark", Text, "benchmark; empty: none", required=True),
    column("state", Text, "pending | firing | acknowledged | snoozed | recovering | resolved | no data | error",
           required=True),
    column("opened_at", Date, "moment it fired (a Monday)", required=True),
    column("resolved_at", Date, "moment it was over"),
    column("since", Date, "when the trouble began, as far as can be said"),
    column("judged_through", Date, "last moment that was looked at", required=True),
    column("n_breaches", BigInteger, "moments in breach", required=True),
    column("n_recovered", BigInteger, "recovered moments in a row", required=True),
    column("is_told", Boolean, "a message went out", required=True),
    column("figures", Text, "JSON: numbers last told", required=True),
)  # fmt: skip

incident_events = table(
    "incident_events", "one change of state of one incident",
    column("event_id", Text, "derived from incident, moment and states", key=True),
    column("incident_id", Text, "the incident", required=True),
    column("moment", Date, "when (a Monday, or the day somebody acted)", required=True),
    column("old", Text, "state before", required=True),
    column("new", Text, "state after", required=True),
    column("reason", Text, "why, in words", required=True),
    column("actor", Text, "cxloop, or who acted", required=True),
)  # fmt: skip

outbox = table(
    "outbox", "one message to one channel, sent once",
    column("message_id", Text, "derived from key, kind and content", key=True),
    column("key", Text, "same for every edit of one message", required=True),
    column("channel", Text, "where to", required=True),
    column("kind", Text, "post | edit | reply", required=True),
    column("moment", Date, "moment it tells of", required=True),
    column("sequence", BigInteger, "order within the moment", required=True),
    column("text", Text, "readable text, also the notification", required=True),
    column("blocks", Text, "JSON: Block Kit blocks", required=True),
    column("state", Text, "waiting | sent | collapsed | failed", required=True),
    column("sent_to", Text, "slack | files", volatile=True),
    column("far_id", Text, "channel and ts that Slack gave", volatile=True),
    column("error", Text, "why it was not taken", volatile=True),
    column("n_tries", BigInteger, "times tried", required=True, volatile=True),
    column("sent_at", Instant, "when the other side answered (UTC)", volatile=True),
)  # fmt: skip

improvement_tasks = table(
    "improvement_tasks", "one improvement task",
    column("task_id", Text, "derived from the incident", key=True),
    column("number", BigInteger, "shown as CX-number", required=True),
    column("incident_id", Text, "incident that opened it", required=True),
    column("incident_key", Text, "labels of that incident", required=True),
    column("kpi", Text, "KPI", required=True),
    column("scope", Text, "canonical JSON", required=True),
    column("rule", Text, "pace | drift | churn", required=True),
    column("benchmark", Text, "benchmark; empty: none", required=True),
    column("state", Text, "proposed | accepted | in progress | blocked | done | verifying | worked | "
           "no change seen | made worse | cannot be judged | won't do", required=True),
    column("title", Text, "title", required=True),
    column("owner", Text, "role that owns it", required=True),
    column("opened_on", Date, "moment it was opened", required=True),
    column("due_on", Date, "due"),
    column("done_on", Date, "day it was said to be done"),
    column("judge_on", Date, "first Monday on which its effect can be judged"),
    column("body", Text, "JSON: what happened, evidence, five whys, hypothesis, what can be seen", required=True),
)  # fmt: skip

task_events = table(
    "task_events", "one change of one task: who, when, why",
    column("event_id", Text, "derived from task, day and states", key=True),
    column("task_id", Text, "the task", required=True),
    column("moment", Date, "day", required=True),
    column("old", Text, "state before", required=True),
    column("new", Text, "state after", required=True),
    column("reason", Text, "why", required=True),
    column("actor", Text, "cxloop, or who acted", required=True),
)  # fmt: skip

verdicts = table(
    "verdicts", "what one finished task did to its KPI",
    column("verdict_id", Text, "derived from task and moment", key=True),
    column("task_id", Text, "the task", required=True),
    column("moment", Date, "moment it was judged", required=True),
    column("outcome", Text, "worked | no change seen | made worse | cannot be judged", required=True),
    column("before", Text, "JSON: value, n and interval before"),
    column("after", Text, "JSON: value, n and interval after"),
    column("change", Float, "after less before"),
    column("change_low", Float, "lower end of its 95 % interval"),
    column("change_high", Float, "upper end of its 95 % interval"),
    column("detectable", Float, "smallest change that would have been seen"),
    column("reason", Text, "in words", required=True),
)  # fmt: skip
