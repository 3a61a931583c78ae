"""What the pages show of a pupil, made anew from what was told: never from an earlier profile."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.notifications.domain.world import Told
from shared.schemas.coordination import CustodyChanged
from shared.schemas.dossiers import ChoiceRegistered, PupilExpected
from shared.schemas.intakes import ApplicationStatus, ApplicationStatusChanged
from shared.schemas.pupils import PupilRecorded

SOURCES = ("intake", "dossier")
"""Who knows best who a pupil is, last one first: the school they come from."""
PROGRESS = (
    ApplicationStatus.SUBMITTED,
    ApplicationStatus.RECEIVED,
    ApplicationStatus.OFFERED,
    ApplicationStatus.ENROLLED,
)
"""Statuses of a live application, furthest last."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A pupil on a page: who, from where, to where, and who has them now. Unknown is None."""

    pupil_ref: str
    first_name: str | None = None
    prefix: str | None = None
    last_name: str | None = None
    birth_date: date | None = None
    municipality: str | None = None
    origin: str | None = None
    track: str | None = None
    destination: str | None = None
    programme: str | None = None
    level: int | None = None
    holder_organisation: str | None = None
    holder_role: str | None = None


def profile(pupil_ref: str, told: Iterable[Told]) -> Profile:
    """The profile of one child from everything that was told under any of its references."""
    newest: dict[tuple[str, str], Told] = {}
    for one in sorted(told, key=lambda one: one.age):
        newest[one.source, one.entity] = one
    known = [one.data for one in newest.values()]
    person = [newest[source, "person"].data for source in SOURCES if (source, "person") in newest]
    facts: dict[str, object] = {}
    if person and isinstance(who := person[-1], PupilRecorded):
        names = ("first_name", "prefix", "last_name", "birth_date", "municipality")
        facts |= {name: getattr(who, name) for name in names}
    expected = [data for data in known if isinstance(data, PupilExpected)]
    if expected:
        origin = max(expected, key=lambda data: data.cohort)
        facts |= {"origin": origin.vo_site, "track": origin.track}
    custody = [data for data in known if isinstance(data, CustodyChanged)]
    if custody:
        holder = max(custody, key=lambda data: data.cohort).holder
        facts |= {"holder_organisation": holder.organisation, "holder_role": holder.role}
    return Profile(pupil_ref, **facts, **_destination(known))  # type: ignore[arg-type]


def _destination(known: list[object]) -> dict[str, object]:
    """Where the pupil goes: the application that came furthest, else the first choice."""
    choices = [data for data in known if type(data) is ChoiceRegistered]
    choices.sort(key=lambda choice: (-choice.cohort, choice.preference, choice.choice_id))
    live = [data for data in known if isinstance(data, ApplicationStatusChanged) and data.status in PROGRESS]
    if live:
        goes = max(
            live, key=lambda data: (data.cohort, PROGRESS.index(data.status), data.status_at, data.application_id)
        )
        level = next((c.level for c in choices if c.programme == goes.programme), None)
        return {"destination": goes.mbo_institution, "programme": goes.programme, "level": level}
    if choices:
        first = choices[0]
        return {"destination": first.mbo_institution, "programme": first.programme, "level": first.level}
    return {}
