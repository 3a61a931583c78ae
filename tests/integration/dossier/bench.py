"""What the tests of dossier share: its doors in one process, its worker, and a made-up school of a few pupils."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.responses import Response

from services.dossier import app
from services.dossier.domain.transfer import WRITTEN, SectionState
from services.dossier.handlers.transfer.informing import RecordInformation, record_information
from services.dossier.handlers.transfer.sections import SaveSection, save_section
from shared.core.actor import Actor, Role
from shared.core.clock import FixedClock
from shared.core.ids import opaque_ref
from shared.core.settings import Settings
from shared.local.sample.people import numbers
from shared.messaging import timers
from shared.messaging.outbox import Transport, perform
from shared.schemas.coordination import ActionDone, ActionOpened, ActionState, Custodian, CustodyChanged
from shared.schemas.intakes import ApplicationStatus, ApplicationStatusChanged
from shared.schemas.organisations import Contact, ContactRecorded
from shared.service import Service, web
from shared.storage.pool import Database
from shared.web.auth import SESSION_COOKIE, sign_in
from tests.support import Told, actor, deliver, open_transport, published

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
COHORT = 2027
SITE, OTHER_SITE, MBO, OTHER_MBO = "99XA00", "99XB00", "99XM", "99XN"
DECAAN, MENTOR = actor(SITE, Role.DECAAN), actor(SITE, Role.MENTOR, "person-2")
SYSTEM = actor(SITE, Role.SCHOOL_SYSTEM, "system-1")
OTHER_DECAAN = actor(OTHER_SITE, Role.DECAAN, "person-3")
INTAKER, SECOND_INTAKER = actor(MBO, Role.INTAKER, "person-4"), actor(MBO, Role.INTAKER, "person-5")
OTHER_INTAKER = actor(OTHER_MBO, Role.INTAKER, "person-6")
OPERATOR = actor("overstap", Role.OPERATOR, "operator")
MENTOR_REF = opaque_ref("person", "mentor@school.example")
PGNS = tuple(islice(numbers(), 40))
PUPILS = (
    "brin_vestiging;cohort;leerlingnummer;pgn;achternaam;tussenvoegsel;roepnaam;geboortedatum;postcode;gemeentecode;"
    "leerweg;klas;startkwalificatie;mentor_email;plaatsvervanger_email\n"
)
CHOICES = "brin_vestiging;cohort;leerlingnummer;mbo_brin;crebo;niveau;leerroute;voorkeur;startdatum\n"
HANDOVERS = "brin_vestiging;cohort;leerlingnummer;mbo_brin;soort\n"
BASE = "http://overstap.test"
ERROR = {"reason": "error"}
STEPS = {"open": "opening", "accept": "acceptance", "refuse": "refusal", "withdraw": "withdrawal"}
"""A move of the ladder, and what a program posts to make it."""


def pupil_row(n: int, *, site: str = SITE, number: int | None = None, **cells: str) -> str:
    """A row of a pupil list about made-up pupil n."""
    values = {
        "brin_vestiging": site,
        "cohort": str(COHORT),
        "leerlingnummer": str(1000 + (n if number is None else number)),
        "pgn": PGNS[n],
        "achternaam": f"Verzonnen{n}",
        "tussenvoegsel": "van",
        "roepnaam": f"Noor{n}",
        "geboortedatum": "2011-03-24",
        "postcode": "3511AB",
        "gemeentecode": "0344",
        "leerweg": "vmbo-kb",
        "klas": "4kb1",
        "startkwalificatie": "N",
        "mentor_email": "mentor@school.example",
        "plaatsvervanger_email": "",
    } | cells
    return ";".join(values.values())


def pupil_list(*ns: int, site: str = SITE) -> str:
    """A pupil list with these pupils."""
    return PUPILS + "\n".join(pupil_row(n, site=site) for n in ns)


@dataclass
class Bench:
    """Both sides of the service on one database, and its doors."""

    service: Service
    worker: Transport
    client: httpx.AsyncClient
    settings: Settings
    site: Starlette

    def ref(self, n: int) -> str:
        return self.worker.keys.pupil_ref(PGNS[n])

    def headers(self, who: Actor) -> dict[str, str]:
        return {"authorization": f"Bearer {self.worker.keys.api_token(who)}"}

    async def send(self, kind: str, text: str, who: Actor = DECAAN, **params: Any) -> httpx.Response:
        """A file at its door."""
        headers = self.headers(who) | {"content-type": "text/csv"}
        path = f"/dossier/api/v1/{kind}-lists"
        return await self.client.post(path, content=text.encode(), headers=headers, params=params)

    async def counts(self, kind: str, text: str, who: Actor = DECAAN) -> dict[str, int]:
        answer = (await self.send(kind, text, who)).raise_for_status().json()
        return {n: answer[n] for n in ("received", "applied", "unchanged", "skipped", "quarantined") if answer[n]}

    async def post(self, path: str, who: Actor, json: Any = None) -> httpx.Response:
        return await self.client.post(f"/dossier/api/v1{path}", json=json, headers=self.headers(who))

    async def get(self, path: str, who: Actor) -> httpx.Response:
        return await self.client.get(f"/dossier/api/v1{path}", headers=self.headers(who))

    async def sign_in(self, who: Actor) -> httpx.AsyncClient:
        """A browser in which somebody is signed in; same server, own cookies."""
        response = Response()
        sign_in(response, who, self.worker.keys, self.settings)
        cookie = response.headers["set-cookie"].partition(";")[0].partition("=")[2]
        return httpx.AsyncClient(
            transport=self.client._transport, base_url=BASE, cookies={SESSION_COOKIE: cookie}, follow_redirects=True
        )

    async def tell(self, *told: Told) -> None:
        await deliver(self.worker, self.service, told)

    async def apply_for(self, n: int, status: str = "received", mbo: str = MBO, sequence: int = 1) -> None:
        """The institution tells about an application of pupil n."""
        await self.tell(application(self.ref(n), status, mbo, sequence))

    async def offer(self, n: int, mbo: str = MBO, who: Actor = DECAAN) -> httpx.Response:
        asked = {"pupil_ref": self.ref(n), "cohort": COHORT, "mbo_institution": mbo}
        return await self.post("/handovers", who, asked)

    async def handed_over(self, n: int, *moves: str) -> str:
        """Pupil n, listed and applied, whose dossier was offered to MBO and went through these moves."""
        await self.apply_for(n)
        answer = (await self.offer(n)).raise_for_status()
        handover_id: str = answer.json()["handover_id"]
        for move in moves:
            json = {"refuse": {"reason": "capacity", "text": "Vol"}, "withdraw": ERROR}.get(move)
            who = DECAAN if move == "withdraw" else INTAKER
            (await self.post(f"/handovers/{handover_id}/{STEPS[move]}", who, json)).raise_for_status()
        return handover_id

    async def events(self) -> list[tuple[str, str, dict[str, Any]]]:
        return await published(self.worker)

    async def told_types(self, ref: str) -> list[str]:
        return [kind for kind, subject, _ in await self.events() if subject == ref]

    async def rows(self, query: str, *args: Any) -> list[dict[str, Any]]:
        async with self.worker.db.acquire() as conn:
            return [dict(row) for row in await conn.fetch(query, *args)]

    async def complete(self, n: int, *without: str, state: SectionState = SectionState.COMPLETE) -> None:
        """The dossier of pupil n gets every part; the school writes all of its own, but not these categories."""
        for category in WRITTEN:
            if category not in without:
                text = f"Over {category} van {n}" if state is SectionState.COMPLETE else ""
                await perform(self.worker, DECAAN, save_section, SaveSection(self.ref(n), None, category, state, text))
        async with self.worker.db.acquire() as conn:
            columns = "(pupil_ref, cohort, vo_site, part, items, done_at)"
            row = (self.ref(n), COHORT, SITE, NOW)
            await conn.execute(f"INSERT INTO career_part {columns} VALUES ($1, $2, $3, 'pupil', 1, $4)", *row)

    async def inform(self, n: int) -> None:
        """The parents of pupil n were told what goes."""
        command = RecordInformation(self.ref(n), None, NOW.date(), "parents", "talk")
        await perform(self.worker, DECAAN, record_information, command)

    def service_database(self) -> Database:
        """The database as the web side uses it, under row-level security."""
        apps: dict[str, Any] = self.site.state.apps
        database: Database = apps["dossier"].state.database
        return database

    async def fire_timers(self) -> int:
        return await timers.fire(self.worker, self.service.timers)


def application(ref: str, status: str = "received", mbo: str = MBO, sequence: int = 1, key: str = "") -> Told:
    """An application as intake tells it."""
    data = ApplicationStatusChanged(
        occurred_at=NOW,
        application_id=key or f"a-{ref}-{mbo}",
        cohort=COHORT,
        mbo_institution=mbo,
        programme="25655",
        pathway="bol",
        status=ApplicationStatus(status),
        status_at=NOW,
        channel="api",
    )
    return Told("intake", ref, data, NOW, sequence)


def organisations() -> list[Told]:
    """The school with its mentor, and the institution, as coordination tells them."""
    mentor = Contact(
        person_ref=MENTOR_REF, role="mentor", name="Ada Mentor", email="mentor@school.example", valid_from=NOW.date()
    )
    school = ContactRecorded(occurred_at=NOW, organisation=SITE, kind="vo", name="Voorbeeldcollege", contacts=(mentor,))
    institution = ContactRecorded(occurred_at=NOW, organisation=MBO, kind="mbo", name="ROC Denkbeeldig")
    return [Told("coordination", SITE, school, NOW, 1), Told("coordination", MBO, institution, NOW, 1)]


def coordination(ref: str) -> list[Told]:
    """Who has the pupil and what comes next, as coordination tells it."""
    holder = Custodian(organisation=SITE, role="mentor", contact=MENTOR_REF)
    custody = CustodyChanged(occurred_at=NOW, cohort=COHORT, number=1, since=NOW, holder=holder, basis="agreed")

    def action(key: str, due_at: datetime, model: type[ActionState] = ActionOpened) -> ActionState:
        return model(
            occurred_at=NOW,
            action_id=key,
            cohort=COHORT,
            kind="register-application",
            owner=holder,
            due_at=due_at,
            severity=1,
            next=True,
        )

    events = (custody, action("b", NOW + timedelta(days=9)), action("a", NOW + timedelta(days=2), ActionDone))
    return [Told("coordination", ref, data, NOW, n) for n, data in enumerate(events, 1)]


@asynccontextmanager
async def opened(database_url: str, make_settings: Callable[..., Settings], **changed: Any) -> AsyncIterator[Bench]:
    """A bench on an empty dossier; `changed`: settings other than usual."""
    settings = make_settings(database_url=database_url, **changed)
    settings.clock = FixedClock(NOW)
    service = app.build(settings)
    site = web([service], settings)
    worker = await open_transport(settings, "dossier")
    async with worker.db.acquire() as conn, conn.transaction():
        await conn.execute("SET LOCAL ROLE NONE")  # Not even the worker takes a published figure back.
        for row in await conn.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'dossier'"):
            if row["tablename"] != "migration":
                await conn.execute(f"DELETE FROM {row['tablename']}")
    async with site.router.lifespan_context(site):
        transport = httpx.ASGITransport(app=site)
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            yield Bench(service, worker, client, settings, site)
    await worker.db.close()
