"""Facts in, protected figures out: dated, once, and never telling of a person."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from services.signals import store
from services.signals.app import snapshot
from services.signals.handlers import TakeSnapshot, take_snapshot
from shared.core.actor import Actor, Role
from shared.core.errors import Forbidden, Invalid
from shared.messaging.outbox import Transport, perform
from shared.schemas.coordination import OrganisationSilent
from shared.schemas.dossiers import ChoiceRegistered
from shared.schemas.intakes import ApplicationStatus
from shared.schemas.pupils import PupilErased, PupilLinked
from shared.schemas.signals import SnapshotPublished
from shared.storage.migrate import ROOT
from tests.integration.signals.conftest import Tell
from tests.integration.signals.region import (
    COHORT,
    NOW,
    ON,
    REGION,
    UTRECHT,
    accepted,
    acknowledged,
    application,
    closed,
    expected,
    intake,
    recorded,
    ref,
    started,
    the_region,
    told,
)
from tests.support import Told, published


async def cells(worker: Transport, on: date = ON, region: str = REGION) -> dict[str, str]:
    """What was published of a region: "figure.group" → value."""
    told_so_far = [data for kind, _, data in await published(worker) if kind == SnapshotPublished.TYPE]
    (found,) = [d["cells"] for d in told_so_far if (d["region"], d["reference_date"]) == (region, on.isoformat())]
    return dict(found)


async def test_a_snapshot_counts_what_was_told_per_region_and_group_of_tracks(worker: Transport, tell: Tell) -> None:
    await tell(the_region())
    summary = await snapshot(worker, COHORT, ON)
    assert (summary.published, summary.unchanged) == (40, 0)
    found = await cells(worker)
    assert [found[f"expected.{g}"] for g in ("all", "vmbo-bb-kb", "vmbo-gl-tl", "havo-vwo", "vavo")] == [
        "120",
        "60",
        "40",
        "20",
        "0",
    ]
    assert (found["applied.all"], found["applied.all.percentage"]) == ("100", "83")
    assert (found["placed.all"], found["intake-done.all"], found["handed-over.all"]) == ("30", "30", "12")
    assert (found["risk-no-application.all"], found["answered.all"], found["risk-handover-unanswered.all"]) == (
        "14",
        "14",
        "0",
    )
    assert (found["not-known.all"], found["applied.vavo"]) == ("20", "z")
    assert (await cells(worker, region="01"))["expected.all"] == "0"


async def test_small_groups_are_protected_with_their_company(worker: Transport, tell: Tell) -> None:
    await tell([*the_region(), *(e for n in range(4) for e in (recorded(f"v{n}"), expected(f"v{n}", "vavo")))])
    await snapshot(worker, COHORT, ON)
    found = await cells(worker)
    assert found["expected.vavo"] == found["expected.havo-vwo"] == "c"
    assert found["applied.vavo"] == found["applied.vavo.percentage"] == "c"
    assert found["expected.all"] == "124"


async def test_the_same_day_again_changes_nothing_and_publishes_nothing(
    worker: Transport, tell: Tell, admin: asyncpg.Connection
) -> None:
    await tell(the_region())
    await snapshot(worker, COHORT, ON)
    before = await admin.fetch("SELECT * FROM cell ORDER BY snapshot_id, figure, track_group")
    await tell([application(f"p{n}") for n in range(0, 120, 6)])
    again = await snapshot(worker, COHORT, ON)
    assert (again.published, again.unchanged) == (0, 40)
    assert await admin.fetch("SELECT * FROM cell ORDER BY snapshot_id, figure, track_group") == before
    assert len(await published(worker)) == 40


async def test_a_day_later_a_number_that_moved_by_one_is_hidden(worker: Transport, tell: Tell) -> None:
    await tell(the_region())
    await snapshot(worker, COHORT, ON - timedelta(days=1))
    await tell([accepted("p4"), recorded("new"), expected("new", "havo")])
    await snapshot(worker, COHORT, ON)
    found = await cells(worker)
    assert (found["handed-over.all"], found["accepted.all"], found["expected.all"]) == ("c", "c", "c")
    assert (found["applied.all"], found["applied.all.percentage"]) == ("100", "c")


async def test_facts_of_after_the_day_do_not_count_and_what_ended_later_still_does(
    worker: Transport, tell: Tell
) -> None:
    names = [f"q{n}" for n in range(40)]
    await tell([*(recorded(name) for name in names), *(expected(name) for name in names)])
    await tell([application(name) for name in names[:30]])
    await tell([application(name, ApplicationStatus.WITHDRAWN, NOW) for name in names[:12]])
    await tell([application(name, ApplicationStatus.OFFERED, NOW) for name in names[12:30]])
    await snapshot(worker, COHORT, ON)
    found = await cells(worker)
    assert (found["applied.all"], found["placed.all"], found["not-known.all"]) == ("30", "0", "10")


async def test_an_application_after_the_application_date_is_not_in_time(worker: Transport, tell: Tell) -> None:
    names = [f"l{n}" for n in range(40)]
    await tell([*(recorded(name) for name in names), *(expected(name) for name in names)])
    await tell([application(name) for name in names[:20]])
    await tell([application(name, at=NOW - timedelta(days=1)) for name in names[20:]])
    await snapshot(worker, COHORT, ON)
    found = await cells(worker)
    assert (found["applied.all"], found["known.all"], found["known.all.percentage"]) == ("20", "40", ">95")


async def test_figures_of_institutions_that_told_nothing_are_not_known(worker: Transport, tell: Tell) -> None:
    names = [f"s{n}" for n in range(40)]
    await tell([*(recorded(name) for name in names), *(expected(name) for name in names)])
    await snapshot(worker, COHORT, ON)
    found = await cells(worker)
    assert (found["applied.all"], found["placed.all"], found["handed-over.all"]) == ("x", "x", "0")


async def test_who_was_entered_in_error_lives_abroad_or_only_applied_is_not_counted(
    worker: Transport, tell: Tell
) -> None:
    await tell([*the_region(), closed("p0", "entered-in-error"), recorded("abroad", None), expected("abroad")])
    await tell([recorded("direct"), application("direct")])
    await tell([*(e for n in range(10) for e in (recorded(f"m{n}"), expected(f"m{n}")))])
    await snapshot(worker, COHORT, ON)
    assert (await cells(worker))["expected.all"] == "129"


async def test_a_linked_pupil_is_counted_once_with_the_facts_of_both_references(worker: Transport, tell: Tell) -> None:
    link = PupilLinked(occurred_at=NOW, survivor=ref("p6"), absorbed=ref("twin"), evidence="bsn-received")
    events = [recorded("twin"), expected("twin"), application("twin"), intake("twin")]
    await tell([*the_region(), *events, told("dossier", "p6", link), told("dossier", "twin", link)])
    await snapshot(worker, COHORT, ON)
    found = await cells(worker)
    assert (found["expected.all"], found["applied.all"], found["placed.all"]) == ("120", "101", "31")


async def test_an_erased_pupil_leaves_nothing_behind_and_stays_away(
    worker: Transport, tell: Tell, admin: asyncpg.Connection
) -> None:
    link = PupilLinked(occurred_at=NOW, survivor=ref("p7"), absorbed=ref("twin"), evidence="bsn-received")
    late_link = PupilLinked(occurred_at=NOW, survivor=ref("twin"), absorbed=ref("late"), evidence="bsn-received")
    await tell([*the_region(), recorded("twin"), expected("twin"), recorded("late"), told("dossier", "p7", link)])
    await tell([told("dossier", "p7", PupilErased(occurred_at=NOW))])
    await tell([told("dossier", "twin", late_link), application("twin"), application("p7"), recorded("late")])
    gone = [ref(name) for name in ("p7", "twin", "late")]
    assert await admin.fetchval("SELECT count(*) FROM fact WHERE subject = ANY($1)", gone) == 0
    assert await admin.fetchval("SELECT count(*) FROM erased") == 3
    assert [(kind, subject) for kind, subject, _ in await published(worker)] == [("erasure-confirmed", ref("p7"))]


async def test_events_come_twice_and_in_any_order_with_the_same_figures(
    worker: Transport, tell: Tell, admin: asyncpg.Connection
) -> None:
    events = the_region()
    await tell(events)
    once = await admin.fetch("SELECT * FROM fact ORDER BY subject, kind, entity")
    await admin.execute("TRUNCATE fact, inbox, heard")
    await tell(events[::-1])
    await tell(events)
    assert await admin.fetch("SELECT * FROM fact ORDER BY subject, kind, entity") == once


async def test_nothing_personal_is_kept(tell: Tell, admin: asyncpg.Connection) -> None:
    await tell([recorded("p1"), expected("p1")])
    rows = await admin.fetch("SELECT fact::text AS line FROM fact")
    assert rows
    assert not [row for row in rows if "Noor" in row["line"] or "Proef" in row["line"] or "2011" in row["line"]]


async def test_only_the_operator_publishes_and_only_days_that_have_come(worker: Transport) -> None:
    coordinator = Actor("19", Role.REGION_COORDINATOR, "person-1")
    with pytest.raises(Forbidden):
        await perform(worker, coordinator, take_snapshot, TakeSnapshot(COHORT, ON))
    for cohort, day in ((COHORT, NOW.date() + timedelta(days=1)), (COHORT, date(1990, 1, 1)), (1990, ON)):
        with pytest.raises(Invalid):
            await snapshot(worker, cohort, day)


async def test_the_web_side_reads_figures_and_nothing_of_pupils(web: Transport) -> None:
    async with web.db.acquire() as conn:
        await conn.fetch("SELECT count(*) FROM snapshot JOIN cell USING (snapshot_id)")
        for table in ("fact", "link", "erased", "event_log", "inbox"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await conn.fetch(f"SELECT count(*) FROM {table}")
        for statement in ("DELETE FROM cell", "UPDATE snapshot SET region = '02'", "INSERT INTO erased VALUES ('x')"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await conn.execute(statement)


async def test_the_worker_can_not_change_what_was_published_and_no_small_number_can_be_stored(
    worker: Transport, tell: Tell
) -> None:
    await snapshot(worker, COHORT, ON)
    async with worker.db.acquire() as conn:
        for statement in ("DELETE FROM cell", "UPDATE cell SET value = '7'", "UPDATE snapshot SET region = '02'"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await conn.execute(statement)
        with pytest.raises(asyncpg.CheckViolationError):
            await conn.execute("INSERT INTO cell SELECT snapshot_id, 'new', 'all', '5', 'c' FROM snapshot LIMIT 1")


def strangers(offered: int, received: int) -> list[Told]:
    """Applicants whom only the national chain knows."""
    names = [(f"s{n}", ApplicationStatus.OFFERED) for n in range(offered)]
    names += [(f"t{n}", ApplicationStatus.RECEIVED) for n in range(received)]
    return [application(name, status, shadow=True) for name, status in names]


async def test_who_is_not_linked_is_a_number_apart_by_how_far_they_have_come(worker: Transport, tell: Tell) -> None:
    await tell([*the_region(), *strangers(8, 12)])
    await snapshot(worker, COHORT, ON)
    found = await cells(worker)
    by_standing = [found[f"not-linked.{name}"] for name in ("all", "applied", "placed", "enrolled", "lost")]
    assert by_standing == ["20", "12", "8", "0", "0"]
    assert (found["applied.all"], found["expected.all"], found["not-linked.all.percentage"]) == ("100", "120", "z")
    assert (await cells(worker, region="01"))["not-linked.all"] == "0"


async def test_few_who_are_not_linked_are_protected(worker: Transport, tell: Tell) -> None:
    await tell([*the_region(), *strangers(3, 12)])
    await snapshot(worker, COHORT, ON)
    found = await cells(worker)
    assert found["not-linked.placed"] == "c"
    assert "c" in (found["not-linked.all"], found["not-linked.applied"])


async def test_a_linked_shadow_is_no_stranger_any_more(worker: Transport, tell: Tell) -> None:
    link = PupilLinked(occurred_at=NOW, survivor=ref("known"), absorbed=ref("t0"), evidence="bsn-received")
    await tell([*the_region(), *strangers(8, 12), recorded("known"), told("dossier", "known", link)])
    await snapshot(worker, COHORT, ON)
    assert (await cells(worker))["not-linked.applied"] == "11"


async def test_who_was_seen_in_class_has_started(worker: Transport, tell: Tell) -> None:
    day = date(2027, 3, 30)
    new = [f"z{n}" for n in range(12)]
    await tell([*the_region(), *(e for n in new for e in (recorded(n), expected(n), started(n, day)))])
    await snapshot(worker, COHORT, ON)
    assert (await cells(worker))["started.all"] == "12"


def silence(status: str, at: datetime, sequence: int, code: str = "99MA") -> Told:
    """Nothing is heard of an organisation, or it speaks again."""
    data = OrganisationSilent(
        occurred_at=at, organisation=code, status=status, allowed_days=15, agreement_version="default-2026.1"
    )
    return Told("coordination", code, data, at, sequence)


async def counted(worker: Transport, figure: str, on: date) -> int:
    """How many pupils, before anything is protected."""
    async with worker.db.acquire() as conn:
        counts = await store.count(conn, store.Day(COHORT, on, date(2027, 4, 1), {UTRECHT: REGION}))
    return sum(n for (name, _), n in counts[REGION].items() if name == figure)


async def test_pupils_of_a_silent_institution_are_not_known_until_it_speaks(worker: Transport, tell: Tell) -> None:
    quiet_from, again = NOW - timedelta(days=20), NOW + timedelta(days=5)
    await tell([silence("heard", again, 7), silence("silent", quiet_from, 3), *the_region()])
    days = (date(2027, 3, 10), ON, date(2027, 4, 20))
    assert [await counted(worker, "known", day) for day in days] == [100, 0, 100]
    assert await counted(worker, "applied", ON) == 100, "what was told before stays told"
    await snapshot(worker, COHORT, ON)
    assert (await cells(worker))["not-known.all"] in ("120", "c")


async def test_a_silent_school_is_missed_for_who_has_not_applied_alone(worker: Transport, tell: Tell) -> None:
    chosen = [told("dossier", f"p{n}", choice(f"p{n}")) for n in range(0, 60, 6)]
    await tell([*the_region(), *chosen])
    assert await counted(worker, "known", ON) == 110
    await tell([silence("silent", NOW - timedelta(days=20), 1, "99AA00")])
    assert await counted(worker, "known", ON) == 100


async def test_pupils_who_were_expected_before_it_was_kept_where_are_missed_when_their_school_falls_silent(
    worker: Transport, tell: Tell, admin: asyncpg.Connection
) -> None:
    chosen = [told("dossier", f"p{n}", choice(f"p{n}")) for n in range(0, 60, 6)]
    await tell([*the_region(), *chosen, silence("silent", NOW - timedelta(days=20), 1, "99AA00")])
    await admin.execute("UPDATE fact SET place = NULL WHERE kind = 'expected'")
    assert await counted(worker, "known", ON) == 110
    upgrade = (ROOT / "services/signals/sql/004_places.sql").read_text(encoding="utf-8")
    change = admin.transaction()
    await change.start()
    await admin.execute(
        """INSERT INTO dossier.event_log (subject, sequence, cohort, event_id, type, topic, recorded_at, payload)
        SELECT subject, sequence, cohort, gen_random_uuid(), 'pupil-expected', '-', $1, '{"vo_site": "99AA00"}'
        FROM fact WHERE kind = 'expected'""",
        NOW,
    )
    await admin.execute(upgrade)
    await admin.execute("DELETE FROM dossier.event_log WHERE topic = '-'")
    await change.commit()
    assert await counted(worker, "known", ON) == 100


def choice(name: str) -> ChoiceRegistered:
    return ChoiceRegistered(
        occurred_at=NOW - timedelta(days=60),
        choice_id=f"choice-{name}",
        cohort=COHORT,
        vo_site="99AA00",
        mbo_institution="99MA",
        programme="25498",
        level=2,
        pathway="bol",
        preference=1,
    )


async def test_an_alert_about_an_organisation_is_in_no_figure(worker: Transport, tell: Tell, admin: Any) -> None:
    about = acknowledged("anybody")
    await tell([replace(about, subject="99AA00")])
    assert await admin.fetchval("SELECT count(*) FROM fact") == 0
