"""Who does something. Every command and every page read carries one, from the first day."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Roles of the field (what each does here: the table in README.md)."""

    MENTOR = "mentor"
    DECAAN = "decaan"
    CARE_COORDINATOR = "care_coordinator"
    INTAKER = "intaker"
    INTAKE_COORDINATOR = "intake_coordinator"
    SLBER = "slber"
    LEERPLICHT = "leerplicht"
    DOORSTROOMPUNT = "doorstroompunt"
    REGION_COORDINATOR = "region_coordinator"
    LOB_CONTACT = "lob_contact"
    """A regional contact of the Expertisepunt LOB, of organisation ``lob-<region>``: sees figures, no pupil."""
    SCHOOL_SYSTEM = "school_system"
    """A school's or institution's own software, by bearer token."""
    PUPIL = "pupil"
    """A pupil who signed in with an invitation code: sees and changes what is their own, nothing else."""
    OPERATOR = "operator"
    SYSTEM = "system"
    """Overstap itself: a consumer or a timer."""


VO_ROLES = frozenset({Role.MENTOR, Role.DECAAN, Role.CARE_COORDINATOR, Role.SCHOOL_SYSTEM})
MBO_ROLES = frozenset({Role.INTAKER, Role.INTAKE_COORDINATOR, Role.SLBER, Role.SCHOOL_SYSTEM})
OFFICER_ROLES = frozenset({Role.LEERPLICHT, Role.DOORSTROOMPUNT, Role.REGION_COORDINATOR})


@dataclass(frozen=True, slots=True)
class Actor:
    """An organisation in a role, with an opaque person behind it."""

    organisation: str
    """vo site (BRIN + 2 digits), mbo BRIN, municipality (4 digits), region (2 digits) or ``overstap``."""
    role: Role
    person_ref: str | None = None
    """Opaque reference to the person, never a name; of a pupil the pupil_ref."""

    @property
    def sight(self) -> tuple[str, str]:
        """Organisation and pupil whose rows row-level security shows to this actor; a pupil sees their own alone."""
        return ("", self.person_ref or "") if self.role is Role.PUPIL else (self.organisation, "")


def system(service: str) -> Actor:
    """The actor behind consumers and timers of one service."""
    return Actor("overstap", Role.SYSTEM, service)
