"""Text that people wrote, out of the HTML it came in."""

import re
from html.parser import HTMLParser
from typing import Final

_BREAKS: Final = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "blockquote"})
_UNSEEN: Final = frozenset({"script", "style"})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.unseen += tag in _UNSEEN
        if tag in _BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.unseen -= tag in _UNSEEN and self.unseen > 0
        if tag in _BREAKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.parts.append(data)


def text_of_html(html: str) -> str:
    r"""What a reader sees, a line a paragraph.

    >>> text_of_html("<p>It <b>never</b> loads &amp; costs &lt; 5.</p><script>x()</script><p>Why?</p>")
    'It never loads & costs < 5.\nWhy?'
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (re.sub(r"\s+", " ", line).strip() for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)
