"""The inbox: what must be done first stands on top, and one button does it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData, QueryParams
from starlette.responses import Response

from services.notifications import handlers
from services.notifications.domain.alerts import Alert
from services.notifications.pages import deliveries, words
from services.notifications.pages.lists import GROUPS, Names, cells, group_of, in_order, line, name, status
from services.notifications.store import reading
from services.notifications.store.alerts import subjects
from services.notifications.store.reading import Row
from shared.core.actor import Actor, Role
from shared.core.clock import civil_date
from shared.core.errors import Fault, IllegalMove
from shared.messaging.outbox import perform
from shared.schemas.envelope import PUPIL_REF_LENGTH
from shared.storage.pool import Connection
from shared.web.auth import page_actor, require
from shared.web.lists import Column, Facet, Group, View, WorkList, doors, show
from shared.web.pages import Undo, redirect
from shared.web.texts import gettext as _
from shared.web.texts import marked, ngettext

router = APIRouter()
PageActor = Annotated[Actor, Depends(page_actor)]
HOME = "/notifications/"
TICKED = frozenset({"late", "new"})
"""Groups in which receipt is confirmed of several at once."""
MOST_AT_ONCE = 100
UNDO_AT_ONCE = 50
"""More would not fit in the cookie that carries the message."""


@router.get("/")
@router.post("/")
async def inbox(request: Request, actor: PageActor) -> Response:
    """The alerts of the actor's organisation; for the operator, who hears no alerts, the mails."""
    if actor.role is Role.OPERATOR:
        return await deliveries.show(request, actor)
    return await show(request, actor, await opened(request, actor))


@router.post("/acknowledge")
async def acknowledge(request: Request, actor: PageActor) -> Response:
    """Confirm the chosen alerts, or the one whose button was pressed."""
    form = await request.form()
    work = await opened(request, actor)
    asked = work.asked(QueryParams(str(form.get("back", ""))))
    ids = _ids(form)
    if not ids or len(ids) > MOST_AT_ONCE:
        fault = marked("Choose one or more signals first") if not ids else marked("Choose at most 100 signals at once")
        return await show(request, actor, work, [Fault("list", fault)], asked)
    async with request.app.state.database.as_actor(actor) as conn:
        command = handlers.Acknowledge(ids, await subjects(conn, ids, actor.organisation))
    try:
        confirmed: list[Alert] = await perform(request.app.state.transport, actor, handlers.acknowledge, command)
    except IllegalMove:
        return redirect(request, asked.href, _("A colleague was first: this was confirmed already."))
    fields = {"ids": ",".join(alert.alert_id for alert in confirmed), "back": asked.query}
    undo = Undo(f"{HOME}undo", fields) if len(confirmed) <= UNDO_AT_ONCE else None
    return redirect(request, asked.href, await _confirmed(request, actor, confirmed), undo)


@router.post("/undo")
async def undo(request: Request, actor: PageActor) -> Response:
    """Take confirmations back."""
    form = await request.form()
    ids = tuple(str(form.get("ids", "")).split(","))
    asked = (await opened(request, actor)).asked(QueryParams(str(form.get("back", ""))))
    async with request.app.state.database.as_actor(actor) as conn:
        command = handlers.UndoAcknowledge(ids, await subjects(conn, ids, actor.organisation))
    undone = await perform(request.app.state.transport, actor, handlers.undo_acknowledge, command)
    message = ngettext("%(num)s confirmation was taken back.", "%(num)s confirmations were taken back.", len(undone))
    return redirect(request, asked.href, message)


async def opened(request: Request, actor: Actor) -> WorkList[Row]:
    """The alerts of the actor's organisation: the open ones, and those that were closed last."""
    require(actor, *handlers.RECIPIENTS)
    today = civil_date(request.app.state.clock.now())
    async with request.app.state.database.as_actor(actor) as conn:
        rows = in_order(await reading.open_rows(conn, actor.organisation), today)
        rows += await reading.done_rows(conn, actor.organisation)
        names = await _names(conn, actor, rows)
    return WorkList(
        "inbox",
        HOME,
        _("Signals"),
        "notifications/inbox.html",
        rows,
        facets=_facets(),
        groups=[Group(key, _(title), _(text), key in TICKED) for key, (title, text) in GROUPS.items()],
        group=lambda row: group_of(row, today),
        searched=lambda row: name(row, names),
        columns=[Column(head, value) for head, value in cells(names).items()],
        count=lambda n: ngettext("%(num)s signal", "%(num)s signals", n),
        search_label=_("Search by name"),
        views=_views(actor),
        caption=words.organisation(actor.organisation, names.organisations),
        nothing=_("There are no open signals. You get a mail when there is one for you."),
        line=lambda row: line(row, names, today),
        bulk=f"{HOME}acknowledge",
    )


def _facets() -> list[Facet[Row]]:
    return [
        Facet("rule", _("Kind of signal"), lambda row: row.rule, words.rule),
        Facet("severity", _("Severity"), lambda row: row.severity, words.severity, order=list(words.SEVERITIES)),
        Facet("status", _("Status"), status, words.status, order=list(words.STATUSES)),
        Facet(
            "municipality",
            _("Municipality"),
            lambda row: row.municipality or "",
            words.municipality,
            everything=_("All municipalities"),
        ),
    ]


def _views(actor: Actor) -> list[View[Row]]:
    return [
        View("mine", _("My work"), lambda row: row.status != "resolved" and row.person_ref == actor.person_ref),
        View("all", _("Whole organisation"), lambda row: row.status != "resolved"),
        View("done", _("Finished"), lambda row: row.status == "resolved"),
    ]


async def _names(conn: Connection, actor: Actor, rows: list[Row]) -> Names:
    codes = {code for row in rows for code in (row.origin, row.destination, row.about)}
    organisations = await reading.organisation_names(conn, codes | {actor.organisation})
    return Names(organisations, await reading.contact_names(conn, actor.organisation))


async def _confirmed(request: Request, actor: Actor, confirmed: list[Alert]) -> str:
    if len(confirmed) > 1:
        return _("Receipt confirmed of %(n)s signals.", n=len(confirmed))
    async with request.app.state.database.as_actor(actor) as conn:
        about = confirmed[0].pupil_ref
        pupil = await reading.one_pupil(conn, about, actor.organisation)
        names = await reading.organisation_names(conn, [about])
    who = words.name(pupil.first_name, pupil.prefix, pupil.last_name)
    if len(about) != PUPIL_REF_LENGTH:
        who = words.organisation(about, names)
    return _("Receipt confirmed of the signal about %(name)s.", name=who)


def _ids(form: FormData) -> tuple[str, ...]:
    one = form.get("one")
    return (str(one),) if one else tuple(dict.fromkeys(str(value) for value in form.getlist("id")))


router.include_router(doors(opened))
