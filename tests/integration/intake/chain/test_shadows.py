"""Who is known from the national chain alone, and the one command that says who that is."""

import asyncpg
import pytest

from services.intake import store
from services.intake.handlers.chain.shadows import LinkShadow, link_shadow
from services.intake.store import exports
from shared.core.actor import Actor, Role
from shared.core.errors import IllegalMove, Invalid, NotFound
from shared.messaging.outbox import perform
from shared.schemas.pupils import PupilErased, PupilLinked
from tests import support
from tests.integration.intake import bench as intake_bench
from tests.integration.intake.bench import COORDINATOR, NOW, OTHER, PGNS, Bench, recorded, status
from tests.integration.intake.bench import told as said
from tests.integration.intake.chain.handing_in import fire, row, take, told
from tests.integration.intake.chain.test_export import assert_audit

bench = intake_bench.bench
OPERATOR = support.actor("overstap", Role.OPERATOR, "operator")
HASH = "b" * 64
THERE = row(ketenid="K2", bsnhash=HASH, instellingserkenningscode="99XB")


def shadow(bench: Bench) -> str:
    return bench.web.keys.chain_ref(HASH)


async def known(bench: Bench) -> str:
    """A pupil whom a school recorded, and a shadow with an application at each of two institutions."""
    ref = bench.ref(PGNS[0])
    await bench.tell(said(ref, recorded(), 1))
    assert await take(bench, row(bsnhash=HASH), THERE, actor=OPERATOR) == (2, 0, 0, 0)
    return ref


async def link(bench: Bench, ref: str, actor: Actor = COORDINATOR) -> None:
    await perform(bench.web, actor, link_shadow, LinkShadow(shadow(bench), ref))
    await fire(bench)


@pytest.mark.parametrize("actor", [COORDINATOR, OPERATOR], ids=["institution", "operator"])
async def test_linking_moves_the_applications_of_all_institutions_and_tells_everybody(
    bench: Bench, actor: Actor
) -> None:
    ref = await known(bench)
    before = len(await bench.events())
    await link(bench, ref, actor)
    since = (await bench.events())[before:]
    links = [(who, d) for kind, who, d in since if kind == "pupil-linked"]
    assert sorted(who for who, _ in links) == sorted([ref, shadow(bench)])
    assert {(d["survivor"], d["absorbed"], d["recorded_by"]["organisation"]) for _, d in links} == {
        (ref, shadow(bench), actor.organisation)
    }
    retold = [(who, d["mbo_institution"], d["shadow"]) for kind, who, d in since if kind.startswith("application")]
    assert sorted(retold) == [(ref, "99XA", False), (ref, "99XB", False)]
    await assert_audit(bench)


async def test_what_comes_later_with_that_hash_is_the_pupils(bench: Bench) -> None:
    ref = await known(bench)
    await link(bench, ref)
    rows = row(id="9", bsnhash=HASH, status="OFFERED", begindatum="2027-02-01"), row(ketenid="K3", bsnhash=HASH)
    assert await take(bench, *rows) == (2, 0, 0, 0)
    assert [(who, d["shadow"]) for who, _, d in (await told(bench))[-2:]] == [(ref, False)] * 2
    await assert_audit(bench)


async def test_asking_twice_changes_nothing(bench: Bench) -> None:
    ref = await known(bench)
    await link(bench, ref)
    before = await bench.events()
    await link(bench, ref)
    assert await bench.events() == before


async def test_of_two_who_say_it_is_somebody_else_the_first_wins(bench: Bench) -> None:
    ref, other = await known(bench), bench.ref(PGNS[1])
    await bench.tell(said(other, recorded("Daan"), 1))
    await perform(bench.web, COORDINATOR, link_shadow, LinkShadow(shadow(bench), ref))
    with pytest.raises(IllegalMove):
        await perform(bench.web, OPERATOR, link_shadow, LinkShadow(shadow(bench), other))
    await fire(bench)
    with pytest.raises(NotFound):
        await perform(bench.web, OPERATOR, link_shadow, LinkShadow(shadow(bench), other))
    async with bench.worker.db.transaction() as conn:
        assert (await store.resolve(conn, [shadow(bench)]))[shadow(bench)].pupil_ref == ref


