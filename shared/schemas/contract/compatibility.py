"""Whether an event may change within its version: a field may be added if it is optional, and nothing else.

Both directions follow from that: a new consumer reads what old producers send, and an old consumer reads what new
producers send (docs/decisions/0010). What only producers check may change freely: codes of a list, and limits.
"""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
FREE = {"title", "description", "examples", "default", "x-codes", "x-source", "x-limit", "x-max-bytes"}
"""Words that say something to people, or to producers alone."""
LIMITS = ("maxItems", "maxProperties", "maxLength")
"""Free where they are marked as the producer's business, so that no consumer checks them."""
PARTS = ("items", "additionalProperties", "propertyNames")


def broken(released: Json, newest: Json) -> list[str]:
    """What of a released schema the newest no longer keeps, each naming its field. Empty: compatible."""
    return [
        f"{where}: {what}; add a version" for where, what in _changes(_resolved(released), _resolved(newest), "data")
    ]


def opened(schema: Json) -> Json:
    """The schema as a consumer reads: unknown fields may be there, and limits of producers are not looked at."""
    left_out = {"additionalProperties"} if schema.get("additionalProperties") is False else set()
    left_out |= set(LIMITS) if "x-limit" in schema else set()
    return {word: _map(rule, opened) for word, rule in schema.items() if word not in left_out}


def _map(rule: Any, change: Any) -> Any:
    if isinstance(rule, dict):
        return change(rule)
    return [_map(one, change) for one in rule] if isinstance(rule, list) else rule


def _resolved(schema: Json) -> Json:
    """The schema with every reference replaced by what it refers to."""
    defs = schema.get("$defs", {})

    def replaced(part: Json) -> Json:
        if ref := part.get("$ref"):
            return replaced({**defs[ref.rpartition("/")[2]], **{k: v for k, v in part.items() if k != "$ref"}})
        return {word: _map(rule, replaced) for word, rule in part.items() if word != "$defs"}

    return replaced(schema)


def _changes(old: Json, new: Json, where: str) -> Iterator[tuple[str, str]]:
    if "properties" in old and "properties" in new:
        yield from _fields(old, new, where)
    yield from _rules(_without_fields(old), _without_fields(new), where)


def _fields(old: Json, new: Json, where: str) -> Iterator[tuple[str, str]]:
    must_before, must_now = set(old.get("required", ())), set(new.get("required", ()))
    for name, rule in old["properties"].items():
        if name not in new["properties"]:
            yield f"{where}/{name}", "the field is gone"
        else:
            yield from _changes(rule, new["properties"][name], f"{where}/{name}")
    for name in sorted((must_now - must_before) & set(old["properties"])):
        yield f"{where}/{name}", "the field was optional and is required now"
    for name in sorted((must_before - must_now) & set(new["properties"])):
        yield f"{where}/{name}", "the field was required and is optional now"
    for name in sorted(must_now - set(old["properties"])):
        yield f"{where}/{name}", "a new field is required"


def _rules(old: Json, new: Json, where: str) -> Iterator[tuple[str, str]]:
    for word in sorted({*old, *new} - FREE):
        before, now = old.get(word), new.get(word)
        if before == now or (word in LIMITS and "x-limit" in new and (before is None or "x-limit" in old)):
            continue
        if word == "enum" and before and now:
            yield where, _values(set(before), set(now))
        elif word in PARTS and isinstance(now, dict) and isinstance(before or {}, dict):
            yield from _changes(before or {}, now, f"{where}/{word}")
        elif word == "anyOf" and before and now and len(before) == len(now):
            for one, other in zip(before, now, strict=True):
                yield from _changes(one, other, where)
        else:
            yield where, f"`{word}` was {before} and is {now} now"


def _values(before: set[Any], now: set[Any]) -> str:
    said = [
        f"{word} {', '.join(sorted(map(str, which)))}"
        for word, which in (("the value is gone:", before - now), ("old consumers do not know", now - before))
        if which
    ]
    return "; ".join(said)


def _without_fields(schema: Json) -> Json:
    return {word: rule for word, rule in schema.items() if word not in ("properties", "required")}
