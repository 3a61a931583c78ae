"""Names of organisations: as a file told, else as the reference tables say, else the code."""

from collections.abc import Iterable

from services.coordination.store import views
from shared.core import reference
from shared.storage.pool import Connection
from shared.web.texts import gettext as _


async def organisations(conn: Connection, codes: Iterable[str]) -> dict[str, str]:
    """The names of these. Of the tables a region is called one, because many are named after a municipality."""
    wanted = sorted(set(codes))
    told = await views.names(conn, wanted)
    return {code: told.get(code) or _in_the_tables(code) for code in wanted}


def _in_the_tables(code: str) -> str:
    known = reference.load()
    if region := known.region_name(code):
        return _("Region %(name)s", name=region)
    return known.municipality_name(code) or code
