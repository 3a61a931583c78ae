"""The work list of an institution: what must be done, most urgent first, for who takes applicants in and who has them
after the start."""

from datetime import date
from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import QueryParams
from starlette.responses import Response

from services.intake.domain.access import READERS, WRITERS, check_access
from services.intake.domain.work import GROUPS, RESTING, Task, concerns, first_cohort
from services.intake.pages.lines import DOSSIERS, TASKS, Writer, cells
from services.intake.store import work as reading
from services.intake.store.work import Row
from shared.core.actor import Actor, Role
from shared.core.clock import civil_date
from shared.web.auth import page_actor
from shared.web.lists import Column, Facet, Group, View, WorkList, doors, show
from shared.web.pages import redirect
from shared.web.texts import gettext as _
from shared.web.texts import ngettext
from shared.web.words import APPLICATIONS, programme

Person = Annotated[Actor, Depends(page_actor)]
HOME = "/intake/"
BULK = frozenset({Task.INVITE, Task.MISSED})
"""Groups of which several can be invited at once. Everything else is done one by one."""


async def opened(request: Request, actor: Actor) -> WorkList[Row]:
    """The list of this actor, with everything in it."""
    check_access(actor, READERS)
    now, may_write = request.app.state.clock.now(), actor.role in WRITERS
    async with request.app.state.database.as_actor(actor) as conn:
        rows = await reading.work(conn, actor.organisation, first_cohort(civil_date(now)))
    writer = Writer(actor.role, now, may_write, str(request.query_params))
    mine = [row for row in rows if concerns(row.work, actor.role)]
    mine.sort(key=lambda row: (writer.due(row) or date.max, row.work.status_at, row.id))
    tasks = GROUPS[actor.role]
    return WorkList(
        "intake-worklist",
        HOME,
        _("Students") if actor.role is Role.SLBER else _("Intakes"),
        "intake/worklist.html",
        mine,
        facets=_facets(writer, rows),
        groups=[Group(t.value, _(TASKS[t][0]), _(TASKS[t][1]), may_write and t in BULK) for t in tasks],
        group=lambda row: writer.task(row).value,
        searched=lambda row: f"{row.name} {row.own_id or ''}",
        columns=[Column(head, value) for head, value in cells(writer).items()],
        count=lambda n: ngettext("%(num)s pupil", "%(num)s pupils", n),
        search_label=_("Search by name or application number"),
        views=_views(writer, actor),
        line=writer.line,
        bulk="/intake/invitations" if may_write else "",
        context={"may_write": may_write},
    )


def _facets(writer: Writer, rows: list[Row]) -> list[Facet[Row]]:
    schools = {row.school: row.school_name or row.school for row in rows if row.school}
    statuses = {"none": _("No application yet"), **{code: _(text) for code, (text, _kind) in APPLICATIONS.items()}}
    return [
        Facet(
            "task",
            _("What must be done"),
            lambda row: writer.task(row).value,
            lambda code: _(TASKS[Task(code)][0]) if code in {*Task} else code,
            order=[task.value for task in GROUPS[writer.role]],
        ),
        Facet(
            "status",
            _("Status of the application"),
            lambda row: row.work.status or "none",
            lambda code: statuses.get(code, code),
            order=list(statuses),
        ),
        Facet(
            "dossier",
            _("Dossier"),
            lambda row: row.work.dossier or "none",
            lambda code: _(DOSSIERS.get(code, code)),
            order=list(DOSSIERS),
        ),
        Facet(
            "programme",
            _("Programme"),
            lambda row: row.programme or "",
            programme,
            everything=_("All programmes"),
        ),
        Facet(
            "school",
            _("School"),
            lambda row: row.school or "",
            lambda code: schools.get(code) or code,
            everything=_("All schools"),
        ),
    ]


def _views(writer: Writer, actor: Actor) -> list[View[Row]]:
    def new(row: Row) -> bool:
        return writer.task(row) is Task.INVITE or (row.work.dossier == "offered" and row.work.first)

    seen = [] if actor.role is Role.SLBER else [View("new", _("Not looked at yet"), new)]
    return [
        View("", _("To do"), lambda row: writer.task(row) not in RESTING),
        View("mine", _("My work"), lambda row: actor.person_ref in row.people),
        *seen,
        View("resting", _("Waiting or finished"), lambda row: writer.task(row) in RESTING),
        View("all", _("Everybody")),
    ]


router = APIRouter()
router.include_router(doors(opened))


@router.get("/")
@router.post("/")
async def worklist(request: Request, actor: Person) -> Response:
    """Everything that waits, in groups. The filters are the address of the page; a search is posted to it."""
    return await show(request, actor, await opened(request, actor))


@router.get("/next")
async def following(request: Request, actor: Person, group: str = "", after: str = "", back: str = "") -> Response:
    """From one application to the next one of its group, as the list was filtered; after the last one to the list."""
    work = await opened(request, actor)
    asked = work.asked(QueryParams(back))
    ids = [row.id for row in work.found(asked) if work.group(row) == group and row.work.status]
    place = ids.index(after) + 1 if after in ids else 0
    if place >= len(ids):
        return redirect(request, asked.href, _("That was the last one of this group."))
    query = urlencode({"group": group, "back": urlencode(parse_qsl(back))})
    return redirect(request, f"/intake/applications/{ids[place]}?{query}")
