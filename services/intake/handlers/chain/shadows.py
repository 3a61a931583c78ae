"""Pupils who are known from the national chain alone, and the one command that says who they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.intake import store
from services.intake.handlers.events import link
from services.intake.store import exports
from shared.core.actor import Actor
from shared.core.errors import Fault, IllegalMove, Invalid, NotFound
from shared.schemas.envelope import Draft, Outcome, RecordedBy, Timer
from shared.schemas.pupils import PupilErased, PupilLinked
from shared.storage.pool import Connection

LINK = "link-shadow"
EVIDENCE = "chain-matched"
UNKNOWN = Fault("/body/pgn", "A pupil who is known here: from a school, or from an application", "unknown_pupil")


@dataclass(frozen=True, slots=True)
class LinkShadow:
    """Somebody found out who a shadow is."""

    shadow: str
    pupil_ref: str

    @property
    def subjects(self) -> Sequence[str]:
        return [self.shadow, self.pupil_ref]


async def link_shadow(conn: Connection, command: LinkShadow, actor: Actor, now: datetime) -> Outcome:
    """Say who a shadow is; the worker joins them at once, at every institution. Asking twice changes nothing.

    Raises `NotFound` when this is no shadow of the institution's (of the operator's: of nobody's), `Invalid` when
    nobody knows the pupil, and `IllegalMove` when somebody just said that it is another pupil.
    """
    await store.hold_links(conn)
    standing = await store.resolve(conn, command.subjects)
    shadow, pupil = standing[command.shadow], standing[command.pupil_ref]
    if shadow.pupil_ref == pupil.pupil_ref:
        return Outcome(value=pupil.pupil_ref)
    if not await exports.is_shadow(conn, actor, command.shadow):
        raise NotFound(f"shadow {command.shadow}")
    if pupil.erased or not pupil.known:
        raise Invalid([UNKNOWN])
    if not await exports.ask_link(conn, command.shadow, pupil.pupil_ref, actor):
        raise IllegalMove("shadow", "linked", "link", [])
    return Outcome(timers=[Timer(LINK, command.shadow, "", now)], value=pupil.pupil_ref)


async def on_link(conn: Connection, timers: Sequence[Timer]) -> Outcome:
    """Join shadows with the pupils they are, tell that under both keys, and tell their applications anew.

    A shadow of somebody who was erased meanwhile is erased too, everywhere.
    """
    await store.hold_links(conn, alone=True)
    now = timers[0].due_at
    events: list[Draft] = []
    gone: list[str] = []
    for shadow, pupil_ref, who in await exports.asked_links(conn, [timer.subject for timer in timers]):
        standing = await store.resolve(conn, [shadow, pupil_ref])
        survivor = standing[pupil_ref].pupil_ref
        erased, retold = await link(conn, {(survivor, shadow)})
        gone += erased
        events += [Draft(ref, PupilErased(occurred_at=now)) for ref in erased]
        if not (standing[shadow].erased or standing[pupil_ref].erased):
            by = RecordedBy(organisation=who.organisation, role=who.role.value, person_ref=who.person_ref)
            told = PupilLinked(occurred_at=now, recorded_by=by, survivor=survivor, absorbed=shadow, evidence=EVIDENCE)
            events += [Draft(survivor, told), Draft(shadow, told), *retold]
    return Outcome(events, erase=gone)
