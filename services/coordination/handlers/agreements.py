"""What a region does with its agreement: adopt a version, and take open transitions over to it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.coordination import agreement
from services.coordination.agreement.text import Found, read
from services.coordination.domain.rules.engine import APPLICATION_DATE
from services.coordination.domain.world.agreed import Agreement, OnDuty
from services.coordination.domain.world.routing import World
from services.coordination.handlers.partners import agreed_anew
from services.coordination.handlers.world import almanac, world
from services.coordination.store import agreements
from shared.core.actor import Actor, Role
from shared.core.errors import Fault, Forbidden, Invalid, marked
from shared.schemas.coordination import AgreedNorm, NormsAgreed, norms_subject
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
        region = self.agreed.region or ""
        return [region, norms_subject(region)]

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
    await _may_be_adopted(conn, command, before, now)
    await agreements.adopt(conn, agreed, command.text, actor, now)
    previous = next((one.version for one in before if one.region == region), None)
    told = [
        Draft(region, _told(agreed, previous, agreement.digest(command.text), now)),
        Draft(norms_subject(region), _norms(agreed, region, now)),
    ]
    looks = await agreed_anew(conn, region, {now, max(now, almanac().instant(agreed.valid_from, 0))}, now)
    return Outcome(events=told, timers=looks, value=agreed.version)


async def check(conn: Connection, command: AdoptAgreement, actor: Actor, now: datetime) -> Agreement:
    """What would be adopted. Raises what :func:`adopt` would raise; writes nothing."""
    _only_its_keepers(actor, _region(command))
    before = await agreements.adoptions(conn)
    if not _is_known(command, before):
        await _may_be_adopted(conn, command, before, now)
    return command.agreed


async def _may_be_adopted(
    conn: Connection, command: AdoptAgreement, before: Sequence[agreements.Adoption], now: datetime
) -> None:
    """Raises `Invalid` with everything that keeps a valid text from being adopted now."""
    around = await world(conn)
    faults = [*_faults(command, before, now), *map(command.fault, _unknown(command.agreed, around, almanac().day(now)))]
    if faults:
        raise Invalid(faults)


def _unknown(agreed: Agreement, around: World, today: date) -> Iterator[Found]:
    """People who are named on duty and are on no list in that role: nobody could reach them."""
    every = [(("duty", name), who) for name, who in agreed.duty.items() if isinstance(who, OnDuty)]
    every += [(("roster", f"{monday}"), who) for monday, who in agreed.roster.items()]
    for place, who in every:
        at = around.directory.get(who.organisation)
        posts = [post for post in at.posts if post.person_ref == who.person] if at else []
        if who.person and not any(post.role == who.role and not post.ended(today) for post in posts):
            told = {"role": who.role, "organisation": who.organisation}
            listed = marked("somebody who is on the list of contacts of %(organisation)s as %(role)s", **told)
            yield Found((*place, "person"), listed, "unknown_person")


def _is_known(command: AdoptAgreement, before: Sequence[agreements.Adoption]) -> bool:
    """Whether this very text was adopted already."""
    fingerprint = agreement.digest(command.text)
    return any((one.version, one.digest) == (command.agreed.version, fingerprint) for one in before)


async def move(conn: Connection, command: MoveTransitions, actor: Actor, now: datetime) -> Outcome:
    """Take open transitions over to another version that the region adopted or that ships; returns how many.

    Raises `Forbidden`, or `Invalid` with the versions that there are when one of the two is none for this region.
    """
    _only_its_keepers(actor, command.region)
    adopted = await agreements.adopted(conn)
    own = [one.version for one in (*adopted.get(command.region, ()), *adopted[None])]
    if faults := list(_no_move(command, own)):
        raise Invalid(faults)
    return Outcome(value=await agreements.move(conn, command.region, command.old, command.new, now))


def _no_move(command: MoveTransitions, own: Sequence[str]) -> Iterator[Fault]:
    """What is wrong with the two versions between which transitions should move."""
    for where, version in (("/from_version", command.old), ("version", command.new)):
        if version not in own:
            yield Fault(where, marked("one of: %(choices)s", choices=", ".join(own)), "unknown_version")
    if command.old == command.new:
        yield Fault("version", marked("another version than the one on which they are"), "same_version")


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
    """What its name and its first day keep from being adopted now."""
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


def _norms(agreed: Agreement, region: str, now: datetime) -> NormsAgreed:
    """What whoever makes figures lays beside them: without the agreement, told where no names of staff go."""
    return NormsAgreed(
        occurred_at=now,
        region=region,
        agreement_version=agreed.version,
        valid_from=agreed.valid_from,
        norms=tuple(
            AgreedNorm(
                figure=norm.figure,
                percentage=norm.percentage,
                day=None if norm.day == APPLICATION_DATE else norm.day,
            )
            for norm in agreed.norms
        ),
    )
