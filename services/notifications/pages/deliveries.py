"""For the operator: do the mails arrive? Numbers and organisations only, nobody's name."""

from fastapi import Request
from starlette.responses import Response

from services.notifications.pages import words
from services.notifications.store import deliveries as store
from services.notifications.store import reading
from shared.core.actor import Actor
from shared.web.pages import render
from shared.web.texts import gettext as _
from shared.web.texts import marked, number

STATES = {
    "sent": marked("Delivered"),
    "waiting": marked("Waiting"),
    "no_address": marked("Without an address"),
    "failed": marked("Given up"),
    "cancelled": marked("No longer needed"),
}


async def show(request: Request, actor: Actor) -> Response:
    """How many mails are in each state, and which organisations can not be reached."""
    async with request.app.state.database.as_actor(actor) as conn:
        counts = await store.counts(conn)
        trouble = await store.trouble(conn)
        names = await reading.organisation_names(conn, [one.organisation for one in trouble])
    figures = [{"name": _(text), "value": number(counts.get(state, 0))} for state, text in STATES.items()]
    rows = [
        {
            "organisation": words.organisation(one.organisation, names),
            "code": one.organisation,
            "state": _(STATES[one.state]),
            "n": one.n,
            "error": one.error or "",
        }
        for one in trouble
    ]
    return render(request, "notifications/deliveries.html", figures=figures, rows=rows)
