"""The inbox: what must be done first stands on top, and one button does it."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData, QueryParams
from starlette.responses import Response

from services.notifications import handlers
from services.notifications.domain.alerts import Alert
from services.notifications.pages import deliveries, words
from services.notifications.pages.lists import Names, Wanted, facet, groups, line
from services.notifications.store import reading
from services.notifications.store.alerts import subjects
from services.notifications.store.reading import Row
from shared.core.actor import Actor, Role
from shared.core.clock import civil_date
from shared.core.errors import Fault, IllegalMove
from shared.messaging.outbox import perform
from shared.storage.pool import Connection
from shared.web.auth import page_actor, require
from shared.web.forms import searched
from shared.web.pages import Undo, redirect, render
from shared.web.texts import gettext as _
from shared.web.texts import marked, ngettext

router = APIRouter()
PageActor = Annotated[Actor, Depends(page_actor)]
HOME = "/notifications/"
MOST_AT_ONCE = 100
UNDO_AT_ONCE = 50
"""More would not fit in the cookie that carries the message."""
FILTER_NAMES = {
    "rule": marked("Kind of signal"),
    "severity": marked("Severity"),
    "status": marked("Status"),
    "municipality": marked("Municipality"),
}
VALUE_IN_WORDS: dict[str, Callable[[str], str]] = {
    "rule": words.rule,
    "severity": lambda code: _(words.SEVERITIES.get(code, code)),
    "status": lambda code: _(words.STATUSES.get(code, code)),
    "municipality": words.municipality,
}


@router.get("/")
@router.post("/")
async def inbox(request: Request, actor: PageActor) -> Response:
    """The alerts of the actor's organisation; for the operator, who hears no alerts, the mails."""
    if actor.role is Role.OPERATOR:
        return await deliveries.show(request, actor)
    return await show(request, actor, Wanted.read(request.query_params, await searched(request)))


@router.post("/acknowledge")
async def acknowledge(request: Request, actor: PageActor) -> Response:
    """Confirm the chosen alerts, or the one whose button was pressed."""
    form = await request.form()
    wanted = Wanted.read(QueryParams(str(form.get("back", ""))))
    ids = _ids(form)
    if not ids or len(ids) > MOST_AT_ONCE:
        fault = marked("Choose one or more signals first") if not ids else marked("Choose at most 100 signals at once")
        return await show(request, actor, wanted, [Fault("bulk", fault)])
    async with request.app.state.database.as_actor(actor) as conn:
        command = handlers.Acknowledge(ids, await subjects(conn, ids, actor.organisation))
    back = f"{HOME}?{wanted.query}"
    try:
        confirmed: list[Alert] = await perform(request.app.state.transport, actor, handlers.acknowledge, command)
    except IllegalMove:
        return redirect(request, back, _("A colleague was first: this was confirmed already."))
    fields = {"ids": ",".join(alert.alert_id for alert in confirmed), "back": wanted.query}
    undo = Undo(f"{HOME}undo", fields) if len(confirmed) <= UNDO_AT_ONCE else None
    return redirect(request, back, await _confirmed(request, actor, confirmed), undo)


@router.post("/undo")
async def undo(request: Request, actor: PageActor) -> Response:
    """Take confirmations back."""
    form = await request.form()
    ids = tuple(str(form.get("ids", "")).split(","))
    wanted = Wanted.read(QueryParams(str(form.get("back", ""))))
    async with request.app.state.database.as_actor(actor) as conn:
        command = handlers.UndoAcknowledge(ids, await subjects(conn, ids, actor.organisation))
    undone = await perform(request.app.state.transport, actor, handlers.undo_acknowledge, command)
    message = ngettext("%(num)s confirmation was taken back.", "%(num)s confirmations were taken back.", len(undone))
    return redirect(request, f"{HOME}?{wanted.query}", message)


