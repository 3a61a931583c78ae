"""What the school writes about a pupil, category by category."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.dossier.domain.transfer import CARE, WRITTEN, Section, SectionState, section_faults
from services.dossier.handlers import completeness
from services.dossier.handlers.transfer.readers import own_pupil, require_sight
from services.dossier.store import transfer
from shared.core.actor import Actor
from shared.core.errors import Invalid, NotFound, check_version
from shared.schemas.envelope import Outcome
from shared.storage.pool import Connection

ENTITY = "section"


@dataclass(frozen=True, slots=True)
class SaveSection:
    """What the school has about one category, as it now is."""

    pupil_ref: str
    cohort: int | None
    """None: the newest."""
    category: str
    state: SectionState
    text: str
    expected: int | None = None
    """The version that the writer read; 0: there was none."""

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]


@dataclass(frozen=True, slots=True)
class ReadSection:
    """Somebody of the school wants to see the text of one category."""

    pupil_ref: str
    cohort: int | None
    category: str
    subjects: Sequence[str] = ()


async def save_section(conn: Connection, command: SaveSection, actor: Actor, now: datetime) -> Outcome:
    """Write one category. The same again changes nothing. The answer is the section as it now is.

    Raises `Invalid`, `Stale` (somebody else wrote it first), `Forbidden` (the care part) and `NotFound`.
    """
    pupil = await own_pupil(conn, actor, command.pupil_ref, command.cohort)
    _require_category(command.category)
    require_sight(actor, pupil, command.category)
    if faults := section_faults(command.state, command.text):
        raise Invalid(faults)
    place = transfer.Place(pupil.vo_site, pupil.cohort, pupil.pupil_ref)
    known = await transfer.section(conn, place, command.category)
    changed = (known.saved_at, known.saved_role) if known else None
    check_version(ENTITY, known.version if known else 0, command.expected, changed)
    if known and (known.state, known.text) == (command.state, command.text):
        return Outcome(value=known)
    saved = Section(
        pupil.pupil_ref,
        pupil.cohort,
        pupil.vo_site,
        command.category,
        command.state,
        command.text,
        version=known.version + 1 if known else 1,
        saved_at=now,
        saved_by=actor.person_ref,
        saved_role=actor.role.value,
    )
    await transfer.save_sections(conn, [saved])
    told = await completeness.told(conn, pupil.vo_site, pupil.pupil_ref, pupil.cohort, now)
    return Outcome(told, value=saved)


async def read_section(conn: Connection, command: ReadSection, actor: Actor, now: datetime) -> Outcome:
    """The section, or None when nobody has begun; who reads the care part is written down."""
    pupil = await own_pupil(conn, actor, command.pupil_ref, command.cohort)
    _require_category(command.category)
    require_sight(actor, pupil, command.category)
    place = transfer.Place(pupil.vo_site, pupil.cohort, pupil.pupil_ref)
    found = await transfer.section(conn, place, command.category)
    if found and found.text and command.category in CARE:
        who = (actor.role.value, actor.person_ref)
        whose = (pupil.pupil_ref, pupil.cohort, pupil.vo_site)
        await transfer.add_care_reading(conn, transfer.CareReading(*whose, command.category, now, *who))
    return Outcome(value=found)


def _require_category(category: str) -> None:
    if category not in WRITTEN:
        raise NotFound("no such category, or one that comes from the pupil list")
