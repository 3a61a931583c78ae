"""The real web process of all services on a port, with a few made-up pupils in it, for programs that attack it."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
import uvicorn
from starlette.applications import Starlette

from shared.core.actor import Actor, Role
from shared.core.clock import FixedClock
from shared.core.keys import Keys, load_keys
from shared.core.settings import Settings
from shared.service import load, web
from shared.web.api.document import document
from shared.web.api.router import Api
from tests.integration.dossier import bench as dossier
from tests.integration.notifications import region as inbox
from tests.support import deliver, open_transport

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
SCHOOL = Actor(dossier.SITE, Role.DECAAN, "person-1")
INSTITUTION = Actor(dossier.MBO, Role.INTAKE_COORDINATOR, "person-4")
OPERATOR = Actor("overstap", Role.OPERATOR, "operator")
OFFICER = inbox.OFFICE
PUPILS = range(8)


@dataclass(frozen=True)
class Region:
    """Where it answers, who may sign tokens, and the keys of what is in it."""

    address: str
    keys: Keys
    known: dict[str, list[str]]
    session: requests.Session

    def headers(self, actor: Actor) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys.api_token(actor)}"}

    def url(self, service: str) -> str:
        return f"{self.address}/{service}/api/v1"

    def post(self, actor: Actor, path: str, **content: Any) -> Any:
        """Something done beforehand; must succeed."""
        headers = self.headers(actor) | content.pop("headers", {})
        answer = self.session.post(f"{self.address}{path}", headers=headers, timeout=10, **content)
        assert answer.ok, answer.text
        return answer.json()


def documents() -> dict[str, dict[str, Any]]:
    """The API document of every service."""
    services = load(Settings(_env_file=None))
    return {s.name: document(s.name, api) for s in services for api in s.routers if isinstance(api, Api)}


@asynccontextmanager
async def running(database_url: str, data_dir: Path) -> AsyncIterator[Region]:
    """The region, until the test module ends."""
    settings = Settings(_env_file=None, data_dir=data_dir, database_url=database_url, demo=False)
    settings.__dict__["clock"] = FixedClock(NOW)
    with served(web(load(settings), settings)) as address, requests.Session() as session:
        region = Region(address, load_keys(settings), {}, session)
        await asyncio.to_thread(_list_pupils, region)
        await _tell(settings, region)
        await asyncio.to_thread(_hand_over, region)
        await asyncio.to_thread(_look_around, region)
        yield region


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    """Serve an application on a free port in a thread with its own loop; gives its address."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        thread.join(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(30)


def _list_pupils(region: Region) -> None:
    for kind, text in (
        ("pupil", dossier.pupil_list(*PUPILS)),
        ("choice", dossier.CHOICES + f"{dossier.SITE};2027;1000;{dossier.MBO};25655;2;BOL;1;\n"),
    ):
        path = f"/dossier/api/v1/{kind}-lists"
        region.post(SCHOOL, path, data=text.encode(), headers={"Content-Type": "text/csv"})
    for n in PUPILS:
        region.post(INSTITUTION, "/intake/api/v1/applications", json=_status(n))


def _status(n: int) -> dict[str, Any]:
    return {
        "own_id": f"A{n}",
        "version": 1,
        "pgn": dossier.PGNS[n],
        "first_name": "Noor",
        "last_name": "Voorbeeld",
        "birth_date": "2010-05-06",
        "programme": "25655",
        "pathway": "bol",
        "status": "received",
        "status_at": "2027-02-01T09:00:00Z",
    }


async def _tell(settings: Settings, region: Region) -> None:
    """What other services told: applications to dossier, pupils at risk to notifications."""
    side = await open_transport(settings, "dossier")
    service = load(settings, ["dossier"])[0]
    for n in PUPILS:
        ref = region.keys.pupil_ref(dossier.PGNS[n])
        region.known.setdefault("pupil_ref", []).append(ref)
        await deliver(side, service, [dossier.application(ref)])
    await side.db.close()
    worker, pages = (
        await open_transport(settings, "notifications"),
        await open_transport(settings, "notifications", "web"),
    )
    await inbox.fill(worker, pages, extra=3)
    await worker.db.close()
    await pages.db.close()


def _hand_over(region: Region) -> None:
    for ref in region.known["pupil_ref"][:4]:
        asked = {"pupil_ref": ref, "cohort": dossier.COHORT, "mbo_institution": dossier.MBO}
        region.post(SCHOOL, "/dossier/api/v1/handovers", json=asked)
        region.post(SCHOOL, "/dossier/api/v1/talks", json=asked)


def _look_around(region: Region) -> None:
    """The keys of everything that is there, as its API tells them."""
    for actor, path, name in (
        (SCHOOL, "/dossier/api/v1/handovers", "handover_id"),
        (SCHOOL, "/dossier/api/v1/talks", "talk_id"),
        (INSTITUTION, "/intake/api/v1/applications", "application_id"),
        (OFFICER, "/notifications/api/v1/alerts", "alert_id"),
    ):
        answer = region.session.get(f"{region.address}{path}", headers=region.headers(actor), timeout=10).json()
        region.known[name] = [item[name] for item in answer["items"]]
        assert region.known[name]
