"""A file between its check and its confirmation is its sender's alone, sealed, and one at a time."""

from collections.abc import AsyncIterator, Callable
from uuid import UUID

import pytest

from shared.core.actor import Actor, Role
from shared.core.errors import NotFound
from shared.core.settings import Settings
from shared.messaging import uploads
from shared.messaging.outbox import Transport
from tests.support import actor, open_transport

SENDER = actor("99XM", Role.INTAKER)
OTHERS = (actor("99XM", Role.INTAKER, "person-2"), actor("99XN", Role.INTAKER))


@pytest.fixture
async def web(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Transport]:
    side = await open_transport(make_settings(database_url=database_url), "intake", "web")
    yield side
    await side.db.close()


async def is_kept(web: Transport, who: Actor, upload_id: UUID) -> bool:
    try:
        return await uploads.kept(web, who, upload_id) == ("intakes", b"pgn;naam\n")
    except NotFound:
        return False


async def test_a_kept_file_is_sealed_and_found_by_its_sender_alone(web: Transport) -> None:
    upload_id = await uploads.keep(web, SENDER, "intakes", b"pgn;naam\n")
    assert [await is_kept(web, who, upload_id) for who in (SENDER, *OTHERS)] == [True, False, False]
    async with web.db.as_actor(SENDER) as conn:
        assert b"pgn" not in await conn.fetchval("SELECT content FROM upload")
    async with web.db.as_actor(OTHERS[1]) as conn:
        assert await conn.fetch("SELECT upload_id FROM upload") == []


async def test_a_second_file_takes_the_place_of_the_first_and_a_dropped_one_is_gone(web: Transport) -> None:
    first, second = [await uploads.keep(web, SENDER, "intakes", b"pgn;naam\n") for _ in range(2)]
    assert [await is_kept(web, SENDER, one) for one in (first, second)] == [False, True]
    await uploads.drop(web, SENDER)
    assert not await is_kept(web, SENDER, second)
