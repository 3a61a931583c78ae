"""Loading everything a batch touches, once, and saving what changed, once."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple

from services.notifications.domain.profile import profile
from services.notifications.domain.world import Told, World
from services.notifications.store import SQL, alerts, columns
from shared.core.links import survivors
from shared.schemas.catalog import EVENTS
from shared.schemas.envelope import PUPIL_REF_LENGTH, Event, read
from shared.schemas.organisations import ContactRecorded
from shared.schemas.pupils import PupilLinked
from shared.storage.pool import Connection

TOLD_COLUMNS, PROFILE_COLUMNS = 7, 13


async def load(conn: Connection, events: Sequence[Event]) -> World:
    """The rows of everybody these events are about, locked in the order of their keys."""
    codes = {event.subject for event in events if isinstance(event.data, ContactRecorded)}
    refs = {event.subject for event in events if not isinstance(event.data, ContactRecorded)}
    for event in events:
        if isinstance(event.data, PupilLinked):
            refs |= {event.data.survivor, event.data.absorbed}
    world = World()
    if refs:
        await _load_pupils(conn, world, refs)
    if codes:
        rows = await conn.fetch(SQL["known_organisations"], sorted(codes))
        world.organisations = {row["code"]: row["sequence"] for row in rows}
    return world


async def _load_pupils(conn: Connection, world: World, refs: set[str]) -> None:
    aliases = await conn.fetch(SQL["families"], sorted(refs))
    family = sorted(refs.union(*((row["absorbed"], row["survivor"]) for row in aliases)))
    world.links = {(row["survivor"], row["absorbed"]) for row in await conn.fetch(SQL["links"], family)}
    world.erased = {row["pupil_ref"] for row in await conn.fetch(SQL["erased"], family)}
    for row in await conn.fetch(SQL["told"], family):
        data = read(EVENTS[row["type"]], row["data"])
        where = (row["subject"], row["source"], row["entity"])
        one = Told(row["source"], row["subject"], row["entity"], row["sequence"], row["recorded_at"], data)
        world.told[row["subject"]][where] = one
    for row in await conn.fetch(SQL["alerts_of_pupils"], family):
        world.alerts[row["pupil_ref"]][row["alert_id"]] = alerts.from_row(dict(row))


async def save(conn: Connection, world: World) -> None:
    """Write what the batch changed."""
    await _erase(conn, world.gone)
    await _save_links(conn, world)
    await _save_told(conn, world)
    await alerts.save(conn, (world.alerts[ref][alert_id] for ref, alert_id in world.changed))
    await alerts.add_trail(conn, world.changes)
    await alerts.add_mails(conn, world.mails)
    await _save_contacts(conn, list(world.contacts.values()))


async def _erase(conn: Connection, gone: Iterable[str]) -> None:
    refs = sorted(gone)
    if refs:
        for query in ("erase_told", "erase_alerts", "erase_links", "drop_aliases", "drop_pupils", "add_erased"):
            await conn.execute(SQL[query], refs)


async def _save_links(conn: Connection, world: World) -> None:
    if world.new_links:
        await conn.execute(SQL["add_links"], *columns(sorted(world.new_links), 2))
        aliases = survivors(world.links)
        await conn.execute(SQL["drop_aliases"], sorted({ref for link in world.links for ref in link} - set(aliases)))
        await conn.execute(SQL["save_aliases"], *columns(sorted(aliases.items()), 2))
        await conn.execute(SQL["drop_pupils"], sorted(aliases))


async def _save_told(conn: Connection, world: World) -> None:
    fresh = [world.told[key[0]][key] for key in sorted(world.news)]
    if fresh:
        rows = [
            (
                one.subject,
                one.source,
                one.entity,
                one.sequence,
                one.recorded_at,
                one.data.TYPE,
                one.data.model_dump_json(),
            )
            for one in fresh
        ]
        await conn.execute(SQL["save_told"], *columns(rows, TOLD_COLUMNS))
    touched = {one.subject for one in fresh} | {ref for link in world.new_links for ref in link}
    pupils = sorted({world.stays(one) for one in touched if len(one) == PUPIL_REF_LENGTH})
    profiles = [profile(ref, world.of_pupil(ref)) for ref in pupils]
    if profiles:
        await conn.execute(SQL["save_pupils"], *columns(map(astuple, profiles), PROFILE_COLUMNS))


async def _save_contacts(conn: Connection, events: Sequence[Event]) -> None:
    if not events:
        return
    lists: dict[str, ContactRecorded] = {e.subject: e.data for e in events if isinstance(e.data, ContactRecorded)}
    sequences = {event.subject: event.sequence for event in events}
    rows = [(code, sequences[code], data.kind, data.name, data.region) for code, data in sorted(lists.items())]
    people = [
        (code, c.person_ref, c.role, c.name, c.email, c.deputy_ref, c.valid_from, c.valid_until)
        for code, data in sorted(lists.items())
        for c in data.contacts
    ]
    await conn.execute(SQL["save_organisations"], *columns(rows, 5))
    await conn.execute(SQL["drop_contacts"], sorted(lists))
    await conn.execute(SQL["add_contacts"], *columns(people, 8))
    await conn.execute(SQL["try_again_with_address"], sorted(lists))
