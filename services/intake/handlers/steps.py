"""Steps into states: one way for every command and every file to tell something of an application and to publish it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from services.intake import store
from services.intake.domain.steps import Step
from services.intake.store import Application, steps
from services.intake.store.steps import Entity, Place, Version
from shared.core.actor import Actor
from shared.core.errors import NotFound, check_version
from shared.schemas.envelope import Draft, EventData
from shared.storage.pool import Connection

S = TypeVar("S")


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


@dataclass(frozen=True, slots=True)
class Case:
    """One entity, held for a command."""

    application: Application
    key: str
    steps: Sequence[Step]
    version: Version

    def told(self, step: Step) -> Told:
        """The same with a step behind it."""
        return Told(self.application, self.key, self.steps, [step])


async def hold(conn: Connection, actor: Actor, topic: Topic[S], place: Place, expected: int | None) -> Case:
    """An entity of the actor's institution, locked. Raises `NotFound`, and `Stale` when another version was read."""
    application_id, key = place
    await store.hold_links(conn)
    application = await store.application(conn, actor.organisation, application_id)
    if application is None:
        raise NotFound(f"application {application_id}")
    told = await steps.steps(conn, actor.organisation, topic.entity, [application_id])
    versions = await steps.versions(conn, actor.organisation, topic.entity, [application_id])
    version = versions.get(place, Version())
    check_version(topic.entity, version.version, expected, version.changed)
    return Case(application, key, told[application_id][key], version)


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