async def show(request: Request, actor: Actor, wanted: Wanted, errors: list[Fault] | None = None) -> Response:
    """The inbox as this address asks for it; with errors the answer is 422."""
    require(actor, *handlers.RECIPIENTS)
    async with request.app.state.database.as_actor(actor) as conn:
        opened = await reading.open_rows(conn, actor.organisation)
        done = await reading.done_rows(conn, actor.organisation) if wanted.view == "done" else []
        n_done = await reading.done_count(conn, actor.organisation)
        names = await _names(conn, actor, [*opened, *done])
    mine = [row for row in opened if row.person_ref == actor.person_ref]
    rows = {"mine": mine, "all": opened, "done": done}[wanted.view]
    today = civil_date(request.app.state.clock.now())
    found = [line(row, names, today) for row in rows if wanted.matches(row)]
    return render(
        request,
        "notifications/inbox.html",
        422 if errors else 200,
        errors=errors or [],
        caption=words.organisation(actor.organisation, names.organisations),
        n_open=len(found) if wanted.view != "done" else len(opened),
        wanted=wanted,
        here=f"{HOME}?{wanted.query}",
        groups=groups(found, wanted.whole),
        views=_views(wanted, len(mine), len(opened), n_done),
        facets={name: facet(rows, name, VALUE_IN_WORDS[name]) for name in FILTER_NAMES},
        filter_names={name: _(text) for name, text in FILTER_NAMES.items()},
        chips=_chips(wanted),
        empty=_why_empty(wanted, bool(rows), bool(opened)),
    )


async def _names(conn: Connection, actor: Actor, rows: list[Row]) -> Names:
    codes = {code for row in rows for code in (row.origin, row.destination)}
    organisations = await reading.organisation_names(conn, codes | {actor.organisation})
    return Names(organisations, await reading.contact_names(conn, actor.organisation))


async def _confirmed(request: Request, actor: Actor, confirmed: list[Alert]) -> str:
    if len(confirmed) > 1:
        return _("Receipt confirmed of %(n)s signals.", n=len(confirmed))
    async with request.app.state.database.as_actor(actor) as conn:
        pupil = await reading.one_pupil(conn, confirmed[0].pupil_ref, actor.organisation)
    name = words.name(pupil.first_name, pupil.prefix, pupil.last_name)
    return _("Receipt confirmed of the signal about %(name)s.", name=name)


def _ids(form: FormData) -> tuple[str, ...]:
    one = form.get("one")
    return (str(one),) if one else tuple(dict.fromkeys(str(value) for value in form.getlist("id")))


def _views(wanted: Wanted, mine: int, opened: int, done: int) -> list[dict[str, Any]]:
    texts = {"mine": _("My work"), "all": _("Whole organisation"), "done": _("Finished")}
    numbers = {"mine": mine, "all": opened, "done": done}
    return [
        {"href": f"{HOME}?view={view}", "text": text, "n": numbers[view], "current": view == wanted.view}
        for view, text in texts.items()
    ]


def _chips(wanted: Wanted) -> list[dict[str, str]]:
    return [
        {
            "label": _(FILTER_NAMES[name]),
            "value": VALUE_IN_WORDS[name](value),
            "href": f"{HOME}?{wanted.without(name, value).query}",
        }
        for name, value in sorted(wanted.chosen)
    ]


def _why_empty(wanted: Wanted, any_rows: bool, any_open: bool) -> dict[str, str]:
    if any_rows:
        return {
            "text": _("No signals with these filters."),
            "href": f"{HOME}?view={wanted.view}",
            "link": _("Clear all filters"),
        }
    if wanted.view == "mine" and any_open:
        text = _("There are no signals for you. Your colleagues do have some.")
        return {"text": text, "href": f"{HOME}?view=all", "link": _("Show the whole organisation")}
    if wanted.view == "done":
        return {
            "text": _("No signal was finished yet."),
            "href": f"{HOME}?view=all",
            "link": _("Show the open signals"),
        }
    return {"text": _("There are no open signals. You get a mail when there is one for you."), "href": "", "link": ""}
