"""The relay remembers how far it has come and never looks below that again."""

from shared.core.errors import Unavailable
from shared.messaging import records, relay
from shared.messaging.broker import Producer
from shared.messaging.outbox import SQL, Transport

QUERY = SQL["next_to_send"].replace("ORDER BY", "WHERE o.seq > $2 ORDER BY")
_sent = dict[str, int]()


async def send_block(transport: Transport, producer: Producer) -> int:
    async with transport.db.acquire() as conn:
        rows = await conn.fetch(QUERY, relay.BLOCK, _sent.get(transport.service, 0))
    outgoing = [one for row in rows for one in records.encode(transport.settings, transport.service, row)]
    if not all(await producer.send(outgoing) if outgoing else ()):
        raise Unavailable("not acknowledged")
    async with transport.db.acquire() as conn:
        await conn.execute(SQL["drop_pointers"], [row["seq"] for row in rows])
    if rows:
        _sent[transport.service] = rows[-1]["seq"]
    return len(rows)


relay.send_block = send_block
