"""Asking for a talk: by a school, by an institution, or with the dossiers that are offered."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.dossier import store
from services.dossier.domain.handover import Handover, Side
from services.dossier.domain.talks import OPEN, Talk, may_request, talk_state
from services.dossier.handlers.sides import side_of
from services.dossier.handlers.talks.notes import keep_note, noted
from services.dossier.store import talks as kept
from shared.core import reference
from shared.core.actor import Actor
from shared.core.clock import civil_date
from shared.core.errors import Fault, Forbidden, Invalid, NotFound
from shared.core.ids import opaque_ref
from shared.schemas.envelope import Draft, Outcome
from shared.storage.pool import Connection

Place = tuple[str, int, str, str]
"""Pupil, cohort, vo site and institution: between whom a talk is."""


@dataclass(frozen=True, slots=True)
class RequestTalk:
    """Somebody asks for a talk about a pupil."""

    pupil_ref: str
    cohort: int
    mbo_institution: str
    hold_by: date | None = None
    """None: the norm of the reference data."""
    note: str | None = None

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]


async def request_talk(conn: Connection, command: RequestTalk, actor: Actor, now: datetime) -> Outcome:
    """Ask for a talk. The answer is the talk.

    Raises `NotFound` when the pupil is not the school's own, or not known at the institution; `IllegalMove` while
    another talk between the two is open, or while the institution does not know the pupil.
    """
    side, vo_site = await _asker(conn, command, actor)
    place = (command.pupil_ref, command.cohort, vo_site, command.mbo_institution)
    others = [one for one in await kept.talks(conn, actor.organisation, [command.pupil_ref]) if place_of(one) == place]
    known = await kept.known_at(conn, [(command.pupil_ref, command.cohort, command.mbo_institution)])
    may_request(next((one for one in others if one.status in OPEN), None), side, known=bool(known))
    hold_by = command.hold_by or norm(command.cohort, now)
    if not civil_date(now) <= hold_by <= date(command.cohort + 1, 7, 31):
        raise Invalid([Fault("/hold_by", "een dag vanaf vandaag en voor het einde van het eerste schooljaar")])
    talk = noted(new_talk(place, len(others) + 1, side, now, hold_by), command.note, actor)
    await kept.add_talks(conn, [talk])
    await keep_note(conn, talk, command.note, actor, now)
    return Outcome([Draft(talk.pupil_ref, talk_state(talk, now))], value=talk)


async def _asker(conn: Connection, command: RequestTalk, actor: Actor) -> tuple[Side, str]:
    """On which side the actor stands, and the school of the pupil."""
    side = side_of(actor)
    if side == "vo":
        if not await store.pupils(conn, actor.organisation, command.cohort, command.pupil_ref):
            raise NotFound("no such pupil")
        return side, actor.organisation
    if side is None or command.mbo_institution != actor.organisation:
        raise Forbidden("a talk of other organisations")
    vo_site = await kept.school_of(conn, command.pupil_ref, command.cohort)
    if vo_site is None:
        raise NotFound("no such pupil")
    return side, vo_site


async def for_offers(conn: Connection, offered: Sequence[Handover], now: datetime) -> list[Draft]:
    """Ask for a talk with each dossier of a school that is offered with one, or about a pupil of a track in which
    there is always one; unless a talk between the two is open. Call it after the offers are written."""
    if not offered:
        return []
    vo_site, refs = offered[0].vo_site, {one.pupil_ref for one in offered}
    tables, tracks = reference.load(), await kept.tracks(conn, vo_site, refs)
    held = await kept.talks(conn, vo_site, refs)
    busy = {place_of(one) for one in held if one.status in OPEN}
    made = []
    for one in offered:
        place = (one.pupil_ref, one.cohort, vo_site, one.mbo_institution)
        always = tables.talk_always(tracks.get((one.pupil_ref, one.cohort), ""), civil_date(now))
        if place in busy or not (one.kind == "warm" or always):
            continue
        hold_by = norm(one.cohort, now)
        number = sum(place_of(other) == place for other in held) + 1
        made.append(replace(new_talk(place, number, "vo", now, hold_by), handover_id=one.handover_id))
    await kept.add_talks(conn, made)
    return [Draft(talk.pupil_ref, talk_state(talk, now)) for talk in made]


def norm(cohort: int, now: datetime) -> date:
    """The day before which a talk must be held, unless somebody says otherwise; today when that day is past."""
    return max(reference.load().talk_by(cohort), civil_date(now))


def place_of(talk: Talk) -> Place:
    return talk.pupil_ref, talk.cohort, talk.vo_site, talk.mbo_institution


def new_talk(place: Place, number: int, side: Side, now: datetime, hold_by: date) -> Talk:
    """The talk of this number between these, from 1."""
    ref, cohort, vo_site, institution = place
    talk_id = opaque_ref("talk", ref, str(cohort), vo_site, institution, str(number))
    who = vo_site if side == "vo" else institution
    return Talk(talk_id, ref, cohort, vo_site, institution, side, now, hold_by, changed_at=now, changed_by=who)
