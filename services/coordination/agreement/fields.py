"""The fields of an agreement, each alone: what does not fit where it stands, and what could stand there instead."""

import copy
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from services.coordination.agreement.text import Found, not_one_of
from services.coordination.domain.world.agreed import Agreement
from shared.core.errors import Said, marked

AGREEMENT = TypeAdapter(Agreement)
KEY = "[key]"
"""How pydantic says that the name of a field is wrong."""
TAGS = re.compile(r"literal\[.*|OnDuty")
"""How pydantic names the ways of writing down who is on duty."""
QUOTED = re.compile(r"'([^']*)'")
KINDS: Mapping[str, tuple[Said, Any]] = {
    "int": (marked("a whole number"), 1),
    "bool": (marked("true or false"), True),
    "string": (marked("a text, in quotes if it is a number"), ""),
    "date": (marked("a day as YYYY-MM-DD"), None),
    "tuple": (marked("a list"), None),
    "dict": (marked("fields with their values"), None),
    "dataclass": (marked("fields with their values"), None),
}
"""First word of pydantic's code → what was expected, and a value that goes through."""
OTHER = (marked("another value"), None)
WHO = marked("school, officer, roster, or an organisation with its role")
HANGING_TOGETHER = frozenset({"region", "valid_from", "duty", "roster", "holidays"})
"""Fields of which none can be judged while one of them is unreadable."""


@dataclass(frozen=True)
class Misfit:
    """A field that cannot be read."""

    found: Found
    instead: Any = None
    """What could stand there; None: what the agreement says that ships."""


def validated(content: Mapping[str, Any]) -> tuple[Agreement | None, list[Misfit]]:
    """The agreement, or every field that cannot be read."""
    try:
        return AGREEMENT.validate_python(content), []
    except ValidationError as error:
        errors = [dict(one) for one in error.errors(include_url=False)]
    misfits = [_misfit(one) for one in errors if _is_meant(content, one)]
    return None, list({misfit.found.place: misfit for misfit in reversed(misfits)}.values())[::-1]


def mended(content: Mapping[str, Any], shipped: Mapping[str, Any], misfits: Iterable[Misfit]) -> dict[str, Any]:
    """The content without what cannot be read, so that all the rest can be looked at."""
    whole = copy.deepcopy(dict(content))
    for misfit in misfits:
        _mend(whole, shipped, misfit)
    return whole


def apart(found: Found, misfits: Iterable[Misfit]) -> bool:
    """Whether something is wrong that has nothing to do with what cannot be read."""
    place = found.place
    return not any(_together(place, misfit.found.place) for misfit in misfits)


def _together(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    shared = min(len(one), len(other))
    return one[:shared] == other[:shared] or {one[0], other[0]} <= HANGING_TOGETHER


def _is_meant(content: Mapping[str, Any], error: Mapping[str, Any]) -> bool:
    """Who is on duty is one word or an organisation: of the two only what was meant counts."""
    tag = next((str(part) for part in error["loc"] if TAGS.fullmatch(str(part))), "")
    return not tag or (tag == "OnDuty") == isinstance(_at(content, error["loc"][:2]), dict)


def _misfit(error: Mapping[str, Any]) -> Misfit:
    place, code = _place(error), str(error["type"])
    if code == "missing":
        return Misfit(Found(place, marked("this field, which is missing"), "missing"))
    if code == "unexpected_keyword_argument":
        return Misfit(Found(place, marked("a field that exists"), "unknown", _field_names(), named=True))
    named = error["loc"][-1] == KEY
    if code in ("literal_error", "enum"):
        choices = QUOTED.findall(str(error["ctx"]["expected"]))
        found = not_one_of(place, choices, named)
        return Misfit(replace(found, expected=WHO) if place[0] == "duty" else found, choices[0])
    expected, instead = KINDS.get(code.partition("_")[0], OTHER)
    return Misfit(Found(place, expected, "wrong_type", named=named), instead)


def _place(error: Mapping[str, Any]) -> tuple[object, ...]:
    return tuple(part for part in error["loc"] if part != KEY and not TAGS.fullmatch(str(part)))


def _at(content: Any, place: Iterable[object]) -> Any:
    for key in place:
        try:
            content = content[key]
        except (KeyError, IndexError, TypeError):
            return None
    return content


def _mend(whole: dict[str, Any], shipped: Mapping[str, Any], misfit: Misfit) -> None:
    *above, last = misfit.found.place
    around: Any = _at(whole, above)
    if misfit.found.named and isinstance(around, dict):
        around.pop(last, None)
    elif misfit.instead is not None and _at(around, [last]) is not None:
        around[last] = misfit.instead
    else:
        _take_over(whole, shipped, misfit.found.place)


def _take_over(whole: dict[str, Any], shipped: Mapping[str, Any], place: tuple[object, ...]) -> None:
    """What ships takes the place of the field, or of the smallest part around it that ships at all."""
    for n in range(len(place), 0, -1):
        above, known = _at(whole, place[: n - 1]), _at(shipped, place[:n])
        if known is not None and isinstance(above, dict):
            above[place[n - 1]] = copy.deepcopy(known)
            return
    whole.pop(str(place[0]), None)


@cache
def _field_names() -> tuple[str, ...]:
    return tuple(dict.fromkeys(_fields(AGREEMENT.json_schema())))


def _fields(schema: Any) -> Iterator[str]:
    """Names of fields anywhere in the schema."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
    for below in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from _fields(below)
