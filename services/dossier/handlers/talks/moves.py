"""Planning, holding and missing a talk, and ticking off what was agreed: the same for both sides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.dossier import store
from services.dossier.domain.talks import Hold, Move, Plan, Talk, make_move, talk_state
from services.dossier.handlers.sides import side_of
from services.dossier.handlers.talks.notes import keep_note, noted
from services.dossier.store import talks as kept
from shared.core.actor import Actor
from shared.core.errors import Fault, Forbidden, Invalid, NotFound, check_version
from shared.schemas.envelope import Draft, Outcome
from shared.storage.pool import Connection


@dataclass(frozen=True, slots=True)
class MoveTalk:
    """A move of a talk, as somebody saw it."""

    pupil_ref: str
    talk_id: str
    move: Move
    version: int | None = None
    """The version somebody read; None: they did not say."""
    note: str | None = None

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]


async def move_talk(conn: Connection, command: MoveTalk, actor: Actor, now: datetime) -> Outcome:
    """Make a move; two that race meet on the row. The answer is the talk.

    Raises `Stale` when somebody else moved it since it was read, and what `domain.talks.make_move` raises.
    """
    if side_of(actor) is None:
        raise Forbidden("neither the school nor the institution")
    talk = await kept.talk(conn, command.talk_id, actor.organisation, lock=True)
    if talk is None:
        raise NotFound("no such talk")
    changed = (talk.changed_at, talk.changed_by) if talk.changed_at and talk.changed_by else None
    check_version("talk", talk.version, command.version, changed)
    moved = noted(make_move(talk, command.move, actor.organisation, now), command.note, actor)
    if isinstance(command.move, Plan | Hold):
        here = {(actor.organisation, actor.person_ref)}
        before = {(talk.vo_site, talk.vo_person), (talk.mbo_institution, talk.mbo_person)}
        if faults := await people_faults(conn, [moved], here | before):
            raise Invalid(faults[moved.talk_id])
    await kept.move_talks(conn, [moved])
    await keep_note(conn, moved, command.note, actor, now)
    return Outcome([Draft(moved.pupil_ref, talk_state(moved, now))], value=moved)


async def people_faults(
    conn: Connection, talks: Sequence[Talk], present: set[tuple[str, str | None]]
) -> dict[str, list[Fault]]:
    """Talk → who is named on it and is no contact of that organisation. `present`: organisation and person of those who
    were named before, and of who writes this down."""
    known = await store.organisations(conn, {code for talk in talks for code in (talk.vo_site, talk.mbo_institution)})

    def is_of(organisation: str, ref: str | None) -> bool:
        contacts = known[organisation].contacts if organisation in known else {}
        return ref is None or ref in contacts or (organisation, ref) in present

    found: dict[str, list[Fault]] = {}
    for talk in talks:
        named = {"/vo_person": (talk.vo_site, talk.vo_person), "/mbo_person": (talk.mbo_institution, talk.mbo_person)}
        named |= {f"/follow_ups/{n}/person_ref": (f.organisation, f.person_ref) for n, f in enumerate(talk.follow_ups)}
        for where, (organisation, ref) in named.items():
            if not is_of(organisation, ref):
                fault = Fault(where, "een contactpersoon van deze organisatie", "unknown_person")
                found.setdefault(talk.talk_id, []).append(fault)
    return found
