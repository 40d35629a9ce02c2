"""Secrets out of the user's Prefect. Prefect is imported when one is asked for, and only then."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from domain.blocks import block_in
from domain.errors import ConfigError
from domain.written import did_you_mean

_WHERE: Final = (
    "Blocks are those of your own Prefect: run as a deployment, or with CXLOOP_PREFECT=external; or name a variable of "
    "the environment instead."
)
_MOST: Final = 200


def with_blocks(named: Mapping[str, str], wanted: Iterable[str]) -> dict[str, str]:
    """What is named, and each block of `wanted` with its secret: `block:acme-token` to the token.

    Raises:
        ConfigError: there is no such block, it is of another type, holds no text, or Prefect does not answer.
    """
    return {**named, **{text: secret_in(text) for text in wanted if block_in(text) is not None}}


def secret_in(text: str) -> str:
    """The secret that a text stands for: a block's, or the text itself.

    Raises:
        ConfigError: as `with_blocks`.
    """
    name = block_in(text)
    return text if name is None else _loaded(name)


def _loaded(name: str) -> str:
    from prefect.blocks.system import Secret
    from prefect.client.orchestration import get_client
    from prefect.exceptions import ObjectNotFound

    try:
        with get_client(sync_client=True) as client:
            try:
                client.read_block_document_by_name(name, Secret.get_block_type_slug())
            except ObjectNotFound:
                others = {
                    block.name: block.block_type.name if block.block_type else "another type"
                    for block in client.read_block_documents(limit=_MOST, include_secrets=False)
                    if block.name
                }
                raise ConfigError(_missing(name, others)) from None
        block = cast("Secret[Any]", Secret.load(name))  # pyright: ignore[reportUnknownMemberType]
        return _as_text(name, block.value.get_secret_value())
    except ConfigError:
        raise
    except Exception as problem:  # noqa: BLE001 - whatever the client's transport raises
        raise ConfigError(
            f"the Prefect block '{name}' cannot be read ({type(problem).__name__}): is the server that PREFECT_API_URL "
            f"names there, and does it let this user in? {_WHERE}"
        ) from None


def _missing(name: str, others: Mapping[str, str]) -> str:
    if name in others:
        return f"the Prefect block '{name}' is of type {others[name]}, expected Secret. Save the secret as one."
    secrets = [other for other, kind in others.items() if kind == "Secret"]
    there = (
        f" Secret blocks there are: {', '.join(sorted(secrets))}." if secrets else " There is no Secret block at all."
    )
    return f"there is no Prefect block '{name}' of type Secret.{did_you_mean(name, secrets)}{there} {_WHERE}"


def _as_text(name: str, value: object) -> str:
    """A key file is often kept as JSON values: it is handed on as the text that it was."""
    if isinstance(value, dict):
        return json.dumps(value)
    if isinstance(value, str) and value:
        return value
    kind = "nothing" if value in (None, "") else type(value).__name__
    raise ConfigError(f"the Prefect block '{name}' holds {kind}, expected a text. Save the secret as a text.")
