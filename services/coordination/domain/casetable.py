"""The Overstaptafel (case table): who may plan one, who sits at it, and what may be agreed there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from shared.core.actor import Actor, Role
from shared.core.errors import Fault, Forbidden, Invalid
from shared.core.machine import Machine, moves
from shared.schemas.vocabulary import codes

MEMBERS = frozenset({Role.LEERPLICHT, Role.DOORSTROOMPUNT, Role.DECAAN, Role.INTAKE_COORDINATOR})
"""Who talks about pupils at a table."""
PLANNERS = MEMBERS | {Role.REGION_COORDINATOR}
"""Who may plan a table; the coordinator of a region sees its numbers alone."""
OWNERS: dict[str, tuple[str, ...]] = {
    "vo": ("decaan", "mentor"),
    "mbo": ("intake_coordinator", "slber"),
    "municipality": ("leerplicht",),
    "region": ("doorstroompunt",),
}
"""Kind of organisation → roles that take on what is agreed."""
KINDS: tuple[str, ...] = tuple(codes.FOLLOW_UPS.codes)
WITHIN = (1, 3, 5, 10, 20)
"""School days within which something is done, as the page offers them."""
LONGEST = 40
MOST_SEATS = 60
PLANNED, CLOSED = "planned", "closed"
CASE_TABLE = Machine(
    "case table",
    PLANNED,
    moves(
        [
            (PLANNED, "seat", PLANNERS, PLANNED),
            (PLANNED, "decide", MEMBERS, PLANNED),
            (PLANNED, "close", PLANNERS | {"time"}, CLOSED),
        ]
    ),
)
"""Time closes a table a week after its day: sight of the cases of others ends with it."""
OPEN_DAYS = 7


@dataclass(frozen=True, slots=True)
class Table:
    """An Overstaptafel."""

    table_id: str
    region: str
    held_on: date
    planned_by: str
    seats: tuple[str, ...]
    """Organisations that are present, in order of their codes."""
    version: int = 1
    closed_at: datetime | None = None

    @property
    def state(self) -> str:
        return CLOSED if self.closed_at else PLANNED


def after(table: Table, command: str, actor: Actor) -> str:
    """The state after a move of somebody at the table. Raises `Forbidden` or `IllegalMove`."""
    if actor.organisation not in (*table.seats, table.planned_by, table.region):
        raise Forbidden("this organisation does not sit at the table")
    return CASE_TABLE.after(table.state, command, {actor.role})


def seated(table: Table, organisations: Sequence[str], known: Sequence[str]) -> Table:
    """The table with those present. Raises `Invalid` for who is in no file, too many, or nobody."""
    wanted = tuple(sorted(set(organisations)))
    faults = [
        Fault("organisations", "organisations that a file has named", "unknown") for _ in set(wanted) - set(known)
    ]
    if not wanted:
        faults.append(Fault("organisations", "at least one organisation", "missing"))
    if len(wanted) > MOST_SEATS:
        faults.append(Fault("organisations", f"at most {MOST_SEATS} organisations", "too_many"))
    if faults:
        raise Invalid(faults)
    return replace(table, seats=wanted, version=table.version + 1)


def owner_faults(table: Table, kind_of_owner: str, organisation: str, role: str) -> list[Fault]:
    """What is wrong with who should do something."""
    faults = []
    if organisation not in table.seats:
        faults.append(Fault("organisation", "an organisation that is present", "not_present"))
    if role not in OWNERS.get(kind_of_owner, ()):
        faults.append(Fault("role", "a role of that organisation", "other_role"))
    return faults
