"""That the family was told what leaves, before it does."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.dossier.domain.transfer import How, Information, Whom, information_faults
from services.dossier.handlers.transfer.readers import own_pupil
from services.dossier.store import transfer
from shared.core.actor import Actor
from shared.core.clock import civil_date
from shared.core.errors import Invalid, check_version
from shared.schemas.envelope import Outcome
from shared.storage.pool import Connection


@dataclass(frozen=True, slots=True)
class RecordInformation:
    """The school told the parents, or a pupil of 16 or over, what leaves."""

    pupil_ref: str
    cohort: int | None
    """None: the newest."""
    informed_on: date
    whom: Whom
    how: How
    expected: int | None = None

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]


async def record_information(conn: Connection, command: RecordInformation, actor: Actor, now: datetime) -> Outcome:
    """Write down who was told, when and how; also to correct it. The same again changes nothing.

    What was offered before keeps the day it was offered with. Raises `Invalid`, `Stale`, `Forbidden` and `NotFound`.
    """
    pupil = await own_pupil(conn, actor, command.pupil_ref, command.cohort)
    told = Information(pupil.pupil_ref, pupil.cohort, pupil.vo_site, command.informed_on, command.whom, command.how)
    if faults := information_faults(pupil.birth_date, told, civil_date(now)):
        raise Invalid(faults)
    known = (await transfer.information(conn, pupil.vo_site, pupil.cohort, [pupil.pupil_ref])).get(pupil.pupil_ref)
    check_version("information", known.version if known else 0, command.expected)
    if known and (known.informed_on, known.whom, known.how) == (told.informed_on, told.whom, told.how):
        return Outcome(value=known)
    version = known.version + 1 if known else 1
    saved = replace(told, version=version, recorded_at=now, recorded_by=actor.person_ref)
    await transfer.save_information(conn, [saved])
    return Outcome(value=saved)