async def test_somebody_whom_nobody_knows_is_refused_and_so_is_who_has_no_application_of_the_shadow(
    bench: Bench,
) -> None:
    ref = await known(bench)
    with pytest.raises(Invalid):
        await link(bench, bench.ref(PGNS[5]))
    with pytest.raises(NotFound):
        await link(bench, ref, support.actor("99XC", Role.INTAKER))
    with pytest.raises(NotFound):
        await perform(bench.web, OPERATOR, link_shadow, LinkShadow("a" * 26, ref))
    assert await bench.rows("SELECT 1 FROM shadow_link") == []


async def test_an_institution_sees_its_own_shadows_by_code_and_by_the_database_each_alone(bench: Bench) -> None:
    await known(bench)
    for actor, own in ((COORDINATOR, "K1"), (OTHER, "K2")):
        async with bench.web.db.as_actor(actor) as conn:
            [one] = await exports.shadows(conn, actor.organisation, "", 10)
            assert (one["pupil_ref"], one["own_ids"]) == (shadow(bench), [own])
            assert await conn.fetchval("SELECT count(*) FROM application WHERE shadow") == 1
        async with bench.worker.db.transaction() as conn:  # The worker's role sees every row.
            assert [one["own_ids"] for one in await exports.shadows(conn, actor.organisation, "", 10)] == [[own]]
            assert await exports.count_shadows(conn, actor.organisation) == 1


async def test_a_web_process_reads_no_row_that_waits(bench: Bench) -> None:
    async with bench.web.db.as_actor(COORDINATOR) as conn:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.fetch("SELECT 1 FROM export_row")


async def test_a_shadow_that_a_school_joins_is_told_as_that_pupil_too(bench: Bench) -> None:
    ref = await known(bench)
    joined = PupilLinked(occurred_at=NOW, survivor=ref, absorbed=shadow(bench), evidence="bsn-received")
    await bench.tell(said(ref, joined, 2), said(shadow(bench), joined, 1))
    assert sorted((who, d["mbo_institution"], d["shadow"]) for who, _, d in (await told(bench))[-2:]) == [
        (ref, "99XA", False),
        (ref, "99XB", False),
    ]
    await assert_audit(bench)


@pytest.mark.parametrize("link_first", [True, False])
async def test_nothing_of_an_erased_pupil_comes_back_by_the_chain(bench: Bench, link_first: bool) -> None:
    ref = await known(bench)
    if link_first:
        await link(bench, ref)
        await bench.tell(said(ref, PupilErased(occurred_at=NOW), 2))
    else:
        await perform(bench.web, COORDINATOR, link_shadow, LinkShadow(shadow(bench), ref))
        await bench.tell(said(ref, PupilErased(occurred_at=NOW), 2))
        await fire(bench)
        since = [(kind, who) for kind, who, _ in await bench.events()]
        assert since[-1] == ("pupil-erased", shadow(bench)), "the other services have the shadow too"
        assert "pupil-linked" not in dict(since)
    assert await bench.rows("SELECT 1 FROM application") == []
    bad = row(bsnhash=HASH, status="WEG")
    assert await take(bench, row(bsnhash=HASH), THERE, bad, actor=OPERATOR) == (0, 0, 3, 0)
    assert await bench.rows("SELECT 1 FROM quarantine") == []
    await assert_audit(bench)


async def test_a_pupil_whom_an_institution_met_can_be_a_shadow_elsewhere(bench: Bench) -> None:
    await bench.statuses(status(PGNS[0], "RECEIVED", "2027-01-05", 1))
    assert await take(bench, THERE, actor=OTHER) == (1, 0, 0, 0)
    await link(bench, bench.ref(PGNS[0]), OTHER)
    rows = await bench.rows("SELECT DISTINCT pupil_ref, shadow FROM application")
    assert rows == [{"pupil_ref": bench.ref(PGNS[0]), "shadow": False}]
    await assert_audit(bench)
