"""Concerns: raising one from either side, and saying how it ended."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.dossier import store
from services.dossier.domain.concerns import PEOPLE, Circumstances, Concern, concern_state, raised, resolved
from services.dossier.domain.handover import Side
from services.dossier.handlers.sides import side_of
from services.dossier.store import concerns as kept
from services.dossier.store import talks
from shared.core import reference
from shared.core.actor import Actor
from shared.core.clock import civil_date
from shared.core.errors import Forbidden, NotFound, check_version
from shared.core.ids import opaque_ref
from shared.schemas.envelope import Draft, Outcome
from shared.storage.pool import Connection


@dataclass(frozen=True, slots=True)
class RaiseConcern:
    """Somebody asks others to look at a pupil."""

    pupil_ref: str
    cohort: int
    reason: str
    route: tuple[str, ...]
    """Roles that must hear it, in order."""
    mbo_institution: str | None = None
    """Where the roles of the mbo on the route are; an institution that raises it is meant itself."""
    note: str | None = None

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]


@dataclass(frozen=True, slots=True)
class ResolveConcern:
    """A person says how it ended."""

    pupil_ref: str
    concern_id: str
    resolution: str
    version: int | None = None
    """The version somebody read; None: they did not say."""
    note: str | None = None

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]


async def raise_concern(conn: Connection, command: RaiseConcern, actor: Actor, now: datetime) -> Outcome:
    """Raise a concern about an own pupil, or about one whom the institution knows. The answer is the concern.

    Raises `NotFound` when the pupil is neither, and what `domain.concerns.raised` raises.
    """
    wanted, about = await _wanted(conn, command, actor, now)
    open_now = await kept.concerns(conn, actor.organisation, [command.pupil_ref])
    made = raised(wanted, [one for one in open_now if one.cohort == command.cohort], about)
    number = await kept.so_far(conn, made.pupil_ref, made.cohort, made.organisation) + 1
    key = opaque_ref("concern", made.pupil_ref, str(made.cohort), made.organisation, str(number))
    made = replace(made, concern_id=key, note_ref=_note_ref(key, actor, 1) if command.note else None)
    await kept.add_concern(conn, made)
    await _keep_note(conn, made, command.note, actor, now)
    return Outcome([Draft(made.pupil_ref, concern_state(made, now))], value=made)


async def _wanted(
    conn: Connection, command: RaiseConcern, actor: Actor, now: datetime
) -> tuple[Concern, Circumstances]:
    """The concern before anything is checked, and what decides for whom it can be."""
    ref, cohort = command.pupil_ref, command.cohort
    side, vo_site = await raiser(conn, ref, cohort, actor)
    institution = actor.organisation if side == "mbo" else command.mbo_institution
    about = Circumstances(
        side,
        known_there=institution is not None and bool(await talks.known_at(conn, [(ref, cohort, institution)])),
        school_follows=side == "vo" or await kept.school_follows(conn, ref, cohort, now),
        officers_hear=officers_hear(cohort, now),
    )
    who = (vo_site, actor.organisation, actor.role.value, actor.person_ref)
    what = (now, command.reason, command.route, institution)
    return Concern("", ref, cohort, *who, *what, changed_at=now, changed_by=actor.organisation), about


async def raiser(conn: Connection, ref: str, cohort: int, actor: Actor) -> tuple[Side, str | None]:
    """On which side the actor stands, and the school of the pupil, when one is known there. `NotFound` when the pupil
    is not the school's own, or not known at the institution; `Forbidden` for anybody else."""
    side = side_of(actor)
    if side is None or actor.role not in PEOPLE:
        raise Forbidden("a concern is raised by a person of the school or of the institution")
    if side == "vo":
        known = bool(await store.pupils(conn, actor.organisation, cohort, ref))
    else:
        known = bool(await talks.known_at(conn, [(ref, cohort, actor.organisation)]))
    if not known or ref in await store.roots(conn, [ref]):
        raise NotFound("no such pupil")
    return side, actor.organisation if side == "vo" else await talks.school_of(conn, ref, cohort)


def officers_hear(cohort: int, now: datetime) -> bool:
    """Whether leerplicht and Doorstroompunt may hear of pupils of this cohort yet."""
    return civil_date(now) >= reference.load().municipal_signal_from(cohort)


async def resolve_concern(conn: Connection, command: ResolveConcern, actor: Actor, now: datetime) -> Outcome:
    """Say how a concern ended. The answer is the concern.

    Raises `NotFound` when the actor's organisation may not know of it, `Stale` when somebody else ended it since it was
    read, and what `domain.concerns.resolved` raises.
    """
    if side_of(actor) is None:
        raise Forbidden("neither the school nor the institution")
    found = await kept.concern(conn, command.concern_id, actor.organisation)
    if found is None:
        raise NotFound("no such concern")
    changed = (found.changed_at, found.changed_by) if found.changed_at and found.changed_by else None
    check_version("concern", found.version, command.version, changed)
    ended = resolved(found, command.resolution, (actor.organisation, actor.role.value), now)
    await kept.resolve_concern(conn, ended)
    await _keep_note(conn, ended, command.note, actor, now)
    return Outcome([Draft(ended.pupil_ref, concern_state(ended, now))], value=ended)


def _note_ref(concern_id: str, actor: Actor, version: int) -> str:
    return opaque_ref("note", concern_id, actor.organisation, str(version))


async def _keep_note(conn: Connection, concern: Concern, text: str | None, actor: Actor, now: datetime) -> None:
    if text:
        ref = _note_ref(concern.concern_id, actor, concern.version)
        who = (actor.organisation, now, actor.role.value, actor.person_ref)
        await kept.add_note(conn, kept.Note(ref, concern.concern_id, *who, text))
