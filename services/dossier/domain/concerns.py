"""A concern: a member of staff asks others to look at a pupil, says why with a code, and a person says how it ended."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from services.dossier.domain.handover import Side
from shared.core.errors import Fault, Forbidden, IllegalMove, Invalid
from shared.core.machine import Machine, moves
from shared.schemas.dossiers import ConcernRaised, ConcernResolved, ConcernState

Status = Literal["open", "resolved"]
Relation = Literal["raiser", "addressed"]
AT_SCHOOL = ("mentor", "decaan", "care_coordinator")
AT_INSTITUTION = ("slber", "intaker", "intake_coordinator")
PEOPLE = frozenset(AT_SCHOOL + AT_INSTITUTION)
"""Who raises and resolves: people. The software of a school reads and no more."""
OFFICERS = ("leerplicht", "doorstroompunt")
"""Who of them hears it follows from age and residence, which coordination knows."""
ROUTE = AT_SCHOOL + AT_INSTITUTION + OFFICERS
"""For whom a concern can be meant."""
BOTH: tuple[Relation, ...] = ("raiser", "addressed")
CONCERN = Machine("concern", "open", moves([("open", "resolve", BOTH, "resolved")]))


@dataclass(frozen=True, slots=True)
class Concern:
    """A concern as it now is: process facts and codes. What the matter is stays in notes of each organisation."""

    concern_id: str
    pupil_ref: str
    cohort: int
    vo_site: str | None
    """School of the pupil; None: whoever raised it does not know one."""
    organisation: str
    """Who raises it."""
    raised_by: str
    """In which role."""
    person_ref: str | None
    raised_at: datetime
    reason: str
    route: tuple[str, ...]
    """Roles that must hear this, in order."""
    mbo_institution: str | None = None
    """Where the roles of the mbo on the route are, or who raises it."""
    note_ref: str | None = None
    status: Status = "open"
    resolved_at: datetime | None = None
    resolution: str | None = None
    version: int = 1
    changed_at: datetime | None = None
    changed_by: str | None = None
    """Organisation that made the last move."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What decides for whom a concern can be meant."""

    side: Side
    """Who raises it."""
    known_there: bool
    """The institution knows the pupil by a live application, an enrolment or a dossier."""
    school_follows: bool
    """There is a school, and it may still hear of this one pupil."""
    officers_hear: bool
    """The day is past before which no municipality hears of a pupil."""


def raised(wanted: Concern, open_now: Iterable[Concern], about: Circumstances) -> Concern:
    """The concern that somebody raises, without an institution when no role of the mbo is to hear it.

    Raises `Forbidden` unless a person of either side does, `Invalid` with everything that is wrong with it, and
    `IllegalMove` while their organisation has the same one open.
    """
    if wanted.raised_by not in (AT_SCHOOL if about.side == "vo" else AT_INSTITUTION):
        raise Forbidden("a concern is raised by a person of the school or of the institution")
    route = tuple(dict.fromkeys(wanted.route))
    if faults := _faults(wanted, route, about):
        raise Invalid(faults)
    same = (one for one in open_now if (one.organisation, one.reason) == (wanted.organisation, wanted.reason))
    if any(one.status == "open" for one in same):
        raise IllegalMove("concern", "open", "raise", CONCERN.open_moves("open"))
    needed = about.side == "mbo" or any(role in AT_INSTITUTION for role in route)
    return replace(wanted, route=route, mbo_institution=wanted.mbo_institution if needed else None)


def _faults(wanted: Concern, route: Sequence[str], about: Circumstances) -> list[Fault]:
    faults = []
    if not route:
        faults.append(Fault("/route", "minstens een rol die dit moet horen", "missing"))
    if any(role not in ROUTE for role in route):
        faults.append(Fault("/route", "alleen rollen van de school, het mbo, leerplicht of het Doorstroompunt"))
    if about.side == "mbo" and not about.school_follows and any(role in AT_SCHOOL for role in route):
        expected = "geen rol van de school: die is niet bekend, of hoort niet meer over deze ene leerling"
        faults.append(Fault("/route", expected, "school_out_of_sight"))
    if not about.officers_hear and any(role in OFFICERS for role in route):
        expected = "leerplicht en Doorstroompunt pas vanaf de dag waarop de gemeente over overstappers hoort"
        faults.append(Fault("/route", expected, "too_early"))
    if about.side == "vo" and any(role in AT_INSTITUTION for role in route) and not about.known_there:
        expected = "een mbo-instelling waar de leerling een lopende aanmelding heeft, of die het dossier kreeg"
        code = "not_known_there" if wanted.mbo_institution else "missing"
        faults.append(Fault("/mbo_institution", expected, code))
    return faults


def relation(concern: Concern, organisation: str, role: str) -> Relation | None:
    """How somebody stands to a concern they can see: their organisation raised it, or somebody there is to hear it.
    None: neither, or no person."""
    if role not in PEOPLE:
        return None
    if organisation == concern.organisation:
        return "raiser"
    return "addressed" if organisation in addressed(concern) else None


def addressed(concern: Concern) -> Collection[str]:
    """School and institution that are to hear it. Municipalities and regions hear it by way of coordination."""
    at = ((AT_SCHOOL, concern.vo_site), (AT_INSTITUTION, concern.mbo_institution))
    return {place for roles, place in at if place and any(role in roles for role in concern.route)}


def resolved(concern: Concern, resolution: str, who: tuple[str, str], now: datetime) -> Concern:
    """The concern, ended with this code by somebody of this organisation in this role.

    Raises `Forbidden` unless they are a person who raised it or is to hear it, `IllegalMove` when it ended already.
    """
    found = relation(concern, *who)
    status = CONCERN.after(concern.status, "resolve", {found} if found else {who[1]})
    assert status == "resolved"
    changed = replace(concern, status="resolved", resolved_at=now, resolution=resolution)
    return replace(changed, version=concern.version + 1, changed_at=now, changed_by=who[0])


def concern_state(concern: Concern, now: datetime) -> ConcernState:
    """The concern as it now is, as the event of the state it is in; its notes stay here."""
    model = ConcernRaised if concern.status == "open" else ConcernResolved
    names = [name for name in ConcernState.model_fields if name in Concern.__dataclass_fields__]
    return model(occurred_at=now, **{name: getattr(concern, name) for name in names})
