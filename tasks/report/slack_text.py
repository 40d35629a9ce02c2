"""The summary as one Slack message of at most fifteen lines."""

import hashlib
import re
from collections.abc import Sequence

from domain.records import Message
from tasks.report import phrases as say
from tasks.report.standing import BenchmarkRow, Standing
from tasks.report.summary import Summary

MOST_LINES = 15
_SECTION_LIMIT = 2900
"""Slack takes 3000 characters in one section."""
_FORMATTING = re.compile(r"(?<!\w)([*_~`])|([*_~`])(?!\w)")
"""Signs that begin or end bold, italic, struck or code; within a word they do nothing."""


def summary_message(summary: Summary, channel: str, page: str) -> Message:
    """The message; its key is the week's, so that it is posted once.

    Args:
        summary: the week.
        channel: where to.
        page: where the whole summary can be read.
    """
    text = slack_text(summary, page)
    sections = [text[:_SECTION_LIMIT]] if len(text) <= _SECTION_LIMIT else _cut(text.split("\n"))
    blocks: list[dict[str, object]] = [
        {"type": "section", "text": {"type": "mrkdwn", "text": section}} for section in sections
    ]
    body = hashlib.sha256(text.encode()).hexdigest()
    return Message(f"summary:{summary.week}", channel, "post", text, blocks, body)


def slack_text(summary: Summary, page: str) -> str:
    """Section 1, what is red, what is due, where to read on; of a quiet week three lines.

    Args:
        summary: the week.
        page: where the whole summary can be read.
    """
    title = f"*{_inert(summary.company)} · {_inert(say.heading(summary))}*"
    if summary.is_quiet:
        first, *rest = map(_inert, summary.sentences)
        return "\n".join((f"{title}  {first}", " ".join(rest[:1]) or "No benchmark is set yet.", _foot(summary, page)))
    red = summary.standing(Standing.BEHIND)
    due = [
        *(f"⏰ overdue: {_inert(say.task_line(t, summary))}" for t in summary.board.overdue),
        *(f"due: {_inert(say.task_line(t, summary))}" for t in summary.board.due),
    ]
    judged = [f"{say.OUTCOME_ICONS[j.outcome]} {j.outcome}: {_inert(say.judged_line(j))}" for j in summary.board.judged]
    room = MOST_LINES - 2 - len(summary.sentences)
    heard = [f"💬 {_inert(line)}"] if (line := say.heard_in_short(summary)) else []
    care = [f"🚪 {_inert(line)}"] if (line := say.care_in_short(summary)) else []
    lines = _fitting(([_red(row) for row in red], due, judged, care, heard), room)
    return "\n".join((title, *map(_inert, summary.sentences), *lines, _foot(summary, page)))


def _red(row: BenchmarkRow) -> str:
    sure = f" ({say.sure(row)})" if say.sure(row) else ""
    told = (
        f"{row.title} {say.now(row)}{sure}, plan {say.plan(row)}, {say.target(row)} · {say.change(row)} · {row.owner}"
    )
    return f"{say.ICONS[row.standing]} {_inert(told)}{f' → {row.task}' if row.task else ''}"


def _foot(summary: Summary, page: str) -> str:
    small = say.small_print(summary)
    return _inert(" ".join((*small[:1], f"All of it: {page}")))


def _fitting(groups: Sequence[Sequence[str]], room: int) -> list[str]:
    """Lines of all groups in order; what does not fit is counted in the last line."""
    lines = [line for group in groups for line in group]
    if len(lines) <= room:
        return lines
    return [*lines[: room - 1], f"… and {len(lines) - room + 1} more on the page"]


def _cut(lines: Sequence[str]) -> list[str]:
    """Lines in sections that Slack takes."""
    sections = [""]
    for line in lines:
        joined = f"{sections[-1]}\n{line[:_SECTION_LIMIT]}".lstrip("\n")
        if len(joined) > _SECTION_LIMIT:
            sections.append(line[:_SECTION_LIMIT])
        else:
            sections[-1] = joined
    return sections


def _inert(text: str) -> str:
    """Words from files and people: mentions, links and formatting do nothing."""
    one_line = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    one_line = one_line.replace("@", "@\u2060")
    return _FORMATTING.sub("\u200b\\g<0>", one_line)
