"""Instances of a JSON Schema, for the part of JSON Schema that the released schemas use; anything else is an error."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from re import _parser  # type: ignore[attr-defined]
from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]
PRODUCERS_OWN = {"x-codes", "x-source", "x-limit", "x-max-bytes"}
ANNOTATIONS = {
    "title",
    "description",
    "default",
    "$schema",
    "$id",
    "$defs",
    "x-codes",
    "x-source",
    "x-limit",
    "x-max-bytes",
}
WORDS = st.characters(codec="utf-8", exclude_characters="\x00")
FIRST, LAST = (datetime.combine(day, time.min) for day in (date(1950, 1, 1), date(2150, 1, 1)))
"""A schema sets no limit to a date; nobody is born, and nothing is due, outside these."""
LONGEST_TEXT, MOST_ITEMS = 40, 3
"""What is drawn where a schema sets no limit; limits themselves are tried by `largest`."""


def instances(schema: Json, *, closed: bool = True) -> st.SearchStrategy[Any]:
    """Values that fit the schema. `closed`: as our producers send them, with listed codes only."""
    return _Drawn(schema.get("$defs", {}), closed).of(schema)


class _Drawn:
    def __init__(self, defs: Json, closed: bool):
        self.defs, self.closed = defs, closed

    def of(self, schema: Json) -> st.SearchStrategy[Any]:
        rules = {word: rule for word, rule in schema.items() if word not in ANNOTATIONS}
        if ref := rules.pop("$ref", None):
            assert not rules, rules
            return self.of(self.defs[ref.rpartition("/")[2]])
        if options := rules.pop("anyOf", None):
            assert not rules, rules
            return st.one_of([self.of(option) for option in options])
        if self.closed and "x-codes" in schema:
            return st.sampled_from(sorted(schema["x-codes"]))
        if "enum" in rules or "const" in rules:
            return st.sampled_from(rules.get("enum") or [rules["const"]])
        found: st.SearchStrategy[Any] = getattr(self, f"_{rules.pop('type')}")(**rules)
        return found

    def _null(self) -> st.SearchStrategy[None]:
        return st.none()

    def _boolean(self) -> st.SearchStrategy[bool]:
        return st.booleans()

    def _integer(self, minimum: int | None = None, maximum: int | None = None) -> st.SearchStrategy[int]:
        return st.integers(minimum, maximum if maximum is not None else 10**9)

    def _string(
        self, pattern: str = "", format: str = "", minLength: int = 0, maxLength: int = LONGEST_TEXT
    ) -> st.SearchStrategy[str]:
        if pattern:
            return st.from_regex(pattern.removesuffix("$") + r"\Z")
        if format == "date":
            return st.dates(FIRST.date(), LAST.date()).map(str)
        if format == "date-time":
            return st.datetimes(FIRST, LAST, timezones=st.just(UTC)).map(lambda moment: moment.isoformat())
        assert not format, format
        return st.text(WORDS, min_size=minLength, max_size=min(maxLength, LONGEST_TEXT))

    def _array(self, items: Json, minItems: int = 0, maxItems: int = MOST_ITEMS) -> st.SearchStrategy[list[Any]]:
        return st.lists(self.of(items), min_size=minItems, max_size=min(maxItems, MOST_ITEMS))

    def _object(
        self,
        properties: Json | None = None,
        required: list[str] | None = None,
        additionalProperties: Any = False,
        propertyNames: Json | None = None,
        maxProperties: int = MOST_ITEMS,
    ) -> st.SearchStrategy[Json]:
        if isinstance(additionalProperties, dict):
            names = self.of({"type": "string", **(propertyNames or {})})
            return st.dictionaries(names, self.of(additionalProperties), max_size=min(maxProperties, MOST_ITEMS))
        fields = {name: self.of(rule) for name, rule in (properties or {}).items()}
        must = {name: strategy for name, strategy in fields.items() if name in (required or ())}
        return st.fixed_dictionaries(must, optional={n: s for n, s in fields.items() if n not in must})


def largest(schema: Json, defs: Json | None = None) -> int:
    """Bytes of the longest JSON that fits the schema. A character takes at most 6 (``\\u0001``)."""
    defs = defs or schema.get("$defs", {})
    if "x-max-bytes" in schema:
        return int(schema["x-max-bytes"])
    if ref := schema.get("$ref"):
        return largest(defs[ref.rpartition("/")[2]], defs)
    if options := schema.get("anyOf"):
        return max(largest(option, defs) for option in options)
    if values := schema.get("enum") or ([schema["const"]] if "const" in schema else None):
        return max(len(json.dumps(value)) for value in values)
    return _LARGEST[schema["type"]](schema, defs)


def _largest_text(schema: Json, _defs: Json) -> int:
    if pattern := schema.get("pattern"):
        return 2 + int(_parser.parse(pattern).getwidth()[1])
    if "format" in schema:
        return 2 + len("2027-03-01T08:00:00.000000+00:00")
    return 2 + 6 * int(schema["maxLength"])


def _largest_object(schema: Json, defs: Json) -> int:
    if isinstance(values := schema.get("additionalProperties"), dict):
        entry = largest({"type": "string", **schema["propertyNames"]}, defs) + largest(values, defs) + 2
        return 2 + int(schema["maxProperties"]) * entry
    fields = schema.get("properties", {}).items()
    return 2 + sum(len(name) + 4 + largest(field, defs) for name, field in fields)


_LARGEST: dict[str, Callable[[Json, Json], int]] = {
    "null": lambda _schema, _defs: 4,
    "boolean": lambda _schema, _defs: 5,
    "integer": lambda _schema, _defs: 20,
    "string": _largest_text,
    "array": lambda schema, defs: 2 + int(schema["maxItems"]) * (1 + largest(schema["items"], defs)),
    "object": _largest_object,
}
