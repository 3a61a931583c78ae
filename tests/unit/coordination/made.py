"""A made-up region and made-up events, for tests of the domain."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.coordination import agreement
from services.coordination.domain.book import Book
from services.coordination.domain.case import Case
from services.coordination.domain.standing import QUIET
from services.coordination.domain.world.agreed import Terms
from services.coordination.domain.world.routing import World
from services.coordination.domain.world.staff import Organisation, Post
from services.coordination.handlers.events import TIMERS, fold
from services.coordination.handlers.world import almanac
from shared.core.clock import local_instant
from shared.core.ids import new_id, opaque_ref
from shared.schemas.alerts import AlertAcknowledged, AlertStatus
from shared.schemas.coordination import Severity
from shared.schemas.dossiers import (
    ChoiceRegistered,
    DossierHandedOver,
    ExamResultRecorded,
    FollowUp,
    HandoverAccepted,
    HandoverOpened,
    HandoverState,
    HandoverStatus,
    OtherRouteRegistered,
    PupilExpected,
    WarmHandoverHeld,
)
from shared.schemas.envelope import Event, EventData, Timer
from shared.schemas.intakes import (
    ApplicationStatus,
    ApplicationStatusChanged,
    EnrolmentEnded,
    IntakeDone,
    IntakeMissed,
    IntakeOutcome,
    StudentNotStarted,
    StudentStarted,
)
from shared.schemas.pupils import PupilErased, PupilLinked, PupilRecorded

COHORT = 2027
SITE, OTHER_SITE, MBO, OTHER_MBO = "99AA00", "99AB00", "99MA", "99MB"
MUNICIPALITY, REGION = "0344", "19"
ENROLMENTS = {"started": StudentStarted, "not_started": StudentNotStarted, "ended": EnrolmentEnded}
NOVEMBER = datetime(2026, 11, 2, 9, tzinfo=UTC)


def ref(n: int) -> str:
    """A made-up pupil_ref."""
    return opaque_ref("pupil", str(n))


def post(role: str, deputy: str | None = None, name: str | None = None) -> Post:
    """Somebody in a role."""
    return Post(role, name or f"{role}-1", deputy, date(2026, 8, 1))


DIRECTORY = {
    o.code: o
    for o in (
        Organisation(SITE, "vo", REGION, (post("decaan", "decaan-2"),)),
        Organisation(OTHER_SITE, "vo", REGION, (post("decaan", name="other-decaan"),)),
        Organisation(MBO, "mbo", REGION, (post("intake_coordinator", "intake-2"),)),
        Organisation(OTHER_MBO, "mbo", REGION, (post("intake_coordinator", name="other-intake"),)),
        Organisation(MUNICIPALITY, "municipality", REGION, (post("leerplicht", "leerplicht-2"),)),
        Organisation(REGION, "region", REGION, (post("doorstroompunt"), post("region_coordinator"))),
    )
}
WORLD = World(agreement.load(), almanac(), DIRECTORY)


def with_rules(world: World, rules: Mapping[str, Terms]) -> World:
    """The world with other terms of these rules."""
    return replace(world, agreement=replace(world.agreement, rules={**world.agreement.rules, **rules}))


def day(month: int, number: int, hour: int = 8, year: int = COHORT) -> datetime:
    """An instant by its Dutch date and hour."""
    return local_instant(date(year, month, number), hour)


def event(data: EventData, n: int = 1, *, at: datetime = NOVEMBER, sequence: int = 1, source: str = "dossier") -> Event:
    """An event about pupil n."""
    return Event(new_id(), source, at, ref(n), sequence, data)


def expected(n: int = 1, *, at: datetime = NOVEMBER, sequence: int = 1, **fields: Any) -> Event:
    """The school expects pupil n."""
    values = {
        "cohort": COHORT,
        "vo_site": SITE,
        "track": "vmbo-kb",
        "mentor": "mentor-1",
        "deputy": "mentor-2",
    } | fields
    return event(PupilExpected(occurred_at=at, **values), n, at=at, sequence=sequence)


def recorded(
    n: int = 1, *, born: date = date(2011, 3, 24), at: datetime = NOVEMBER, sequence: int = 1, **fields: Any
) -> Event:
    """Who pupil n is."""
    values = {"first_name": "Made", "last_name": "Up", "birth_date": born, "municipality": MUNICIPALITY} | fields
    return event(PupilRecorded(occurred_at=at, **values), n, at=at, sequence=sequence)


def chosen(n: int = 1, *, at: datetime = NOVEMBER, sequence: int = 2) -> Event:
    """Pupil n has chosen."""
    data = ChoiceRegistered(
        occurred_at=at,
        choice_id="c1",
        cohort=COHORT,
        vo_site=SITE,
        mbo_institution=MBO,
        programme="25655",
        level=4,
        pathway="bol",
        preference=1,
    )
    return event(data, n, at=at, sequence=sequence)


def applied(
    n: int = 1,
    status: str = "received",
    *,
    key: str = "a1",
    mbo: str = MBO,
    at: datetime = NOVEMBER,
    sequence: int = 1,
    shadow: bool = False,
) -> Event:
    """An application of pupil n."""
    data = ApplicationStatusChanged(
        occurred_at=at,
        application_id=key,
        cohort=COHORT,
        mbo_institution=mbo,
        programme="25655",
        pathway="bol",
        status=ApplicationStatus(status),
        status_at=at,
        channel="api",
        shadow=shadow,
    )
    return event(data, n, at=at, sequence=sequence, source="intake")


def intake(
    n: int = 1, outcome: str = "placed", *, key: str = "a1", at: datetime = NOVEMBER, sequence: int = 2
) -> Event:
    """The intake of pupil n."""
    data = IntakeDone(
        occurred_at=at,
        application_id=key,
        cohort=COHORT,
        mbo_institution=MBO,
        programme="25655",
        held_on=at.date(),
        outcome=IntakeOutcome(outcome),
    )
    return event(data, n, at=at, sequence=sequence, source="intake")


def enrolled(
    n: int = 1,
    status: str = "started",
    *,
    key: str = "a1",
    mbo: str = MBO,
    at: datetime = NOVEMBER,
    first_day: date = date(2027, 8, 30),
    sequence: int = 3,
) -> Event:
    """What became of an enrolment of pupil n: started, not_started or ended (30 days after the first day)."""
    days = {
        "started": {},
        "not_started": {"checked_on": first_day},
        "ended": {"ended_on": first_day + timedelta(days=30), "reason": 7},
    }[status]
    data = ENROLMENTS[status](
        occurred_at=at,
        application_id=key,
        cohort=COHORT,
        mbo_institution=mbo,
        programme="25655",
        pathway="bol",
        first_day=first_day,
        **days,
    )
    return event(data, n, at=at, sequence=sequence, source="intake")


def elsewhere(
    n: int = 1,
    route: str = "work",
    status: str = "registered",
    *,
    until: date | None = None,
    at: datetime = NOVEMBER,
    sequence: int = 5,
) -> Event:
    """The pupil goes another way than the mbo."""
    data = OtherRouteRegistered(
        occurred_at=at,
        cohort=COHORT,
        vo_site=SITE,
        status=status,
        route=route,
        since=date(2027, 8, 1),
        until=until,
        evidence="contract" if status == "confirmed" else None,
    )
    return event(data, n, at=at, sequence=sequence)


def talked(n: int = 1, *, done_on: date | None = None, at: datetime = NOVEMBER, sequence: int = 6) -> Event:
    """A talk between the schools was held; the mentor calls the parents before 11 January."""
    agreed = FollowUp(action="call_parents", organisation=SITE, role="mentor", due=date(2027, 1, 11), done_on=done_on)
    data = WarmHandoverHeld(
        occurred_at=at,
        talk_id="t1",
        cohort=COHORT,
        vo_site=SITE,
        mbo_institution=MBO,
        status="held",
        requested_by="vo",
        requested_at=at,
        hold_by=date(2027, 1, 4),
        held_at=at,
        follow_ups=(agreed,),
    )
    return event(data, n, at=at, sequence=sequence)


def missed(n: int = 1, *, times: int = 1, mandatory: bool = True, at: datetime = NOVEMBER, sequence: int = 2) -> Event:
    """The intake of pupil n did not take place."""
    data = IntakeMissed(
        occurred_at=at,
        application_id="a1",
        cohort=COHORT,
        mbo_institution=MBO,
        programme="25655",
        mandatory=mandatory,
        missed=times,
        missed_at=at,
    )
    return event(data, n, at=at, sequence=sequence, source="intake")


def quiet(after: datetime = NOVEMBER) -> datetime:
    """The instant at which a pupil of whom nothing more was heard is looked at."""
    return after + QUIET


_STEPS: dict[str, type[HandoverState]] = {
    "offered": DossierHandedOver,
    "opened": HandoverOpened,
    "accepted": HandoverAccepted,
}


def handover(
    n: int = 1, status: str = "offered", *, at: datetime = NOVEMBER, sequence: int = 3, **times: datetime
) -> Event:
    """The handover of pupil n."""
    steps = {f"{status}_at": at} | {f"{name}_at": moment for name, moment in times.items()}
    data = _STEPS[status](
        occurred_at=at,
        handover_id=f"h{n}",
        cohort=COHORT,
        vo_site=SITE,
        mbo_institution=MBO,
        kind="cold",
        status=HandoverStatus(status),
        **({"offered_at": NOVEMBER} | steps),
    )
    return event(data, n, at=at, sequence=sequence)


def linked(survivor: int, absorbed: int, *, at: datetime = NOVEMBER, sequence: int = 9) -> Event:
    """Two references are one child."""
    data = PupilLinked(occurred_at=at, survivor=ref(survivor), absorbed=ref(absorbed), evidence="bsn-received")
    return event(data, survivor, at=at, sequence=sequence)


def erased(n: int = 1, *, at: datetime = NOVEMBER, sequence: int = 20) -> Event:
    """Pupil n must be forgotten."""
    return event(PupilErased(occurred_at=at), n, at=at, sequence=sequence)


def told(events: Sequence[Event], book: Book | None = None, world: World = WORLD) -> Book:
    """The working set after these events."""
    book = book or Book()
    fold(book, events, world)
    return book


def run_until(book: Book, until: datetime, world: World = WORLD) -> None:
    """Fire every timer up to an instant, in order of time, as the transport does."""
    while due := sorted(timers(book, until), key=lambda t: (t.due_at, t.kind, t.subject, t.key)):
        book.timers = [t for t in latest(book.timers) if t != due[0]]
        TIMERS[due[0].kind](book, due[0], world)


def timers(book: Book, until: datetime) -> list[Timer]:
    """Timers that are due."""
    return [t for t in latest(book.timers) if t.due_at <= until]


def latest(found: Sequence[Timer]) -> list[Timer]:
    """A timer with the same kind, subject and key is moved."""
    return list({(t.kind, t.subject, t.key): t for t in found}.values())


def case(book: Book, n: int = 1) -> Case:
    """The case of pupil n."""
    return book.cases[ref(n), COHORT]


def types(book: Book) -> list[str]:
    """Types of what was published."""
    return [draft.data.TYPE for draft in book.drafts]


def soon(instant: datetime, days: int = 1) -> datetime:
    """Some days later."""
    return instant + timedelta(days=days)


def without(world: World, code: str) -> World:
    """The same world, in which an organisation has no contacts."""
    return replace(world, directory={**world.directory, code: replace(world.directory[code], posts=())})


def bare() -> World:
    """A world in which no file has named any organisation."""
    return replace(WORLD, directory={})


def acknowledged(rule: str, n: int = 1, *, at: datetime = NOVEMBER) -> Event:
    """Somebody has seen the alert about pupil n."""
    data = AlertAcknowledged(
        occurred_at=at,
        alert_id="alert-1",
        cohort=COHORT,
        rule=rule,
        severity=Severity.NOTICE,
        organisation=SITE,
        role="mentor",
        status=AlertStatus.ACKNOWLEDGED,
        step=1,
        raised_at=at,
        acknowledged_at=at,
    )
    return event(data, n, at=at, source="notifications")


def renamed(event: Event, subject: str) -> Event:
    """The same event about another subject."""
    return replace(event, subject=subject)


def passed(n: int = 1, track: str = "havo", *, at: datetime = NOVEMBER, sequence: int = 7) -> Event:
    """Pupil n passed the final exam."""
    told_of: dict[str, Any] = {"occurred_at": at, "cohort": COHORT, "vo_site": SITE, "result": "passed"}
    data = ExamResultRecorded.model_validate(told_of | {"track": track, "decided_on": at.date()})
    return event(data, n, at=at, sequence=sequence)
