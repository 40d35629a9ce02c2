"""The connectors there are, and what sources.yaml may say about each."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from domain.connectors import Connector, Option
from domain.errors import ConfigError, SourcesError
from domain.source_specs import Interface, SourceSpec
from domain.written import likely
from tasks.extract.connectors import (
    app_store,
    chatwoot,
    feed,
    formbricks,
    freshdesk,
    google_play,
    hubspot,
    intercom,
    qualtrics,
    request_tracker,
    slack_channel,
    surveymonkey,
    typeform,
    zendesk,
)

_MODULES: Final = (
    app_store, chatwoot, feed, formbricks, freshdesk, google_play, hubspot, intercom, qualtrics, request_tracker,
    slack_channel, surveymonkey, typeform, zendesk,
)  # fmt: skip

CONNECTORS: Final[dict[str, Connector]] = {module.CONNECTOR.kind: module.CONNECTOR for module in _MODULES}
"""By kind."""

_TYPES: Final[dict[str, type | tuple[type, ...]]] = {
    "text": str, "whole": int, "flag": bool, "texts": list, "mapping": dict,
}  # fmt: skip
_SAID: Final = {
    "text": "a text", "whole": "a whole number", "flag": "true or false", "texts": "a list of texts",
    "mapping": "names with values",
}  # fmt: skip


def check(spec: SourceSpec) -> None:
    """Whether a source asks for what its connector has.

    Raises:
        SourcesError: an unknown stream, option or secret, a missing or wrong option; one line per problem.
    """
    if not isinstance(spec.reads, Interface):
        return
    connector = CONNECTORS[spec.kind]
    known = {
        "streams": [stream.name for stream in connector.streams],
        "secrets": [secret.name for secret in connector.secrets],
        "options": [option.name for option in connector.options],
    }
    said = {"streams": spec.reads.streams, "secrets": spec.reads.secrets, "options": spec.reads.options}
    wrong = [
        f"{place}: '{name}' is not known.{likely(name, known[place])}"
        for place, names in said.items() for name in names if name not in known[place]
    ]  # fmt: skip
    feeds = sorted({table for stream in connector.streams for table in stream.feeds})
    wrong += [
        f"tables: {connector.title} gives no {mapping.table}. It gives: {', '.join(feeds)}."
        for mapping in spec.tables if mapping.table not in feeds
    ]  # fmt: skip
    if not connector.address and not spec.reads.address:
        wrong.append("address: missing: where your own one is, as https://desk.example")
    wrong += [text for option in connector.options if (text := _wrong(option, spec.reads.options))]
    if wrong:
        raise SourcesError("\n".join(f"sources.yaml:{spec.line}  {spec.name}.{each}" for each in wrong))


def _wrong(option: Option, written: Mapping[str, Any]) -> str | None:
    value = written.get(option.name)
    if value is None:
        return f"options: '{option.name}' is missing: {option.meaning}" if option.is_required else None
    is_flag_for_number = option.type == "whole" and isinstance(value, bool)
    if not isinstance(value, _TYPES[option.type]) or is_flag_for_number:
        return f"options: {option.name}: expected {_SAID[option.type]}, found '{value}'"
    try:
        if option.check:
            option.check(value)
    except SourcesError as problem:
        return f"options: {problem}"
    return None


def without_members(spec: SourceSpec, stream: str) -> str | None:
    """The option that a stream is read once for each member of, where it has none: there is nothing to read."""
    if not isinstance(spec.reads, Interface):
        return None
    connector = CONNECTORS[spec.kind]
    name = connector.stream(stream).per_option
    return name if name and not with_defaults(connector, spec.reads.options)[name] else None


def left_unread(spec: SourceSpec) -> list[str]:
    """Streams that are not read because nobody said of what, in words; an option that is written empty is meant so."""
    if not isinstance(spec.reads, Interface):
        return []
    connector, reads = CONNECTORS[spec.kind], spec.reads
    wanted = [stream for stream in connector.streams if not reads.streams or stream.name in reads.streams]
    options = {option.name: option for option in connector.options}
    unread: dict[str, list[str]] = {}
    for stream in wanted:
        name = without_members(spec, stream.name)
        if name and reads.options.get(name) is None:
            unread.setdefault(name, []).append(stream.name)
    return [
        f"{spec.name}: {', '.join(streams)} not read, for options: {name} is not set: {options[name].meaning}. Write "
        f"`{name}: {'{}' if options[name].type == 'mapping' else '[]'}` if that is meant."
        for name, streams in unread.items()
    ]


def with_defaults(connector: Connector, written: Mapping[str, Any]) -> dict[str, Any]:
    """The options as written, with the connector's defaults for the others."""
    return {option.name: written.get(option.name, option.default) for option in connector.options}


def allowed(connector: Connector, reads: Interface) -> Connector:
    """The connector with the limit of a day that sources.yaml says is this company's."""
    return connector if reads.calls_a_day is None else replace(connector, per_day=reads.calls_a_day)


def address_of(connector: Connector, reads: Interface) -> str:
    """Where the interface is: as sources.yaml says, else the connector's own, with its options filled in."""
    return reads.address or connector.address.format_map(with_defaults(connector, reads.options)).rstrip("/")


def secret_variables(connector: Connector, reads: Interface) -> dict[str, str]:
    """The connector's name of each secret to the environment variable it is read from."""
    return {secret.name: reads.secrets.get(secret.name, secret.variable) for secret in connector.secrets}


def secrets_from(connector: Connector, reads: Interface, environment: Mapping[str, str], source: str) -> dict[str, str]:
    """The secrets by the connector's name.

    Raises:
        ConfigError: one is not set; says which variable, what it is and where the vendor gives it.
    """
    variables = secret_variables(connector, reads)
    missing = [secret for secret in connector.secrets if not environment.get(variables[secret.name])]
    if missing:
        said = "; ".join(f"{variables[secret.name]} ({secret.meaning})" for secret in missing)
        raise ConfigError(f"{source}: not set: {said}. Set it in the environment or in the project's .env.")
    return {name: environment[variable] for name, variable in variables.items()}
