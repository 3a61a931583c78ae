"""Notifications on a real database: events in, alerts and events out, tenancy, links and erasure."""

from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from services.notifications import handlers
from services.notifications.app import build
from services.notifications.store import alerts as store
from services.notifications.store import reading
from shared.core.actor import Actor, Role
from shared.core.errors import Forbidden, IllegalMove, NotFound
from shared.messaging.outbox import Transport, perform
from shared.schemas.coordination import ActionDone, ActionOverdue, Severity
from shared.schemas.pupils import PupilErased
from tests.support import deliver, published
from tests.unit.notifications import made
from tests.unit.notifications.made import ANNA, BRAM, DECAAN, MENTOR, NOW, OFFICER, SITE, Stream, told

ON_SITE = Actor(SITE, Role.MENTOR, made.person("mentor"))
ELSEWHERE = Actor("99XB00", Role.DECAAN, made.person("stranger"))


async def types(transport: Transport) -> list[str]:
    return [short for short, _, _ in await published(transport)]


async def test_everybody_on_the_route_gets_an_alert_and_clearing_ends_them(
    worker: Transport, admin: asyncpg.Connection
) -> None:
    service, say = build(worker.settings), Stream()
    fired = say("coordination", made.at_risk(Severity.RISK, (MENTOR, DECAAN, OFFICER)))
    await deliver(worker, service, [told(fired)])
    assert await types(worker) == ["alert-raised"] * 3
    assert await admin.fetchval("SELECT count(*) FROM delivery WHERE state = 'waiting'") == 3
    await deliver(worker, service, [told(say("coordination", made.at_risk(Severity.RISK, cleared=True)))])
    assert (await types(worker))[3:] == ["alert-resolved"] * 3
    assert {data["verdict"] for kind, _, data in await published(worker) if kind == "alert-resolved"} == {"cleared"}
    assert await admin.fetchval("SELECT count(*) FROM delivery WHERE state = 'cancelled'") == 3


async def test_a_clearing_that_comes_before_its_signal_wins(worker: Transport) -> None:
    service, say = build(worker.settings), Stream()
    fired, cleared = say("coordination", made.at_risk()), say("coordination", made.at_risk(cleared=True))
    await deliver(worker, service, [told(cleared)])
    await deliver(worker, service, [told(fired)])
    assert await types(worker) == []


async def test_an_overdue_action_tells_its_new_owner_and_the_one_before(worker: Transport) -> None:
    service, say = build(worker.settings), Stream()
    first = say("coordination", made.action(ActionOverdue, MENTOR))
    second = say("coordination", made.action(ActionOverdue, DECAAN, 10), NOW + timedelta(days=5))
    await deliver(worker, service, [told(first)])
    await deliver(worker, service, [told(second)])
    seen = [(kind, data["role"], data["step"]) for kind, _, data in await published(worker)]
    assert seen == [("alert-raised", "mentor", 1), ("alert-escalated", "mentor", 2), ("alert-raised", "decaan", 1)]
    assert {data["rule"] for _, _, data in await published(worker)} == {"overdue-talk-to-pupil"}
    await deliver(worker, service, [told(say("coordination", made.action(ActionDone, DECAAN)))])
    assert (await types(worker))[3:] == ["alert-resolved"] * 2


async def test_a_person_confirms_takes_it_back_and_resolves(worker: Transport, web: Transport) -> None:
    service, say = build(worker.settings), Stream()
    await deliver(worker, service, [told(say("coordination", made.at_risk()))])
    alert_id = (await published(worker))[0][2]["alert_id"]
    ids = (alert_id,)
    await perform(web, ON_SITE, handlers.acknowledge, handlers.Acknowledge(ids, (ANNA,)))
    with pytest.raises(IllegalMove) as refused:
        await perform(web, ON_SITE, handlers.acknowledge, handlers.Acknowledge(ids, (ANNA,)))
    assert refused.value.open_moves == ("undo", "start", "resolve")
    await perform(web, ON_SITE, handlers.undo_acknowledge, handlers.UndoAcknowledge(ids, (ANNA,)))
    await perform(web, ON_SITE, handlers.resolve, handlers.Resolve(alert_id, "useful", "contact", (ANNA,)))
    history = await published(worker)
    assert [kind for kind, _, _ in history] == ["alert-raised", "alert-acknowledged", "alert-raised", "alert-resolved"]
    assert [data["status"] for _, _, data in history] == ["raised", "acknowledged", "raised", "resolved"]
    async with web.db.as_actor(ON_SITE) as conn:
        steps = [(step.command, step.by_person) for step in await reading.trail(conn, alert_id)]
    me = made.person("mentor")
    assert steps == [("raise", None), ("acknowledge", me), ("undo", me), ("resolve", me)]


async def test_who_works_on_it_has_seen_it_and_may_take_that_back(worker: Transport, web: Transport) -> None:
    service, say = build(worker.settings), Stream()
    await deliver(worker, service, [told(say("coordination", made.at_risk()))])
    alert_id = (await published(worker))[0][2]["alert_id"]
    ids = (alert_id,)
    await perform(web, ON_SITE, handlers.start, handlers.Start(ids, (ANNA,)))
    await perform(web, ON_SITE, handlers.undo_acknowledge, handlers.UndoAcknowledge(ids, (ANNA,)))
    (_, busy, seen) = [data for _, _, data in await published(worker)]
    assert (busy["status"], seen["status"]) == ("acknowledged", "acknowledged")
    assert busy["in_progress_at"]
    assert busy["acknowledged_at"]
    assert seen["acknowledged_at"]
    assert seen["in_progress_at"] is None


