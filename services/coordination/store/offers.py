"""Offers of custody as their receivers read them."""

from typing import Any

from services.coordination.store.cases import SQL
from shared.core.errors import NotFound
from shared.storage.pool import Connection

MOST = 500


async def open_offers(conn: Connection, organisation: str) -> list[dict[str, Any]]:
    """What is offered to an organisation and waits for an answer or a confirmation, most urgent first."""
    return [dict(row) for row in await conn.fetch(SQL["open_offers"], organisation, MOST)]


async def pupil_of_offer(conn: Connection, offer_id: str, organisation: str) -> str:
    """Whom an offer to this organisation is about. Raises `NotFound`."""
    found: str | None = await conn.fetchval(SQL["pupil_of_offer"], offer_id, organisation)
    if found is None:
        raise NotFound
    return found
