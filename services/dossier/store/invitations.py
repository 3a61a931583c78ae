"""SQL of the codes with which pupils sign in. Only what is kept of a code comes here, never the code."""

from collections.abc import Collection, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime

from services.dossier.domain.career import Owner
from services.dossier.domain.career.invitations import MOST_ALL, MOST_EACH
from services.dossier.store.career import SQL
from shared.storage.pool import Connection


@dataclass(frozen=True, slots=True)
class Invitation:
    """Since when a pupil has a code, until when it can be used, and when it was."""

    made_at: datetime
    expires_at: datetime
    used_at: datetime | None

    def open(self, now: datetime) -> bool:
        """Whether somebody can still sign in with it."""
        return self.used_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What became of an attempt: ``welcome``, ``refused`` or ``too-many``; whose it was when welcome."""

    verdict: str
    owner: Owner | None


async def replace(conn: Connection, hashes: Mapping[Owner, bytes], made_at: datetime, expires_at: datetime) -> None:
    """Give these pupils a new code; the one before it ends."""
    if hashes:
        owners = [list(column) for column in zip(*(astuple(owner) for owner in hashes), strict=True)]
        await conn.execute(SQL["drop_invitations"], *owners)
        await conn.execute(SQL["add_invitations"], *owners, list(hashes.values()), made_at, expires_at)


async def of(conn: Connection, vo_site: str, cohort: int, refs: Collection[str]) -> dict[str, Invitation]:
    """The codes of these pupils of a site; who never had one is not in it."""
    rows = await conn.fetch(SQL["invitations"], vo_site, cohort, list(refs))
    return {row["pupil_ref"]: Invitation(row["made_at"], row["expires_at"], row["used_at"]) for row in rows}


async def redeem(conn: Connection, code_hash: bytes, source: str, at: datetime) -> Redeemed:
    """Use a code, once. Counts what does not fit, per source and in all."""
    (row,) = await conn.fetch(SQL["redeem"], code_hash, source, at, MOST_EACH, MOST_ALL)
    owner = Owner(row["whose"], row["year"], row["site"]) if row["whose"] else None
    return Redeemed(row["verdict"], owner)
