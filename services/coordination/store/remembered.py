"""What an audit reads of children: every reference, link and fact, beside what others told that was handled here."""

import json
from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any

from pydantic import ValidationError

from services.coordination.domain.book import Reference
from services.coordination.domain.facts import entity_of
from services.coordination.domain.history.known import Child, Newest, newer
from services.coordination.store.cases import read_fact
from services.coordination.store.history import PAGE, SQL
from shared.schemas.catalog import EVENTS
from shared.schemas.envelope import Event, read
from shared.schemas.pupils import PupilRecorded
from shared.storage.pool import Connection


async def children(conn: Connection, types: Collection[str]) -> AsyncIterator[Child]:
    """Every child, with the events of these types that others told. Asks for a transaction in which nothing moves."""
    cursor = await conn.cursor(SQL["roots"])
    while roots := [row["root"] for row in await cursor.fetch(PAGE)]:
        page: dict[str, Child] = {root: Child() for root in roots}
        of = await _references(conn, page, roots)
        refs = list(of)
        for row in await conn.fetch(SQL["links_of"], refs):
            of[row["end"]].links.add((row["survivor"], row["absorbed"]))
        for name in ("linked", "erased", "set_apart"):
            for row in await conn.fetch(SQL[name], refs):
                getattr(of[row["subject"]], name).add(row["subject"])
        await _facts(conn, of, refs)
        await _told(conn, of, refs, types)
        for child in page.values():
            yield child


async def _references(conn: Connection, page: dict[str, Child], roots: Sequence[str]) -> dict[str, Child]:
    """The references of these children, each with its child."""
    of: dict[str, Child] = {}
    for row in await conn.fetch(SQL["references_of"], roots):
        page[row["root"]].references[row["pupil_ref"]] = Reference(**dict(row))
        of[row["pupil_ref"]] = page[row["root"]]
    return of


async def _facts(conn: Connection, of: dict[str, Child], refs: Sequence[str]) -> None:
    for row in await conn.fetch(SQL["facts_of"], refs):
        child = of[row["pupil_ref"]]
        body = json.loads(row["body"])
        stored = Newest(row["type"], row["sequence"], row["recorded_at"], row["first_at"], body)
        child.facts.setdefault(row["pupil_ref"], {})[row["entity"]] = stored
        if row["type"] == PupilRecorded.TYPE:
            try:
                child.persons.append(read_fact(row))
            except ValidationError:
                child.unreadable.append((row["pupil_ref"], f"fact {row['entity']} can not be read"))


async def _told(conn: Connection, of: dict[str, Child], refs: Sequence[str], types: Collection[str]) -> None:
    for row in await conn.fetch(SQL["heard"], refs, list(types)):
        told = of[row["subject"]].told.setdefault(row["subject"], {})
        if not row["payload"].startswith("{"):
            _sealed(told, row)
            continue
        try:
            data = read(EVENTS[row["type"]], row["payload"])
        except ValidationError:
            of[row["subject"]].unreadable.append((row["subject"], f"{row['type']} can not be read"))
            continue
        event = Event(row["event_id"], row["source"], row["recorded_at"], row["subject"], row["sequence"], data)
        told[entity_of(event)] = newer(told.get(entity_of(event)), event)


def _sealed(told: dict[str, Newest], row: Any) -> None:
    """Of what went over an encrypted topic the envelope alone is known: who the pupil is, by one source."""
    key, at = f"person:{row['source']}", row["recorded_at"]
    before = told.get(key)
    told[key] = Newest(row["type"], row["sequence"], at, min(before.first_at, at) if before else at, None)
