"""The questions that `sources.yaml` declares, whatever kind of source asks them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

from ruamel.yaml.comments import CommentedMap

from domain.scales import Asked
from domain.source_specs import Files, SourceSpec, Warehouse
from domain.written import Written

_WORDS: Final = ("survey", "measure")


def asked_in(spec: SourceSpec, written: Written | None = None) -> list[Asked]:
    """The questions of one source: of its own mappings, else of the vendor's surveys that it declares.

    What is not declared whole is left out here: whoever reads it for good refuses it.

    Args:
        spec: the source. With a ready-made mapping filled in, its mappings are all there is.
        written: as it stands in the file, for the line of each survey; None: the source's own line is told.
    """
    mapped = [
        Asked(f"{spec.name}.survey_answers", words["survey"], words["measure"], scale.low, scale.high, mapping.line,
              scale.direction)
        for mapping in spec.tables
        if (scale := mapping.scale) and (words := mapping.constants).keys() >= {*_WORDS}
    ]  # fmt: skip
    if mapped or isinstance(spec.reads, Files):
        return mapped
    lines = {} if written is None else _lines(written)
    surveys = spec.reads.surveys if isinstance(spec.reads, Warehouse) else spec.reads.options.get("surveys")
    return [
        Asked(f"{spec.name}.surveys.{name}.{question}", survey, measure, low, high, lines.get(name, spec.line), best)
        for name, survey, question, measure, low, high, best in _whole(surveys)
    ]


def _whole(surveys: object) -> Iterator[tuple[str, str, str, str, float, float, str]]:
    """Of a vendor's surveys as they are declared: id, name, question, measure, lowest, highest, direction."""
    for name, survey in _items(surveys):
        for question, what in _items(_value(survey, "questions")):
            scale = _value(what, "scale")
            low, high = _value(scale, "low"), _value(scale, "high")
            words = _value(survey, "survey"), _value(what, "measure"), _value(scale, "direction")
            if isinstance(low, int | float) and isinstance(high, int | float) and all(words):
                called, measure, best = (str(word) for word in words)
                yield name, called, question, measure, float(low), float(high), best


def _lines(written: Written) -> dict[str, int]:
    """Where each declared survey stands, by the vendor's id."""
    place = written.mapping("options") if written.has("options") else written
    surveys = place.value("surveys")
    if not isinstance(surveys, CommentedMap):
        return {}
    held = cast("Mapping[object, Sequence[int]]", surveys.lc.data or {})
    return {str(key): line[0] + 1 for key, line in held.items()}


def _items(written: object) -> list[tuple[str, object]]:
    if not isinstance(written, Mapping):
        return []
    return [(str(key), value) for key, value in cast("Mapping[object, object]", written).items()]


def _value(written: object, key: str) -> Any:
    return cast("Mapping[str, Any]", written).get(key) if isinstance(written, Mapping) else None
