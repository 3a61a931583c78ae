"""One pupil is erased across all five services at once, and each of them says so."""

import asyncpg
import httpx

from shared.core.actor import Actor, Role
from shared.core.keys import load_keys
from shared.core.reference import load
from shared.core.tabular import kinds
from shared.local.sample import OPENING, deliveries
from shared.schemas.catalog import SERVICES
from tests.chaos.test_kills import opening
from tests.running import Region

SITE = "99AC00"
TRANSPORT = {"stream", "heard", "event_log"}
"""May still name a reference: how many events there were, and the event of the erasure itself."""


async def tables_with(region: Region, text: str) -> set[str]:
    """Tables of all services in which a text occurs, partitions left out."""
    conn = await asyncpg.connect(str(region.settings.database_url))
    try:
        tables = await conn.fetch(
            "SELECT n.nspname || '.' || c.relname AS name FROM pg_class c "
            "JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname = ANY($1)",
            SERVICES,
        )
        query = "SELECT EXISTS (SELECT FROM {} t WHERE strpos(t::text, $1) > 0)"
        return {t["name"] for t in tables if await conn.fetchval(query.format(t["name"]), text)}
    finally:
        await conn.close()


async def test_an_erased_pupil_is_gone_from_every_service_and_every_service_says_so(region: Region) -> None:
    await region.hand_in([d for d in opening() if d.organisation in ("", SITE)])
    await region.quiet()
    keys = load_keys(region.settings)
    file = next(d.data for d in deliveries() if d.kind == "leerlingen" and d.organisation == SITE)
    row = kinds.pupils(load(), OPENING).read(file).rows[0]
    ref = keys.pupil_ref(row["pgn"])
    before = {name.split(".")[0] for name in await tables_with(region, ref)}
    assert before == set(SERVICES)

    headers = {"authorization": f"Bearer {keys.api_token(Actor(SITE, Role.DECAAN, 'person-1'))}"}
    async with httpx.AsyncClient(base_url=region.settings.public_url, headers=headers) as client:
        (await client.post(f"/dossier/api/v1/pupils/{ref}/erasure")).raise_for_status()
        await region.quiet()
        answer = (await client.get(f"/dossier/api/v1/pupils/{ref}/erasure")).raise_for_status().json()

    assert set(answer["confirmed"]) == set(SERVICES)
    left = {name for name in await tables_with(region, ref) if name.split(".")[1] not in TRANSPORT}
    for name in left:
        await only_the_fact(region, name, ref)
    assert not await tables_with(region, row["leerlingnummer"] + ",")
    assert (await region.audit()).violations == []


async def only_the_fact(region: Region, table: str, ref: str) -> None:
    """What a table still holds is that the pupil was erased: and by which school; nothing about the child."""
    conn = await asyncpg.connect(str(region.settings.database_url))
    try:
        for held in await conn.fetch(f"SELECT * FROM {table} t WHERE strpos(t::text, $1) > 0", ref):
            values = {str(v) for v in held.values() if v not in (None, ref, True, False, SITE, *SERVICES)}
            assert all(v == ref or (v[:4].isdigit() and v[4] == "-") for v in values), f"{table} still holds {values}"
    finally:
        await conn.close()
