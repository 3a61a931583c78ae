"""Migrations: numbered `.sql` files, each run once, under a lock, with a short lock timeout.

A service has the tables of the transport (`shared/messaging/sql`) and its own (`services/<name>/sql`), in one schema.
"""

from collections.abc import Sequence
from pathlib import Path

import asyncpg

from shared.core.errors import OverstapError, Unavailable
from shared.core.logging import get_logger
from shared.storage.pool import UNAVAILABLE

ROOT = Path(__file__).parents[2]
_LOCK = 0x4F56_5354  # "OVST": one migrator at a time per database


class StaleSchema(OverstapError):
    """The database is not what this version of the code was written for; run `overstap migrate`."""


def migrations(service: str) -> list[tuple[str, str]]:
    """Name and text of every migration of a service, in order."""
    folders = (ROOT / "shared" / "messaging" / "sql", ROOT / "services" / service / "sql")
    files = [path for folder in folders for path in sorted(folder.glob("[0-9]*.sql"))]
    return [(f"{path.parents[1].name}/{path.name}", path.read_text(encoding="utf-8")) for path in files]


async def migrate(url: str, services: Sequence[str]) -> dict[str, list[str]]:
    """Bring the schemas of these services up to date; returns what was run per service."""
    try:
        conn = await asyncpg.connect(url, timeout=10)
    except UNAVAILABLE as error:
        raise Unavailable(f"PostgreSQL: {type(error).__name__}") from error
    try:
        await conn.execute("SELECT pg_advisory_lock($1)", _LOCK)
        return {service: await _migrate_one(conn, service) for service in services}
    finally:
        await conn.close()


async def _migrate_one(conn: asyncpg.Connection, service: str) -> list[str]:
    await conn.execute(_prepare(service))
    done = {row["name"] for row in await conn.fetch(f"SELECT name FROM {service}.migration")}  # noqa: S608
    todo = [(name, text) for name, text in migrations(service) if name not in done]
    for name, text in todo:
        async with conn.transaction():
            await conn.execute("SET LOCAL lock_timeout = '5s'")
            await conn.execute(f"SET LOCAL search_path = {service}")
            await conn.execute(text.replace("{{service}}", service))
            await conn.execute(f"INSERT INTO {service}.migration (name) VALUES ($1)", name)  # noqa: S608
    if todo:
        get_logger().info("migrated", service=service, version=todo[-1][0])
    return [name for name, _ in todo]


def _prepare(service: str) -> str:
    """Schema, roles and the list of migrations. Roles belong to the whole server, so another database may have them."""
    roles = (f"{service}_web", f"{service}_worker", "overstap_reader")
    make = "".join(
        f"""DO $$ BEGIN CREATE ROLE {role} NOLOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
        GRANT {role} TO CURRENT_USER;"""
        for role in roles
    )
    return f"""{make}
    CREATE SCHEMA IF NOT EXISTS {service};
    GRANT USAGE ON SCHEMA {service} TO {", ".join(roles)};
    ALTER DEFAULT PRIVILEGES IN SCHEMA {service} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {service}_worker;
    ALTER DEFAULT PRIVILEGES IN SCHEMA {service} GRANT USAGE ON SEQUENCES TO {service}_worker, {service}_web;
    ALTER DEFAULT PRIVILEGES IN SCHEMA {service} GRANT SELECT ON TABLES TO overstap_reader;
    CREATE TABLE IF NOT EXISTS {service}.migration (name text PRIMARY KEY, applied_at timestamptz DEFAULT now());
    GRANT SELECT ON {service}.migration TO {", ".join(roles)};"""


async def check(url: str, services: Sequence[str]) -> None:
    """Refuse to start on a database that is behind, or ahead of, this code. Raises `StaleSchema`."""
    try:
        conn = await asyncpg.connect(url, timeout=10)
    except UNAVAILABLE as error:
        raise Unavailable(f"PostgreSQL: {type(error).__name__}") from error
    try:
        for service in services:
            await _check_one(conn, service)
    finally:
        await conn.close()


async def _check_one(conn: asyncpg.Connection, service: str) -> None:
    wanted = {name for name, _ in migrations(service)}
    if not await conn.fetchval("SELECT to_regclass($1) IS NOT NULL", f"{service}.migration"):
        raise StaleSchema(f"{service}: the database has no schema yet; run 'overstap migrate'")
    found = {row["name"] for row in await conn.fetch(f"SELECT name FROM {service}.migration")}  # noqa: S608
    if missing := sorted(wanted - found):
        raise StaleSchema(f"{service}: not yet run: {', '.join(missing)}; run 'overstap migrate'")
    if unknown := sorted(found - wanted):
        raise StaleSchema(f"{service}: the database is newer than this code: {', '.join(unknown)}")
