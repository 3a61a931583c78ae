"""A file of talks, of a school without a coupling: each row says where a talk stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.dossier.domain.talks import OPEN, Hold, Miss, Plan, Status, Talk, make_move, may_request, talk_state
from services.dossier.handlers.lists import Row, require_own_file
from services.dossier.handlers.talks.moves import people_faults
from services.dossier.handlers.talks.requests import new_talk, norm, place_of
from services.dossier.store import talks as kept
from shared.core.actor import Actor
from shared.core.errors import Fault, IllegalMove, Invalid
from shared.schemas.envelope import BadRow, Draft, Outcome
from shared.schemas.imports import Fates
from shared.storage.pool import Connection

COLUMNS = {
    "/planned_at": "gespreksmoment",
    "/held_at": "gespreksmoment",
    "/form": "gespreksvorm",
    "/roles": "deelnemers",
    "/vo_person": "vo_email",
    "/mbo_person": "mbo_email",
    "/reason": "redencode",
}
"""Place of a fault → column of the file."""


@dataclass(frozen=True, slots=True)
class TalkTold:
    """Where a talk between a school and an institution stands."""

    pupil_ref: str
    cohort: int
    mbo_institution: str
    status: Status
    moment: datetime | None
    form: str | None
    roles: tuple[str, ...]
    vo_person: str | None
    mbo_person: str | None
    informed: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class ImportTalks:
    """Talks of one vo site; what is not in it stays."""

    vo_site: str
    rows: tuple[Row[TalkTold], ...]
    bad_rows: tuple[BadRow, ...] = ()

    @property
    def subjects(self) -> Sequence[str]:
        return [row.value.pupil_ref for row in self.rows]


async def import_talks(conn: Connection, command: ImportTalks, actor: Actor, now: datetime) -> Outcome:
    """Bring every talk of a file where it says; a talk that is there already changes nothing."""
    require_own_file(actor, command.vo_site)
    told = [row.value for row in command.rows]
    held = await kept.by_pupil(conn, command.vo_site, command.subjects)
    known = await kept.known_at(conn, [(one.pupil_ref, one.cohort, one.mbo_institution) for one in told])
    bad, fresh, after = [*command.bad_rows], {}, {}
    for row in command.rows:
        one = row.value
        place = (one.pupil_ref, one.cohort, command.vo_site, one.mbo_institution)
        others = [talk for talk in held[one.pupil_ref] if place_of(talk) == place]
        last = max(others, key=lambda talk: (talk.requested_at, talk.status in OPEN, talk.talk_id), default=None)
        if _stands(last, one):
            continue
        try:
            if last is None or last.status not in OPEN:
                may_request(None, "vo", known=(one.pupil_ref, one.cohort, one.mbo_institution) in known)
                last = fresh[row] = new_talk(place, len(others) + 1, "vo", now, norm(one.cohort, now))
            after[row] = _brought(last, one, now)
        except Invalid as error:
            bad.append(row.refused(error.faults, COLUMNS, one.pupil_ref))
        except IllegalMove:
            expected = "een instelling die een aanmelding van deze leerling heeft gemeld of een dossier kreeg"
            bad.append(row.refused([Fault("mbo_brin", expected, "not_known_there")], {}, one.pupil_ref))
    wrong = await people_faults(conn, list(after.values()), {(actor.organisation, actor.person_ref)})
    bad += [row.refused(wrong[t.talk_id], COLUMNS, t.pupil_ref) for row, t in after.items() if t.talk_id in wrong]
    good = [row for row, talk in after.items() if talk.talk_id not in wrong]
    await kept.add_talks(conn, [fresh[row] for row in good if row in fresh])
    await kept.move_talks(conn, [after[row] for row in good])
    drafts = [Draft(after[row].pupil_ref, talk_state(after[row], now)) for row in good]
    unchanged = len(command.rows) - len(good) - (len(bad) - len(command.bad_rows))
    return Fates("file:talks", bad, len(good), unchanged, events=drafts).outcome()


def _stands(last: Talk | None, told: TalkTold) -> bool:
    """Whether the newest talk is already where the row says."""
    if last is None:
        return False
    if told.status == "requested":
        return True
    if told.status == "held":
        return last.status == "held" and (told.moment is None or last.held_at == told.moment)
    if told.status == "missed":
        return last.status == "missed" and told.moment in (None, last.planned_at)
    if last.status != "planned":
        return last.planned_at == told.moment
    same = (last.planned_at, last.form, last.vo_person, last.mbo_person)
    return same == (told.moment, told.form, told.vo_person, told.mbo_person)


def _brought(talk: Talk, told: TalkTold, now: datetime) -> Talk:
    """The talk after what the row says, by way of a plan where it had none."""
    if told.status == "requested":
        return talk
    if told.status == "planned" or talk.status != "planned":
        talk = make_move(talk, _plan(told), talk.vo_site, now)
    if told.status == "held":
        if told.moment is None:
            raise Invalid([Fault("/held_at", "het moment van het gesprek", "missing")])
        talk = make_move(talk, Hold(told.moment, told.informed, told.vo_person, told.mbo_person), talk.vo_site, now)
    if told.status == "missed":
        if told.reason is None:
            raise Invalid([Fault("/reason", "waarom het niet doorging", "missing")])
        talk = make_move(talk, Miss(told.reason), talk.vo_site, now)
    return talk


def _plan(told: TalkTold) -> Plan:
    needed = {"/planned_at": told.moment, "/form": told.form, "/roles": told.roles}
    faults = [Fault(where, "dit hoort bij een afspraak", "missing") for where, value in needed.items() if not value]
    if faults or told.moment is None or told.form is None:
        raise Invalid(faults)
    return Plan(told.moment, told.form, told.roles, told.vo_person, told.mbo_person)  # type: ignore[arg-type]