async def test_code_alone_refuses_another_organisation(worker: Transport) -> None:
    """The worker's role sees every row, so here only the code stands in the way."""
    service, say = build(worker.settings), Stream()
    await deliver(worker, service, [told(say("dossier", made.recorded()))])
    await deliver(worker, service, [told(say("coordination", made.at_risk()))])
    alert_id = (await published(worker))[0][2]["alert_id"]
    async with worker.db.transaction() as conn:
        assert await reading.open_rows(conn, ELSEWHERE.organisation) == []
        assert await reading.one_alert(conn, alert_id, ELSEWHERE.organisation) is None
        assert (await reading.one_pupil(conn, ANNA, ELSEWHERE.organisation)).last_name is None
        assert (await reading.one_pupil(conn, ANNA, SITE)).last_name == "Zonneveld"
        assert await store.subjects(conn, [alert_id], ELSEWHERE.organisation) == ()
        with pytest.raises(NotFound):
            await handlers.acknowledge(conn, handlers.Acknowledge((alert_id,), (ANNA,)), ELSEWHERE, NOW)
        operator = Actor(SITE, Role.OPERATOR, "operator")
        with pytest.raises(Forbidden):
            await handlers.acknowledge(conn, handlers.Acknowledge((alert_id,), (ANNA,)), operator, NOW)


@pytest.mark.parametrize("organisation", [ELSEWHERE.organisation, "", None])
async def test_the_database_alone_refuses_another_organisation(
    worker: Transport, web: Transport, organisation: str | None
) -> None:
    service, say = build(worker.settings), Stream()
    await deliver(worker, service, [told(say("dossier", made.recorded()))])
    await deliver(worker, service, [told(say("coordination", made.at_risk()))])
    async with web.db.transaction() as conn:
        if organisation is not None:
            await conn.execute("SELECT set_config('overstap.organisation', $1, true)", organisation)
        for table in ("alert", "pupil", "trail", "delivery", "contact"):
            assert await conn.fetchval(f"SELECT count(*) FROM {table}") == 0, table
        assert (await conn.execute("UPDATE alert SET step = step + 1")) == "UPDATE 0"
    async with web.db.transaction() as conn:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.fetch("SELECT data FROM told")
    async with web.db.as_actor(ON_SITE) as conn:
        assert await conn.fetchval("SELECT count(*) FROM pupil") == 1


async def test_linked_pupils_have_one_list_of_alerts(worker: Transport, admin: asyncpg.Connection) -> None:
    service, say, other = build(worker.settings), Stream(), Stream(BRAM)
    await deliver(worker, service, [told(other("dossier", made.recorded("Bram")))])
    await deliver(worker, service, [told(other("coordination", made.at_risk()))])
    link = made.linked(absorbed=BRAM, survivor=ANNA)
    await deliver(worker, service, [told(say("dossier", link)), told(other("dossier", link))])
    await deliver(worker, service, [told(other("coordination", made.at_risk(Severity.WARNING)))])
    assert {row["pupil_ref"] for row in await admin.fetch("SELECT pupil_ref FROM alert")} == {ANNA}
    assert [subject for _, subject, _ in await published(worker)] == [BRAM, ANNA, ANNA]
    assert await admin.fetchval("SELECT first_name FROM pupil WHERE pupil_ref = $1", ANNA) == "Bram"


async def test_an_erased_pupil_leaves_nothing_and_does_not_come_back(
    worker: Transport, admin: asyncpg.Connection
) -> None:
    service, say = build(worker.settings), Stream()
    await deliver(worker, service, [told(say("dossier", made.recorded()))])
    await deliver(worker, service, [told(say("coordination", made.at_risk()))])
    await deliver(worker, service, [told(say("dossier", PupilErased(occurred_at=NOW)))])
    assert await types(worker) == ["erasure-confirmed"]
    await deliver(worker, service, [told(say("coordination", made.at_risk(Severity.RISK)))])
    assert await types(worker) == ["erasure-confirmed"]
    for table in ("told", "pupil", "alert", "trail", "delivery"):
        assert await admin.fetchval(f"SELECT count(*) FROM {table}") == 0, table
    assert await admin.fetchval("SELECT count(*) FROM erased") == 1


async def test_older_contacts_do_not_replace_newer_ones(worker: Transport, admin: asyncpg.Connection) -> None:
    service = build(worker.settings)
    newer = replace(made.contacts(SITE, "De Zorgvuldige", ("mentor", "mentor", "Mia Mentor")), sequence=2)
    older = made.contacts(SITE, "De Oude Naam")
    await deliver(worker, service, [newer])
    await deliver(worker, service, [older])
    assert await admin.fetchval("SELECT name FROM organisation") == "De Zorgvuldige"
    assert await admin.fetchval("SELECT count(*) FROM contact") == 1
