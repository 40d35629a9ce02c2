"""Messages as files, where there is no Slack token: one pair of files per message, rewritten by its edits."""

import json
import os
import re
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from domain.errors import DeliveryError


def message_name(moment: date, channel: str, key: str) -> str:
    """The files' name: `2016-03-28-support-1a2b3c4d`.

    Args:
        moment: of the message's first post.
        channel: where it would go.
        key: the same for every edit.
    """
    place = re.sub(r"[^\w-]+", "-", channel.lstrip("#")).strip("-") or "channel"
    return f"{moment.isoformat()}-{place}-{sha256(key.encode()).hexdigest()[:8]}"


def write_message(folder: Path, name: str, payload: Mapping[str, Any], text: str) -> Path:
    """Write `<name>.json` (what Slack would get) and `<name>.txt` (what people read); whole or not at all.

    Raises:
        DeliveryError: the folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _replace(folder / f"{name}.txt", text + "\n")
        return _replace(folder / f"{name}.json", json.dumps(payload, ensure_ascii=False, indent=1) + "\n")
    except OSError as error:
        raise DeliveryError(
            f"{folder} cannot be written to: {error.strerror}. Mend that; the messages wait in the outbox."
        ) from error


def _replace(path: Path, text: str) -> Path:
    whole = path.with_suffix(f"{path.suffix}.part")
    with whole.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return whole.replace(path)
