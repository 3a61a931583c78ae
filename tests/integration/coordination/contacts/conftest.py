"""A region whose lists of contacts are read and changed by hand."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from shared.core.actor import Actor
from tests.integration.coordination.steps import CONTACTS, ORGANISATIONS
from tests.integration.coordination.test_doors import post_file, signed_in
from tests.unit.coordination.made import SITE

LIST = f"/coordination/contacts/organisations/{SITE}"
MENTOR_FORM = {"name": "Joris Vos", "deputy": "", "team": "", "valid_from": "2026-08-01", "valid_until": ""}
Send = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
async def region(client, web) -> None:
    for kind, text in (("organisation", ORGANISATIONS), ("contact", CONTACTS)):
        assert (await post_file(client, web, kind, text)).status_code == 200


@pytest.fixture
def send(client, web) -> Send:
    """Send a form as somebody: `await send(who, path, fields)`."""

    async def sent(who: Actor, path: str, fields: dict[str, Any]) -> httpx.Response:
        client.cookies.clear()
        client.cookies.update(signed_in(web, who))
        return await client.post(path, data=fields, headers={"origin": "http://127.0.0.1:8400"})

    return sent
