"""The text of an agreement: YAML, of which every place is known by its line, and of which nothing stands twice."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from shared.core.errors import Fault, Invalid

Place = tuple[str, ...]
Found = tuple[tuple[object, ...], str, str]
"""Where something is wrong, what was expected there, and the code of the fault."""


@dataclass(frozen=True)
class Text:
    """What a file says, and on which line it says it."""

    name: str
    """Of the file, for whoever must mend it."""
    content: dict[str, Any]
    lines: Mapping[Place, int] = field(repr=False)

    def fault(self, place: tuple[object, ...], expected: str, code: str) -> Fault:
        """What was expected at a place; of what is missing, the line of what it is missing from."""
        keys = tuple(map(str, place))
        near = next((self.lines[keys[:n]] for n in range(len(keys), 0, -1) if keys[:n] in self.lines), None)
        where = f"{self.name} line {near}" if near else self.name
        return Fault(": ".join(part for part in (where, "/".join(keys)) if part), expected, code)


class _Loader(yaml.SafeLoader):
    """As YAML 1.2 reads it: `on`, `off`, `yes` and `no` are words; only true and false are true and false."""


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
        content = yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None)
        where = f"{name} line {mark.line + 1}" if mark else name
        raise Invalid([Fault(where, f"valid YAML{f' ({problem})' if problem else ''}", "yaml")]) from None
    if not isinstance(root, yaml.MappingNode) or not isinstance(content, dict):
        raise Invalid([Fault(name, "fields with their values, such as `version: ...`", "yaml")])
    lines: dict[Place, int] = {}
    twice: list[Place] = []
    _walk(root, (), lines, twice)
    found = Text(name, content, lines)
    if twice:
        raise Invalid([found.fault(place, "this field only once", "twice") for place in twice])
    return found


def _walk(node: yaml.Node, place: Place, lines: dict[Place, int], twice: list[Place]) -> None:
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
