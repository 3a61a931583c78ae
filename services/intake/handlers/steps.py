"""Steps into states: one way for every command and every file to tell something of an application and to publish it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from services.intake import store
from services.intake.domain.application import is_mbo
from services.intake.domain.steps import Channel, Says, Step, commanded, last_one
from services.intake.store import Application, steps
from services.intake.store.steps import Entity, Place, Version
from shared.core.actor import Actor
from shared.core.errors import Fault, IllegalMove, Invalid, NotFound, check_version
from shared.core.machine import Machine
from shared.schemas.envelope import Draft, EventData, Outcome
from shared.storage.pool import Connection

S = TypeVar("S")
NOT_MBO = "not_mbo"
"""Where the intake or student of vavo and other education stands: nowhere, it is not kept here."""


@dataclass(frozen=True, slots=True)
class Topic(Generic[S]):
    """How the steps of one kind of entity become its state, its row and its event."""

    entity: Entity
    present: Callable[[Application, Sequence[Step]], S]
    save: Callable[[Connection, str, datetime, str, Mapping[Place, S]], Awaitable[None]]
    event: Callable[[Application, str, S, str, datetime], EventData]
    """Of an application, key, state, institution and moment."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of one entity, beside what was told before."""

    application: Application
    key: str
    before: Sequence[Step]
    news: Sequence[Step]

    @property
    def place(self) -> Place:
        return self.application.application_id, self.key


class Ask(Protocol):
    """A command that makes a move of one entity."""

    @property
    def place(self) -> Place: ...
    @property
    def move(self) -> str: ...
    @property
    def said(self) -> Says | None: ...
    @property
    def channel(self) -> Channel: ...
    @property
    def version(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Rules(Generic[S]):
    """What may be asked of one kind of entity."""

    machine: Machine
    state: Callable[[Application, S], str]
    """Where it stands, as the machine names it."""
    faults: Callable[[Any, S, datetime], list[Fault]]
    """Everything wrong with what is told, by field."""
    implied: Callable[[str, S], Says | None] = lambda _move, _present: None
    """What a move says by itself, beside undoing; None: it can not."""


async def make(conn: Connection, ask: Ask, by: tuple[Actor, datetime], topic: Topic[S], rules: Rules[S]) -> Outcome:
    """Make a move. What changes nothing is not kept. The value is the version there is then.

    Raises `NotFound`, `Stale`, `Forbidden`, `IllegalMove` and `Invalid` (all faults, by field).
    """
    (actor, now), (application_id, key) = by, ask.place
    application, version = await _held(conn, actor, topic, ask)
    told = (await steps.steps(conn, actor.organisation, topic.entity, [application_id]))[application_id][key]
    present = topic.present(application, told)
    state = rules.state(application, present)
    rules.machine.after(state, ask.move, [actor.role])
    says = last_one(told) if ask.move == "undo" else ask.said or rules.implied(ask.move, present)
    if says is None:
        raise _refused(rules.machine, state, ask.move)
    if ask.move != "undo" and (faults := rules.faults(says, present, now)):
        raise Invalid(faults)
    step = commanded(told, says, now, ask.channel, actor.role.value)
    after = topic.present(application, [*told, step])
    if after == present:
        return Outcome(value=version)
    if not rules.machine.allows(state, ask.move, rules.state(application, after)):
        raise _refused(rules.machine, state, ask.move)
    events = await tell(conn, actor, now, topic, [Told(application, key, told, [step])])
    return Outcome(events, value=version + 1)


def _refused(machine: Machine, state: str, move: str) -> IllegalMove:
    return IllegalMove(machine.entity, state, move, [other for other in machine.open_moves(state) if other != move])


async def _held(conn: Connection, actor: Actor, topic: Topic[S], ask: Ask) -> tuple[Application, int]:
    """The application, locked, and the version of the entity.

    Raises `NotFound`, `IllegalMove` when it is not of the mbo, and `Stale` when another version was read.
    """
    await store.hold_links(conn)
    application = await store.application(conn, actor.organisation, ask.place[0])
    if application is None:
        raise NotFound(f"application {ask.place[0]}")
    if not is_mbo(application.programme, application.pathway):
        raise IllegalMove(topic.entity, NOT_MBO, ask.move, [])
    versions = await steps.versions(conn, actor.organisation, topic.entity, [ask.place[0]])
    found = versions.get(ask.place, Version())
    check_version(topic.entity, found.version, ask.version, found.changed)
    return application, found.version


async def tell(conn: Connection, actor: Actor, now: datetime, topic: Topic[S], told: Sequence[Told]) -> list[Draft]:
    """Keep what is told, and publish whatever stands otherwise because of it."""
    institution = actor.organisation
    rows = [(*one.place, step) for one in told for step in one.news]
    await steps.add_steps(conn, institution, topic.entity, rows)
    changed: dict[Place, S] = {}
    events = []
    for one in told:
        state = topic.present(one.application, [*one.before, *one.news])
        if one.before and state == topic.present(one.application, one.before):
            continue
        changed[one.place] = state
        event = topic.event(one.application, one.key, state, institution, now)
        events.append(Draft(one.application.pupil_ref, event))
    await topic.save(conn, institution, now, actor.role.value, changed)
    return events
