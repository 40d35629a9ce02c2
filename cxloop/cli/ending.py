"""What a run ends with: the verdict, what was sent where, and where the page lies."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import select

from cxloop.cli.place import Place
from sql.store import Store
from sql.tables import outbox, runs

NO_VERDICT = "No complete week yet: no verdict."


def print_ending(here: Place) -> None:
    """Tell how the last run ended."""
    with here.store.reading() as connection:
        last = Store.rows(connection, select(runs).order_by(runs.c.fence.desc()).limit(1))[0]
        sent = Store.rows(
            connection,
            select(*(outbox.c[name] for name in ("channel", "sent_to")))
            .where(outbox.c.state == "sent", outbox.c.sent_at >= last["started_at"])
            .order_by(outbox.c.channel),
        )
    page = json.loads(last["summary"] or "{}").get("page")
    print()
    print(_verdict(Path(page)) if page else NO_VERDICT)
    print()
    print(_sent(sent, here.project.out))
    if page:
        print(f"Summary: {_near(Path(page))}")


def _verdict(page: Path) -> str:
    """The first sentences of a summary, from the numbers that lie beside its page."""
    sentences: list[str] = json.loads(page.with_suffix(".json").read_text(encoding="utf-8")).get("sentences", [])
    return "\n".join(sentences) or NO_VERDICT


def _sent(rows: list[dict[str, Any]], out: Path) -> str:
    if not rows:
        return "Sent: nothing new."
    counts = Counter((row["channel"], row["sent_to"]) for row in rows)
    told = ", ".join(f"{n} to {channel}" for (channel, _), n in sorted(counts.items()))
    to_files = any(row["sent_to"] == "files" for row in rows)
    return f"Sent: {told}" + (f" (no Slack token: written under {_near(out)})" if to_files else "")


def _near(path: Path) -> str:
    """A path as short as it can be typed from here."""
    path = path.resolve()
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
