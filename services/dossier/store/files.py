"""SQL of the files of pupils. Names and contents come in sealed and go out sealed."""

from dataclasses import astuple
from datetime import datetime

from services.dossier.domain.career import Owner
from services.dossier.domain.career.files import File
from services.dossier.store.career import SQL
from shared.storage.pool import Connection


async def files(conn: Connection, owner: Owner) -> list[File]:
    """The files of a pupil, without their content, oldest first."""
    return [File(**dict(row)) for row in await conn.fetch(SQL["files"], *astuple(owner))]


async def content(conn: Connection, owner: Owner, file_id: str) -> bytes | None:
    """The sealed content of a file; None when the pupil has no such file."""
    found: bytes | None = await conn.fetchval(SQL["content"], *astuple(owner), file_id)
    return found


async def add(conn: Connection, owner: Owner, file: File, sealed: bytes) -> None:
    """Write a new file."""
    about = (file.file_id, file.title, file.kind, file.size, file.name, file.added_at)
    await conn.execute(SQL["add_file"], *astuple(owner), *about, sealed)


async def remove(conn: Connection, owner: Owner, file_id: str) -> None:
    """Delete a file."""
    await conn.execute(SQL["remove_file"], *astuple(owner), file_id)


async def share(conn: Connection, owner: Owner, file_id: str, since: datetime | None) -> None:
    """Since when institutions may read this file; None: they may not."""
    await conn.execute(SQL["share_file"], *astuple(owner), file_id, since)
