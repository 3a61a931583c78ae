"""What must be done about an organisation, in the mail and on the pages of who must do it."""

import asyncpg

from services.notifications.app import build
from services.notifications.delivery import deliver_due
from shared.core.actor import Actor, Role
from shared.core.keys import load_keys
from shared.messaging.outbox import Transport
from shared.schemas.coordination import Evidence, TaskDone, TaskOpened
from tests.integration.notifications.region import visitor
from tests.support import deliver, published
from tests.unit.notifications import made
from tests.unit.notifications.made import NOW, REGION, SITE, Stream, told
from tests.unit.notifications.test_tasks import COORDINATOR, task

WHO = Actor(REGION, Role.REGION_COORDINATOR, COORDINATOR.contact)
FACTS = (Evidence(fact="organisation", value=SITE), Evidence(fact="vacant-role", value="decaan"))


async def opened(worker: Transport, say: Stream) -> str:
    """Nobody is decaan at a school: the coordinator of the region hears it."""
    service = build(worker.settings)
    await deliver(worker, service, [made.contacts(SITE, "De Zorgvuldige")])
    await deliver(worker, service, [made.contacts(REGION, "Regio", ("coordinator", "region_coordinator", "Cor"))])
    asked = task(TaskOpened, COORDINATOR, "vacant-role", about="decaan").model_copy(update={"evidence": FACTS})
    await deliver(worker, service, [told(say("coordination", asked))])
    ((kind, subject, data),) = await published(worker)
    assert (kind, subject, data["rule"], data["cohort"]) == ("alert-raised", SITE, "vacant-role", 2027)
    return str(data["alert_id"])


async def test_its_page_is_about_the_organisation_and_about_no_pupil(worker: Transport, web: Transport) -> None:
    alert = await opened(worker, Stream(SITE))
    async with visitor(web, WHO) as client:
        inbox = await client.get("/notifications/")
        assert "De Zorgvuldige" in inbox.text
        assert "Niemand aanwezig in een rol" in inbox.text
        page = await client.get(f"/notifications/alerts/{alert}")
        for text in ("De Zorgvuldige", "Er is niemand aanwezig in de rol", "Het gaat over De Zorgvuldige"):
            assert text in page.text
        assert "/coordination/tasks/task-1" in page.text
        assert "leerling" not in page.text.lower().split("<main")[1].split("</main")[0]
        confirmed = await client.post(f"/notifications/alerts/{alert}/acknowledge")
        assert confirmed.status_code == 200
        assert "Ontvangst bevestigd" in confirmed.text
        several = await client.post("/notifications/undo", data={"ids": alert, "back": ""})
        assert several.status_code == 200


async def test_the_api_tells_of_the_organisation_and_names_no_pupil(worker: Transport, web: Transport) -> None:
    alert = await opened(worker, Stream(SITE))
    async with visitor(web, WHO) as client:
        client.headers["Authorization"] = f"Bearer {load_keys(web.settings).api_token(WHO)}"
        (item,) = (await client.get("/notifications/api/v1/alerts")).json()["items"]
    assert (item["alert_id"], item["pupil_ref"], item["organisation"]) == (alert, None, SITE)


async def test_it_is_mailed_and_ends_when_it_is_done(worker: Transport, admin: asyncpg.Connection) -> None:
    say = Stream(SITE)
    alert = await opened(worker, say)
    assert await admin.fetchval("SELECT state FROM delivery WHERE alert_id = $1", alert) == "waiting"
    worker.settings.__dict__["smtp_port"] = 9
    assert await deliver_due(worker) == 1, "it has an address; here nobody listens at the port"
    assert await admin.fetchval("SELECT failures FROM delivery WHERE alert_id = $1", alert) == 1
    done = task(TaskDone, COORDINATOR, "vacant-role", about="decaan", done_at=NOW)
    await deliver(worker, build(worker.settings), [told(say("coordination", done))])
    row = await admin.fetchrow("SELECT status, verdict FROM alert WHERE alert_id = $1", alert)
    assert tuple(row) == ("resolved", "cleared")
    assert await admin.fetchval("SELECT count(*) FROM pupil") == 0
