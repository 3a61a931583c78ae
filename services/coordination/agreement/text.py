"""The text of an agreement: YAML, of which every place is known by its line, and of which nothing stands twice."""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import yaml

from shared.core.errors import Fault, Invalid, Said, marked

Place = tuple[str, ...]
LONGEST = 60
"""Characters that are shown of what was found."""
UNREADABLE = (yaml.YAMLError, ValueError, TypeError, AttributeError, RecursionError)
"""What comes of a text that is no YAML: also of a value that is not what its tag says, and of a thousand brackets."""
MOST = 10_000
"""Places in a text; one that refers to itself (`*name`) has more than fit."""
UNSHOWN = ("person",)
"""Fields of which is not repeated what was found: it may be the name of somebody."""


@dataclass(frozen=True)
class Found:
    """Something that is wrong in an agreement."""

    place: tuple[object, ...]
    expected: Said
    code: str = "invalid"
    choices: tuple[str, ...] = ()
    """What would have been right: the nearest of them is told."""
    named: bool = False
    """Whether it is the name of the field that is wrong, and not what it holds."""


def not_one_of(place: tuple[object, ...], choices: Iterable[str], named: bool = False) -> Found:
    """That something stands there which is none of these."""
    every = tuple(choices)
    return Found(place, marked("one of: %(choices)s", choices=", ".join(every)), "unknown", every, named)


@dataclass(frozen=True)
class Text:
    """What a file says, and on which line it says it."""

    name: str
    """Of the file, for whoever must mend it."""
    content: dict[str, Any]
    lines: Mapping[Place, int] = field(repr=False)

    def fault(self, found: Found) -> Fault:
        """What was expected, and what stands there; of what is missing, the line of what it is missing from."""
        keys, line = tuple(map(str, found.place)), self.line(found)
        where = f"{self.name} line {line}" if line else self.name
        at = ": ".join(part for part in (where, "/".join(keys)) if part)
        return Fault(at, self._with_found(found, keys), found.code)

    def line(self, found: Found) -> int:
        """Where it is wrong; 0 when it is about the text as a whole."""
        keys = tuple(map(str, found.place))
        return next((self.lines[keys[:n]] for n in range(len(keys), 0, -1) if keys[:n] in self.lines), 0)

    def _with_found(self, found: Found, keys: Place) -> str:
        value = keys[-1] if found.named else self._value(keys)
        if value is None or keys[-1] in UNSHOWN:
            return found.expected
        told = {"expected": found.expected, "found": value[:LONGEST]}
        for near in difflib.get_close_matches(value, found.choices, 1):
            return marked("%(expected)s; perhaps %(near)s; found: %(found)s", near=near, **told)
        return marked("%(expected)s; found: %(found)s", **told)

    def _value(self, keys: Place) -> str | None:
        """What stands at a place of this text; None when nothing does, or more than one word."""
        inner: Any = self.content
        for key in keys:
            below = inner if isinstance(inner, dict) else dict(enumerate(inner)) if isinstance(inner, list) else {}
            by_name = {str(name): value for name, value in below.items()}
            if key not in by_name:
                return None
            inner = by_name[key]
        return _shown(inner)


def _shown(value: Any) -> str | None:
    """A value as YAML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value or '""'
    return str(value) if isinstance(value, int | float | date) else None


class _Loader(yaml.SafeLoader):
    """As YAML 1.2 reads it: `on`, `off`, `yes` and `no` are words; only true and false are true and false."""

    def construct_yaml_timestamp(self, node: yaml.ScalarNode) -> Any:
        """A day; of one that no calendar has the text, which is then found wrong where it stands."""
        try:
            return super().construct_yaml_timestamp(node)
        except ValueError:
            return node.value


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _Loader.construct_yaml_timestamp)
TRUTH = "tag:yaml.org,2002:bool"
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != TRUTH]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(TRUTH, re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))


def read(text: str, name: str) -> Text:
    """The text of a file. Raises `Invalid` for what is no YAML, no list of fields, or said twice."""
    try:
        root = yaml.compose(text, Loader=_Loader)
        lines: dict[Place, int] = {}
        twice: list[Place] = []
        _walk(root, (), lines, twice)
        content = yaml.load(text, Loader=_Loader)
    except UNREADABLE as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None)
        where = f"{name} line {mark.line + 1}" if mark else name
        expected = marked("valid YAML (%(problem)s)", problem=problem) if problem else marked("valid YAML")
        raise Invalid([Fault(where, expected, "yaml")]) from None
    if not isinstance(root, yaml.MappingNode) or not isinstance(content, dict):
        raise Invalid([Fault(name, marked("fields with their values, such as `version: ...`"), "yaml")])
    found = Text(name, content, lines)
    if twice:
        raise Invalid([found.fault(Found(place, marked("this field only once"), "twice")) for place in twice])
    return found


def _walk(node: yaml.Node | None, place: Place, lines: dict[Place, int], twice: list[Place]) -> None:
    if node is None:
        return
    if len(lines) > MOST:
        raise yaml.YAMLError("it says more than an agreement can")
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            below = (*place, str(key.value))
            if below in lines:
                twice.append(below)
            lines[below] = key.start_mark.line + 1
            _walk(value, below, lines, twice)
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            _walk(item, (*place, str(number)), lines, twice)


def laid_over(below: dict[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """What `below` says, with what `above` says instead: field by field, a list as a whole."""
    both = dict(below)
    for key, value in above.items():
        under = below.get(key)
        both[key] = laid_over(under, value) if isinstance(under, dict) and isinstance(value, dict) else value
    return both
