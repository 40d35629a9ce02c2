"""A neutral message as Slack's Block Kit; everything foreign in it is inert.

Slack's limits (api.slack.com/reference/block-kit): 3,000 characters a section, 2,000 a context text,
50 blocks a message.
"""

import re
from collections.abc import Iterator
from html import escape
from typing import Any

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    MarkdownTextObject,
    Option,
    SectionBlock,
    StaticSelectElement,
)

from tasks.alert.subject import Alert

SECTION, CONTEXT, MOST_BLOCKS = 2_900, 1_900, 50
"""Room for the longest text after escaping is checked against these, below Slack's own limits."""

_SNOOZE = {"1w": "1 week", "2w": "2 weeks", "4w": "4 weeks"}
_NOT_USEFUL = {"known": "We knew", "wrong": "It is wrong", "small": "Too small to matter", "not-ours": "Not for us"}
_INERT = str.maketrans({
    "&": "&amp;", "<": "&lt;", ">": "&gt;", "*": "∗", "`": "ˋ", "~": "∼", "@": "@\u2060", "#": "#\u2060",
})  # fmt: skip

_CALLS = re.compile(r"@(?=(?:here|channel|everyone)\b)")


def blocks_of(alert: Alert) -> list[dict[str, Any]]:
    """The message as a list of blocks, checked against Slack's limits.

    Headline and mentions first; then what became of it, how sure, the facts; buttons; small print.
    """
    blocks: list[Block] = [_section(_first(alert))]
    if alert.status:
        blocks.append(_context(inert(alert.status)))
    if alert.sentences:
        blocks.append(_section("\n".join(inert(sentence) for sentence in alert.sentences)))
    blocks += [_section(text) for text in _packed(alert)]
    if alert.incident_id is not None:
        blocks.append(_buttons(alert.incident_id))
    if alert.footer:
        blocks.append(_context(inert(alert.footer)))
    return [block.to_dict() for block in blocks[:MOST_BLOCKS]]


def inert(text: str) -> str:
    """Text from people or files that neither formats, links nor calls anybody in Slack.

    >>> inert("<!channel> *now* & @here")
    '&lt;!channel&gt; ∗now∗ &amp; @\u2060here'
    """
    # an underscore inside a word formats nothing; one at its edge would begin italics
    return re.sub(r"(?<!\w)_|_(?!\w)", "ˍ", text.translate(_INERT))


def spoken(text: str) -> str:
    """Readable text as Slack takes it for notifications: it links nothing and calls nobody.

    >>> spoken("R&D <!channel> @here")
    'R&amp;D &lt;!channel&gt; @\u2060here'
    """
    return _CALLS.sub("@\u2060", escape(text, quote=False))


def mention(handle: str) -> str:
    """A Slack handle or id so that Slack tells the person or group.

    >>> mention("U0123ABCD"), mention("S0123ABCD"), mention("@cx-lead")
    ('<@U0123ABCD>', '<!subteam^S0123ABCD>', '@cx-lead')
    """
    if re.match(r"^[UW][A-Z0-9]{8,}$", handle):
        return f"<@{handle}>"
    if re.match(r"^S[A-Z0-9]{8,}$", handle):
        return f"<!subteam^{handle}>"
    return re.sub(r"[^\w@.\-]", "", handle)


def _first(alert: Alert) -> str:
    called = "  ".join(mention(handle) for handle in alert.mentions)
    headline = _cut(f"{alert.icon} *{inert(alert.headline)}*", SECTION - 500)
    return f"{headline}  {called}"[:SECTION] if called else headline


def _packed(alert: Alert) -> Iterator[str]:
    """The facts in as few sections as hold them."""
    held = ""
    for label, text in alert.facts:
        line = _cut(f"*{inert(label)}:* {inert(text)}" if text else f"• {inert(label)}", SECTION)
        if len(held) + len(line) + 1 > SECTION:
            yield held
            held = ""
        held = f"{held}\n{line}" if held else line
    if held:
        yield held


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    # never in the middle of an escaped sign
    kept = re.sub(r"&[a-z]{0,4}$", "", text[: most - 2])
    return f"{kept} …{'*' if text.endswith('*') else ''}"[:most]


def _section(text: str) -> SectionBlock:
    return SectionBlock(text=MarkdownTextObject(text=_cut(text, SECTION)))


def _context(text: str) -> ContextBlock:
    return ContextBlock(elements=[MarkdownTextObject(text=_cut(text, CONTEXT))])


def _buttons(incident_id: str) -> ActionsBlock:
    return ActionsBlock(
        block_id=incident_id,
        elements=[
            ButtonElement(text="I'm on it", action_id="cxloop.acknowledge", value=incident_id, style="primary"),
            ButtonElement(text="Assign", action_id="cxloop.assign", value=incident_id),
            StaticSelectElement(placeholder="Snooze", action_id="cxloop.snooze", options=_options(_SNOOZE)),
            StaticSelectElement(placeholder="Not useful", action_id="cxloop.not_useful", options=_options(_NOT_USEFUL)),
            ButtonElement(text="Details", action_id="cxloop.details", value=incident_id),
        ],
    )


def _options(words: dict[str, str]) -> list[Option]:
    return [Option(value=value, text=text) for value, text in words.items()]
