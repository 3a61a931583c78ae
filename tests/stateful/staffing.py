"""Who works where in the made-up region, and how that changes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.coordination import store
from services.coordination.domain.world.organisations import Listing, recorded
from services.coordination.handlers.presence import settle
from shared.core.actor import Actor, Role
from shared.schemas.envelope import Outcome
from shared.schemas.organisations import Absence, Contact
from tests.unit.coordination.made import MBO, MUNICIPALITY, OTHER_MBO, OTHER_SITE, REGION, SITE

OPERATOR = Actor("overstap", Role.OPERATOR, "operator-1")
POSTS: dict[str, tuple[tuple[str, str, str | None], ...]] = {
    SITE: (("mentor", "mentor-1", "mentor-2"), ("mentor", "mentor-2", "decaan-1"), ("decaan", "decaan-1", "decaan-2")),
    OTHER_SITE: (("decaan", "decaan-3", None),),
    MBO: (
        ("intake_coordinator", "intake-1", "intake-2"),
        ("intake_coordinator", "intake-2", None),
        ("slber", "slber-1", None),
    ),
    OTHER_MBO: (("intake_coordinator", "intake-3", None),),
    MUNICIPALITY: (("leerplicht", "leerplicht-1", "leerplicht-2"),),
    REGION: (
        ("region_coordinator", "coordinator-1", "coordinator-2"),
        ("region_coordinator", "coordinator-2", None),
        ("doorstroompunt", "officer-1", None),
    ),
}
KINDS = {SITE: "vo", OTHER_SITE: "vo", MBO: "mbo", OTHER_MBO: "mbo", MUNICIPALITY: "municipality", REGION: "region"}


def _contact(role: str, person: str, deputy: str | None) -> Contact:
    known = {"name": person, "email": f"{person}@made-up.example", "valid_from": date(2026, 8, 1)}
    return Contact(role=role, person_ref=person, deputy_ref=deputy, **known)


LISTINGS = tuple(
    Listing(code, KINDS[code], code, REGION, tuple(_contact(*post) for post in posts)) for code, posts in POSTS.items()
)
PEOPLE = [(one.code, person) for one in LISTINGS for person in dict.fromkeys(c.person_ref for c in one.contacts)]


def away(listing: Listing, person: str, since: date, until: date | None) -> Listing:
    """The listing in which somebody is away in one period, and in no other."""
    return _with(listing, person, away=(Absence(since=since, until=until),))


def back(listing: Listing, person: str) -> Listing:
    """The listing in which somebody is not away."""
    return _with(listing, person, away=())


def leaves(listing: Listing, person: str, until: date | None) -> Listing:
    """The listing in which somebody has their roles no more from a day on; None: they have them again."""
    return _with(listing, person, valid_until=until)


def _with(listing: Listing, person: str, **fields: object) -> Listing:
    changed = (c.model_copy(update=fields) if c.person_ref == person else c for c in listing.contacts)
    return replace(listing, contacts=tuple(changed))


@dataclass(frozen=True)
class Restaff:
    """These organisations have these contacts."""

    listings: Sequence[Listing]
    pupils: Sequence[str] = ()

    @property
    def subjects(self) -> Sequence[str]:
        return [*(listing.code for listing in self.listings), *self.pupils]


async def restaff(conn: object, command: Restaff, actor: Actor, now: datetime) -> Outcome:
    """What a file of contacts and an absence have in common: the lists are kept, and who holds what follows them."""
    stored = await store.listings(conn, [listing.code for listing in command.listings])
    await store.save_listings(conn, stored, command.listings)
    await store.next_rosters(conn, [listing.code for listing in command.listings], now, actor.role)
    followed = await settle(conn, stored, command.listings, command.pupils, now)
    return Outcome([*(recorded(one, now) for one in command.listings), *followed.events], followed.timers)
