"""Names of organisations: as a file told, else as the reference tables say, else the code."""

from collections.abc import Iterable

from services.coordination.store import views
from shared.core import reference
from shared.storage.pool import Connection
from shared.web.texts import gettext as _


async def organisations(conn: Connection, codes: Iterable[str]) -> dict[str, str]:
    """The names of these; a region is called one, because many are named after a municipality."""
    wanted = sorted(set(codes))
    told, known = await views.names(conn, wanted), reference.load()
    found = {}
    for code in wanted:
        if name := known.region_name(code):
            found[code] = _("Region %(name)s", name=told.get(code, name))
        else:
            found[code] = told.get(code) or known.municipality_name(code) or code
    return found
