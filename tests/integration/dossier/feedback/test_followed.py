"""Until when a school hears of a pupil from others: refused by the policies alone and by the queries alone, and for
both the same end, whatever was told and in whatever order."""

import random
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.dossier import store
from services.dossier.store import feedback, history, talks
from shared.core.actor import Actor, Role
from shared.core.clock import FixedClock, civil_date, local_instant
from shared.core.settings import Settings
from shared.schemas.coordination import TransitionOpened
from shared.schemas.envelope import EventData
from shared.schemas.intakes import (
    ApplicationStatus,
    ApplicationStatusChanged,
    EnrolmentEnded,
    StudentNotStarted,
    StudentStarted,
)
from shared.schemas.organisations import AgreementAdopted
from tests.integration.dossier.bench import (
    COHORT,
    DECAAN,
    INTAKER,
    MBO,
    NOW,
    OTHER_DECAAN,
    SITE,
    Bench,
    opened,
    pupil_list,
)
from tests.support import Told

LIMIT, LATE = date(COHORT, 10, 1), date(COHORT, 11, 15)
EARLY = date(COHORT, 8, 30)
SECOND = timedelta(seconds=1)


@pytest.fixture
async def bench(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    async with opened(database_url, make_settings) as made:
        await made.send("pupil", pupil_list(0, 1))
        yield made


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def enrolment(model: type[Any], day: date, key: str = "a", said_on: date | None = None, **more: Any) -> EventData:
    """An enrolment as the institution tells it; `said_on`: on another day than the first one."""
    whose = {"application_id": key, "cohort": COHORT, "mbo_institution": MBO, "programme": "25655", "pathway": "bol"}
    made: EventData = model(occurred_at=noon(said_on or day), first_day=day, **whose, **more)
    return made


def started(day: date, key: str = "a", said_on: date | None = None) -> EventData:
    return enrolment(StudentStarted, day, key, said_on)


def absent(day: date, key: str = "a") -> EventData:
    return enrolment(StudentNotStarted, day, key, checked_on=day)


def ended(day: date, key: str = "a") -> EventData:
    return enrolment(EnrolmentEnded, EARLY, key, day, ended_on=day, reason=7)


def applied(at: datetime, status: str, mbo: str = MBO) -> EventData:
    return ApplicationStatusChanged(
        occurred_at=at,
        application_id=f"for-{mbo}",
        cohort=COHORT,
        mbo_institution=mbo,
        programme="25655",
        pathway="bol",
        status=ApplicationStatus(status),
        status_at=at,
        channel="api",
    )


def agreed(version: str, until: str | None) -> Told:
    data = AgreementAdopted(
        occurred_at=NOW,
        region="19",
        version=version,
        valid_from=NOW.date(),
        digest="sha256:0",
        rules=(),
        feedback_until=until,
    )
    return Told("coordination", "19", data, NOW, int(version.removeprefix("v") or 1))


def on_agreement(version: str) -> EventData:
    return TransitionOpened(occurred_at=NOW, cohort=COHORT, agreement_version=version)


async def tell(bench: Bench, told: Sequence[EventData], n: int = 0, first: int = 1) -> None:
    """Institutions and coordination tell these in this order."""
    sources = ["coordination" if isinstance(data, TransitionOpened) else "intake" for data in told]
    numbered = enumerate(zip(sources, told, strict=True), first)
    await bench.tell(*(Told(who, bench.ref(n), data, data.occurred_at, number) for number, (who, data) in numbered))


CASES: dict[str, tuple[list[EventData], date]] = {
    "nothing was told of a start": ([], LIMIT),
    "started in time": ([started(EARLY)], LIMIT),
    "started later": ([started(LATE)], LATE),
    "said before it began": ([started(LATE, said_on=EARLY)], LATE),
    "said after it began": ([started(EARLY, said_on=LATE)], LATE),
    "never seen after all": ([started(LATE), absent(LATE)], LIMIT),
    "started, ended, started elsewhere": ([started(EARLY), ended(LIMIT), started(LATE, "b")], LIMIT),
    "an earlier day was agreed": ([on_agreement("v1")], date(COHORT, 9, 15)),
    "a later day was agreed": ([on_agreement("v2")], date(COHORT, 11, 30)),
    "an earlier day was agreed, started later": ([on_agreement("v1"), started(LATE)], LATE),
    "the agreement says no day": ([on_agreement("v3")], LIMIT),
    "moved to another agreement": ([on_agreement("v1"), on_agreement("v2")], date(COHORT, 11, 30)),
}


@pytest.fixture(params=CASES, ids=lambda name: name.replace(" ", "-"))
async def case(request: pytest.FixtureRequest, bench: Bench) -> datetime:
    """A pupil of whom an institution said something a second before the end, and something else at the end; gives the
    end."""
    told, last = CASES[request.param]
    ends = local_instant(last + timedelta(days=1))
    # The agreement may come after the transition that is on it.
    await tell(bench, [*told, applied(ends - SECOND, "received"), applied(ends, "withdrawn")])
    await bench.tell(agreed("v1", "09-15"), agreed("v2", "11-30"), agreed("v3", None))
    return ends


async def test_the_policies_alone_show_a_school_nothing_from_the_end_on(bench: Bench, case: datetime) -> None:
    async with bench.service_database().as_actor(DECAAN) as conn:
        steps = [row["at"] for row in await conn.fetch("SELECT at FROM step WHERE entity = 'application'")]
        told = await conn.fetch("SELECT state FROM told WHERE entity = 'application'")
        everything = [row["at"] for row in await conn.fetch("SELECT at FROM step")]
    assert steps == [case - SECOND]
    assert told == [], "the newest state is later than the end"
    assert max(everything) < case
    async with bench.service_database().as_actor(OTHER_DECAAN) as conn:
        assert await conn.fetch("SELECT at FROM step") == []


async def test_the_queries_alone_show_a_school_nothing_from_the_end_on(bench: Bench, case: datetime) -> None:
    """Asked as the worker, whom no policy holds back."""
    ref = bench.ref(0)
    async with bench.worker.db.transaction() as conn:
        assert len(await conn.fetch("SELECT at FROM step WHERE entity = 'application'")) == 2
        (application,) = (await store.applications(conn, [ref], COHORT))[ref]
        assert (application.status, application.status_at) == ("received", case - SECOND)
        assert max(one.at for one in (await history.told_to_us(conn, [ref], COHORT))[ref]) == case - SECOND
        assert {one.entity for one in await store.told(conn, ref, COHORT)} <= {"transition", "enrolment"}


async def test_a_school_can_not_find_out_later_who_else_knows_its_pupil(bench: Bench, case: datetime) -> None:
    ref, elsewhere = bench.ref(0), "99XN"
    await tell(bench, [applied(case, "received", elsewhere)], first=100)
    async with bench.service_database().as_actor(DECAAN) as conn:
        known = await talks.known_at(conn, [(ref, COHORT, MBO), (ref, COHORT, elsewhere)])
    assert known == {(ref, COHORT, MBO)}, "what it heard last, and nothing of the other"
    async with bench.service_database().as_actor(INTAKER) as conn:
        assert await talks.known_at(conn, [(ref, COHORT, MBO)]) == set(), "the institution knows better"


async def test_the_page_and_the_api_end_where_the_database_does(bench: Bench, case: datetime) -> None:
    ref = bench.ref(0)
    shown = (await bench.get(f"/pupils/{ref}", DECAAN)).json()["applications"]
    assert [one["status"] for one in shown] == ["received"]
    bench.settings.clock = FixedClock(case)
    browser = await bench.sign_in(DECAAN)
    assert "niet meer te zien voor de school" in (await browser.get(f"/dossier/pupils/{ref}")).text


async def test_a_pupil_sees_what_was_told_without_an_end(bench: Bench) -> None:
    at = local_instant(date(COHORT, 12, 1))
    await tell(bench, [applied(at, "received")])
    async with bench.service_database().as_actor(Actor(SITE, Role.PUPIL, bench.ref(0))) as conn:
        assert len((await store.applications(conn, [bench.ref(0)]))[bench.ref(0)]) == 1


async def test_the_end_follows_from_what_was_told_in_whatever_order_and_under_either_reference(bench: Bench) -> None:
    """Sixty made-up histories in one batch, shuffled, half of each told under the reference that is absorbed."""
    dice = random.Random(COHORT)
    survivors = [bench.worker.keys.pupil_ref(f"{n:09}") for n in range(60)]
    expected: dict[str, datetime] = {}
    told: list[Told] = [agreed("v1", "09-15"), agreed("v2", "11-30")]
    links = []
    for n, ref in enumerate(survivors):
        other = bench.worker.keys.pupil_ref(f"9{n:08}")
        links.append((other, ref))
        course = _course(dice)
        expected[ref] = _expected(course)
        for number, data in enumerate(course, 1):
            key = getattr(data, "application_id", "a")
            subject = ref if isinstance(data, TransitionOpened) or key == "a" else other
            source = "coordination" if isinstance(data, TransitionOpened) else "intake"
            told.append(Told(source, subject, data, data.occurred_at, number))
    dice.shuffle(told)
    await bench.tell(*told)
    async with bench.worker.db.transaction() as conn:
        await conn.executemany("INSERT INTO alias (absorbed, survivor) VALUES ($1, $2)", links)
        assert await feedback.heard_until(conn, survivors, COHORT) == expected


def _course(dice: random.Random) -> list[EventData]:
    days = [EARLY + timedelta(days=dice.randrange(120)) for _ in range(dice.randrange(6))]
    course: list[EventData] = [on_agreement(dice.choice(["v1", "v2", "v9"])) for _ in range(dice.randrange(3))]
    for day in days:
        key = dice.choice("ab")
        course.append(dice.choice([started, absent])(day, key))
    return course


def _expected(course: Sequence[EventData]) -> datetime:
    """The same rule, told again in other words."""
    last = {one.application_id: one for one in course if isinstance(one, StudentStarted | StudentNotStarted)}
    gone = {key for key, one in last.items() if isinstance(one, StudentNotStarted)}
    starts = [
        max(one.first_day, civil_date(one.occurred_at))
        for one in course
        if isinstance(one, StudentStarted) and one.application_id not in gone
    ]
    versions = [one.agreement_version for one in course if isinstance(one, TransitionOpened)]
    month, day = {"v1": (9, 15), "v2": (11, 30)}.get(str(versions[-1]) if versions else "", (10, 1))
    agreed_until = date(COHORT, month, day)
    return local_instant(max(agreed_until, min(starts, default=agreed_until)) + timedelta(days=1))
