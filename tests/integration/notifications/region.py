"""A made-up inbox of a Doorstroompunt with work in every group, and the site that shows it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from starlette.applications import Starlette

from services.notifications import handlers
from services.notifications.app import build
from shared.core.actor import Actor, Role
from shared.core.ids import opaque_ref
from shared.core.keys import load_keys
from shared.messaging.outbox import Transport, perform
from shared.schemas.coordination import ActionOpened, Custodian, Severity
from shared.web.app import create_app, front
from shared.web.auth import SESSION_COOKIE, sign_in
from tests.support import deliver, published
from tests.unit.notifications import made
from tests.unit.notifications.made import MBO, OFFICER, REGION, SITE, Stream, told

OFFICE = Actor(REGION, Role.DOORSTROOMPUNT, made.person("officer"))
COLLEAGUE = Custodian(organisation=REGION, role="region_coordinator", contact=made.person("colleague"))
PUPILS = (
    ("Daan", "", "Verhoeven", "0344", "no-application", Severity.RISK, 1),
    ("Aylin", "", "Kaya", "0356", "no-application", Severity.RISK, 0),
    ("Sem", "", "Bakker", "0355", "handover-unanswered", Severity.WARNING, -3),
    ("Noor", "", "Jansen", "0344", "no-application", Severity.WARNING, 5),
    ("Mees", "van", "Leeuwen", "0312", "not-started", Severity.NOTICE, 9),
    ("Fatima", "", "Ouali", "0344", "no-application", Severity.WARNING, None),
    ("Lisa", "de", "Boer", "0344", "not-placed", Severity.NOTICE, 12),
    ("Jayden", "", "Pinas", "0356", "handover-unanswered", Severity.RISK, 15),
)
CONFIRMED = ("Aylin", "Lisa", "Jayden")


def ref(first: str) -> str:
    """The reference of a made-up pupil."""
    return opaque_ref("pupil", first)


async def fill(worker: Transport, web: Transport, extra: int = 30) -> None:
    """Tell everything about these pupils and some more; some alerts are confirmed, one is finished."""
    service = build(worker.settings)
    people = (
        ("officer", "doorstroompunt", "Mirjam de Wit"),
        ("colleague", "region_coordinator", "Karim Bouzian"),
    )
    for organisation in (
        made.contacts(REGION, "Doorstroompunt Utrecht", *people),
        made.contacts(SITE, "De Zilverlinde", ("mentor", "mentor", "Mia Mentor")),
        made.contacts(MBO, "ROC Kromme Linde"),
    ):
        await deliver(worker, service, [organisation])
    more = [(f"Robin {n}", "", "Voorbeeld", "0344", "no-application", Severity.NOTICE, None) for n in range(extra)]
    persons, dossiers, coordination = [], [], []
    for first, prefix, last, place, rule, severity, due in (*PUPILS, *more):
        say, owner = Stream(ref(first)), COLLEAGUE if due == 9 else OFFICER
        persons.append(say("dossier", made.recorded(first, last, place).model_copy(update={"prefix": prefix})))
        dossiers.append(say("dossier", made.expected()))
        if rule != "no-application":
            dossiers.append(say("dossier", made.choice()))
        risk = made.at_risk(severity, (made.MENTOR, owner), risk_id=f"risk-{ref(first)[:8]}")
        coordination.append(say("coordination", risk.model_copy(update={"rule": rule})))
        if due is not None:
            opened = made.action(ActionOpened, owner, due)
            named = opened.model_copy(update={"action_id": f"action-{ref(first)[:8]}"})
            coordination.append(say("coordination", named))
    for batch in (persons, dossiers, coordination):
        await deliver(worker, service, [told(event) for event in batch])
    await confirm(worker, web)


async def confirm(worker: Transport, web: Transport) -> None:
    """What people did with some of these alerts."""
    raised = {
        subject: data["alert_id"]
        for kind, subject, data in await published(worker)
        if kind == "alert-raised" and data["organisation"] == REGION
    }
    for first in CONFIRMED:
        ids = (raised[ref(first)],)
        await perform(web, OFFICE, handlers.acknowledge, handlers.Acknowledge(ids, (ref(first),)))
    done = handlers.Resolve(raised[ref("Robin 0")], "useful", "contact", (ref("Robin 0"),))
    await perform(web, OFFICE, handlers.resolve, done)


def site(web: Transport) -> Starlette:
    """The pages and the API, behind the front of every service."""
    state = {"transport": web, "database": web.db, "clock": web.settings.clock}
    service = build(web.settings)
    return front({service.name: create_app(service.name, service.routers, state, web.settings)}, web.settings)


def cookie(web: Transport, actor: Actor) -> tuple[str, str]:
    """A session of this actor, as a cookie."""
    from starlette.responses import Response

    response = Response()
    sign_in(response, actor, load_keys(web.settings), web.settings)
    name, _, rest = response.headers["set-cookie"].partition("=")
    assert name == SESSION_COOKIE
    return name, rest.partition(";")[0]


@asynccontextmanager
async def visitor(web: Transport, actor: Actor) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who is signed in and follows redirects."""
    name, value = cookie(web, actor)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=site(web)), base_url="http://overstap.example", follow_redirects=True
    ) as client:
        client.cookies.set(name, value, domain="overstap.example")
        yield client
