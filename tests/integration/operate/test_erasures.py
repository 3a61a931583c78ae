"""The list of erasures: appended to, private, and refused when it is something else (see also test_restore.py)."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from shared.core.errors import Invalid
from shared.core.ids import new_id
from shared.operate.erasures import export, read

MOMENT = datetime(2026, 11, 2, 9, tzinfo=UTC)


async def erased(conn: asyncpg.Connection, service: str, ref: str) -> None:
    """What a service's history holds of somebody who was erased."""
    await conn.execute(
        f"""INSERT INTO {service}.event_log (subject, sequence, cohort, event_id, type, topic, recorded_at, payload)
        VALUES ($1, 1, 0, $2, 'pupil-erased', 'pupils', $3, '')""",
        ref,
        new_id(),
        MOMENT,
    )


async def test_each_erasure_is_added_once_whoever_told_it(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "erasures.csv"
    conn = await asyncpg.connect(database_url)
    try:
        assert await export(conn, path) == 0
        assert read(path) == {}
        await erased(conn, "dossier", "a" * 26)
        await erased(conn, "intake", "a" * 26)
        await erased(conn, "intake", "b" * 26)
        assert await export(conn, path) == 2
        before = path.read_text()
        assert await export(conn, path) == 0
        await erased(conn, "dossier", "c" * 26)
        assert await export(conn, path) == 1
    finally:
        await conn.close()
    assert path.read_text().startswith(before), "what is there is never rewritten"
    assert read(path) == dict.fromkeys(("a" * 26, "b" * 26, "c" * 26), MOMENT)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "content", ["", "naam;datum\n", "pupil_ref;erased_at\na;yesterday\n", "pupil_ref;erased_at\na\n"]
)
def test_something_else_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "erasures.csv"
    path.write_text(content)
    with pytest.raises(Invalid, match="pupil_ref;erased_at"):
        read(path)
