"""The pages of intake, visited by somebody who is signed in."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from services.intake import app
from shared.core.actor import Actor
from shared.web.app import create_app, front
from shared.web.auth import SESSION_COOKIE
from tests.integration.intake.bench import COORDINATOR, Bench
from tests.support import write_people


@dataclass
class Site:
    """The front, signed in as somebody."""

    bench: Bench
    client: httpx.AsyncClient

    async def sign_in(self, who: Actor) -> None:
        write_people(self.bench.web.settings.data_dir, (who, "ROC", "Proef"))
        answer = await self.client.post("/signin", data={"person_ref": str(who.person_ref)})
        self.client.cookies.set(SESSION_COOKIE, answer.cookies[SESSION_COOKIE])

    async def page(self, path: str, code: int = 200) -> str:
        answer = await self.client.get(path)
        assert answer.status_code == code, answer.text
        return answer.text

    async def api(self, method: str, path: str, who: Actor = COORDINATOR, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.bench.web.keys.api_token(who)}"}
        if "content" in more:
            headers["Content-Type"] = "text/csv"
        return await self.client.request(method, f"/intake/api/v1{path}", headers=headers, **more)


@pytest.fixture
async def site(bench: Bench) -> AsyncIterator[Site]:
    web = bench.web
    settings = web.settings.model_copy(update={"demo": True})
    state = {"transport": web, "database": web.db, "clock": web.settings.clock}
    site = front({"intake": create_app("intake", app.build(settings).routers, state, settings)}, settings)
    transport = httpx.ASGITransport(app=site)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        made = Site(bench, client)
        await made.sign_in(COORDINATOR)
        yield made


def groups(page: str) -> dict[str, int]:
    """Heading of each group → its number."""
    return {key: int(n) for key, n in re.findall(r'id="(\w+)">[^<]+<span class="os-count[^>]+>(\d+)<', page)}
