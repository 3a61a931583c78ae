"""What others told of one child, folded again: the newest state of every entity, and who is the child by the links."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.coordination.domain.book import Reference, called
from services.coordination.domain.facts import Fact, merged
from shared.core.links import Link, beneath, family, survivor
from shared.schemas.envelope import Event

Body = dict[str, object]


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest state of an entity."""

    type: str
    sequence: int
    recorded_at: datetime
    first_at: datetime
    body: Body | None
    """None: it went over an encrypted topic, so that only its envelope is compared."""


@dataclass
class Child:
    """All references of a child as they are stored, and what was told of them."""

    references: dict[str, Reference] = field(default_factory=dict)
    links: set[Link] = field(default_factory=set)
    facts: dict[str, dict[str, Newest]] = field(default_factory=dict)
    """As stored: reference → entity."""
    persons: list[Fact] = field(default_factory=list)
    """Who the child is, as stored."""
    told: dict[str, dict[str, Newest]] = field(default_factory=dict)
    """As others told it and coordination has handled it: reference → entity."""
    linked: set[str] = field(default_factory=set)
    """References under which it was told that two are one."""
    erased: set[str] = field(default_factory=set)
    """References of which coordination told that they were erased."""
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    """Reference, and what of it is not what its schema says."""
    set_apart: set[str] = field(default_factory=set)
    """References of which something is in quarantine: what is stored may be older than what was told."""


def newer(before: Newest | None, event: Event) -> Newest:
    """The newest of what was told so far and this event."""
    first = min(before.first_at, event.time) if before else event.time
    if before and before.sequence >= event.sequence:
        return Newest(before.type, before.sequence, before.recorded_at, first, before.body)
    body = json.loads(event.data.model_dump_json(exclude_none=True, exclude={"recorded_by"}))
    return Newest(event.data.TYPE, event.sequence, event.time, first, body)


def faults(child: Child) -> Iterator[tuple[str, str]]:
    """Everything that is stored otherwise than it was told: reference and what. Names fields, never what is in them."""
    yield from child.unreadable
    gone = {ref for root in child.erased for ref in beneath(root, child.links)}
    for ref, stored in sorted(child.references.items()):
        if stored.erased != (ref in gone):
            yield ref, "is erased, and nobody told so" if stored.erased else "was erased, and is stored"
        elif not stored.erased and ref not in child.set_apart:
            yield from ((ref, what) for what in _differences(child.told.get(ref, {}), child.facts.get(ref, {})))
        root = _root(ref, child, gone)
        if stored.root != root:
            yield ref, f"belongs to {stored.root}, and by its links to {root}"
        name = called(merged(child.persons, root).person) if ref == root and ref not in gone else None
        if stored.name != name:
            yield ref, "has another name than was told"
    yield from _links(child, gone)


def _root(ref: str, child: Child, gone: set[str]) -> str:
    members = family(ref, child.links)
    return survivor(members - gone or members, child.links)


def _links(child: Child, gone: set[str]) -> Iterator[tuple[str, str]]:
    """Both ends of a link are told of it, as long as neither is erased."""
    ends = {ref for link in child.links for ref in link}
    for ref in sorted(child.linked - ends - gone - child.set_apart):
        yield ref, "was told to be one child with another, and is linked to nobody"
    for link in sorted(child.links):
        if not gone.intersection(link) and not child.linked.intersection(link):
            yield link[0], f"is linked to {link[1]}, and nobody told so"


def _differences(told: Mapping[str, Newest], stored: Mapping[str, Newest]) -> Iterator[str]:
    for entity in sorted({*told, *stored}):
        said, has = told.get(entity), stored.get(entity)
        if said is None or has is None:
            yield f"fact {entity} is " + ("stored, and nobody told it" if has else "not stored, and was told")
        elif wrong := list(_fields(said, has)):
            yield f"fact {entity}: {', '.join(wrong)} not as told"


def _fields(said: Newest, has: Newest) -> Iterable[str]:
    names = ("type", "sequence", "recorded_at", "first_at")
    yield from (name for name in names if getattr(said, name) != getattr(has, name))
    if said.body is not None and said.body != has.body:
        keys = {*said.body, *(has.body or {})}
        yield from sorted(f"body.{key}" for key in keys if said.body.get(key) != (has.body or {}).get(key))
