"""What a region does with its agreement: adopt a version, and take open transitions over to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.coordination import agreement
from services.coordination.agreement.text import Found, read
from services.coordination.domain.rules.engine import APPLICATION_DATE
from services.coordination.domain.world.agreed import Agreement
from services.coordination.handlers.world import almanac
from services.coordination.store import agreements
from shared.core.actor import Actor, Role
from shared.core.errors import Fault, Forbidden, Invalid, NotFound, marked
from shared.schemas.envelope import Draft, Outcome
from shared.schemas.organisations import AgreementAdopted, Norm
from shared.storage.pool import Connection

ADDRESS = "/coordination/api/v1/agreements/"


@dataclass(frozen=True)
class AdoptAgreement:
    """A region adopts this text."""

    text: str

    @property
    def agreed(self) -> Agreement:
        """What the text says. Raises `Invalid` with every fault at once."""
        return agreement.parse(self.text)

    @property
    def subjects(self) -> Sequence[str]:
        return [self.agreed.region or ""]

    def fault(self, found: Found) -> Fault:
        """What is wrong, with its line."""
        return read(self.text, agreement.NAME).fault(found)


@dataclass(frozen=True)
class MoveTransitions:
    """Open transitions of a region go on under another version."""

    region: str
    old: str
    new: str

    @property
    def subjects(self) -> Sequence[str]:
        return [self.region]


async def adopt(conn: Connection, command: AdoptAgreement, actor: Actor, now: datetime) -> Outcome:
    """Adopt a version for the region it names; the same text again changes nothing.

    Raises `Forbidden`, or `Invalid` with everything that keeps it from being adopted.
    """
    agreed = command.agreed
    region = _region(command)
    _only_its_keepers(actor, region)
    await agreements.lock(conn, region)
    before = await agreements.adoptions(conn)
    if _is_known(command, before):
        return Outcome(value=agreed.version, unchanged=1)
    if faults := _faults(command, before, now):
        raise Invalid(faults)
    await agreements.adopt(conn, agreed, command.text, actor, now)
    previous = next((one.version for one in before if one.region == region), None)
    told = _told(agreed, previous, agreement.digest(command.text), now)
    return Outcome(events=[Draft(region, told)], value=agreed.version)


async def check(conn: Connection, command: AdoptAgreement, actor: Actor, now: datetime) -> Agreement:
    """What would be adopted. Raises what :func:`adopt` would raise; writes nothing."""
    _only_its_keepers(actor, _region(command))
    before = await agreements.adoptions(conn)
    if not _is_known(command, before) and (faults := _faults(command, before, now)):
        raise Invalid(faults)
    return command.agreed


def _is_known(command: AdoptAgreement, before: Sequence[agreements.Adoption]) -> bool:
    """Whether this very text was adopted already."""
    fingerprint = agreement.digest(command.text)
    return any((one.version, one.digest) == (command.agreed.version, fingerprint) for one in before)


async def move(conn: Connection, command: MoveTransitions, actor: Actor, now: datetime) -> Outcome:
    """Take open transitions over to another version that the region adopted or that ships; returns how many.

    Raises `Forbidden`, or `NotFound` when one of the two is no version for this region.
    """
    _only_its_keepers(actor, command.region)
    adopted = await agreements.adopted(conn)
    own = {one.version for one in (*adopted.get(command.region, ()), *adopted[None])}
    if not {command.old, command.new} <= own or command.old == command.new:
        raise NotFound(f"two versions of region {command.region}: " + ", ".join(sorted(own)))
    return Outcome(value=await agreements.move(conn, command.region, command.old, command.new, now))


def _region(command: AdoptAgreement) -> str:
    region = command.agreed.region
    if region and almanac().is_region(region):
        return region
    a_region = marked("the code of a region, from 01 to 40, in quotes")
    raise Invalid([command.fault(Found(("region",), a_region, "unknown_region"))])


def _only_its_keepers(actor: Actor, region: str) -> None:
    coordinates = actor.role is Role.REGION_COORDINATOR and actor.organisation == region
    if not coordinates and actor.role is not Role.OPERATOR:
        raise Forbidden(f"the role {actor.role} may not do this for region {region}")


def _faults(command: AdoptAgreement, before: Sequence[agreements.Adoption], now: datetime) -> list[Fault]:
    """What keeps a valid text from being adopted now."""
    agreed = command.agreed
    faults, today = [], almanac().day(now)
    taken = {one.version: marked("adopted on %(day)s", day=almanac().day(one.adopted_at)) for one in before}
    taken |= {one.version: marked("shipped with the software") for one in agreement.shipped()}
    if agreed.version in taken:
        told = {"version": agreed.version, "how": taken[agreed.version]}
        new = marked("a new name: %(version)s was %(how)s, and a version never changes", **told)
        faults.append(command.fault(Found(("version",), new, "taken")))
    last = max((one.valid_from for one in before if one.region == agreed.region), default=today)
    if agreed.valid_from < max(last, today):
        later = marked(
            "%(day)s or later: not before today, nor before the version that it follows", day=max(last, today)
        )
        faults.append(command.fault(Found(("valid_from",), later, "past")))
    return faults


def _told(agreed: Agreement, previous: str | None, fingerprint: str, now: datetime) -> AgreementAdopted:
    assert agreed.region
    cohort = agreed.valid_from.year + 1
    usual = almanac().application_date(cohort)
    norms = [(norm.figure, norm.percentage, norm.day) for norm in agreed.norms]
    return AgreementAdopted(
        occurred_at=now,
        region=agreed.region,
        version=agreed.version,
        previous=previous,
        valid_from=agreed.valid_from,
        digest=fingerprint,
        dataref=ADDRESS + agreed.version,
        rules=tuple(name for name, terms in agreed.rules.items() if terms.on),
        norms=tuple(
            Norm(figure=figure, percentage=share, day=f"{usual:%m-%d}" if day == APPLICATION_DATE else day)
            for figure, share, day in norms
        ),
        small_number=agreed.small_number,
        feedback_until=agreed.feedback_until,
        silence_days=min(agreed.silence.allowed_school_days.values(), default=None),
    )
