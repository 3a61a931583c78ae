"""The pages of a work list: the list itself, its file, the views somebody keeps, and what was exported."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from shared.core.actor import Actor
from shared.core.clock import civil_date
from shared.core.errors import Fault, Invalid, NotFound
from shared.core.logging import get_logger
from shared.core.tabular import write
from shared.web.auth import demo_identities, page_actor
from shared.web.forms import parse, searched
from shared.web.lists import kept
from shared.web.lists.asked import Asked
from shared.web.lists.kept import Export, SavedView
from shared.web.lists.worklist import WorkList, shelves, why_empty
from shared.web.pages import Undo, redirect, render
from shared.web.texts import gettext as _
from shared.web.words import ROLES

Open = Callable[[Request, Actor], Awaitable[WorkList[Any]]]
"""Gives the list of an actor with everything in it; raises `Forbidden` when the actor has none."""
Person = Annotated[Actor, Depends(page_actor)]
MOST_ROWS = 5000
"""Rows of one file: more is a copy of the administration, which is not for a spreadsheet on a desk."""


class ViewForm(BaseModel):
    """A view that somebody wants to keep."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(max_length=40, pattern=r"^[^\x00-\x1f\x7f]+$")]
    query: Annotated[str, StringConstraints(max_length=2000)] = ""


@dataclass(frozen=True, slots=True)
class _Tab:
    href: str
    text: str
    n: int
    current: bool


async def show(
    request: Request, actor: Actor, work: WorkList[Any], errors: Sequence[Fault] = (), asked: Asked | None = None
) -> Response:
    """The list as its address and a posted search ask for it; with errors the answer is 422."""
    asked = asked or work.asked(request.query_params, await searched(request))
    async with request.app.state.database.as_actor(actor) as conn:
        saved = await kept.views(conn, actor, work.page)
    found = work.found(asked)
    return render(
        request,
        work.template,
        422 if errors else 200,
        **work.context,
        errors=errors,
        work=work,
        asked=asked,
        total=len(found),
        shelves=shelves(work, found, asked),
        facets=[(facet, work.options(facet, asked)) for facet in work.facets],
        chips_chosen=work.chips(asked),
        tabs=_tabs(work, asked, saved),
        mine=next((view for view in saved if view.query == asked.query), None),
        empty_because=why_empty(work, asked),
        most_rows=MOST_ROWS,
    )


def _tabs(work: WorkList[Any], asked: Asked, saved: Sequence[SavedView]) -> list[_Tab]:
    """The standard views, then those of the actor, each with the rows it now has."""
    standard = [Asked(work.home, view.name if n else "") for n, view in enumerate(work.views)]
    labels = [*(view.label for view in work.views), *(view.name for view in saved)]
    asks = [*standard, *(work.asked(QueryParams(view.query)) for view in saved)]
    queries = {one.query for one in asks}
    # A filter on top of a standard view is still that view; one that is kept under a name is that.
    here = asked.query if asked.query in queries else asked.plain.query
    return [
        _Tab(one.href, label, len(work.found(one)), one.query == here) for one, label in zip(asks, labels, strict=True)
    ]


def doors(opened: Open, prefix: str = "") -> APIRouter:
    """What can be done with a list: take it away as a file, keep a view, forget one, and see what was taken away.

    `prefix`: where the list stands below the service, such as ``/received``.
    """
    router = APIRouter(prefix=prefix)

    @router.post("/export")
    async def export(request: Request, actor: Person) -> Response:
        return await _export(request, actor, await opened(request, actor))

    @router.get("/exports")
    async def exports(request: Request, actor: Person) -> Response:
        return await _exports(request, actor, await opened(request, actor))

    @router.post("/views")
    async def keep(request: Request, actor: Person) -> Response:
        return await _keep(request, actor, await opened(request, actor))

    @router.post("/views/gone")
    async def drop(request: Request, actor: Person) -> Response:
        return await _drop(request, actor, await opened(request, actor))

    return router


async def _export(request: Request, actor: Actor, work: WorkList[Any]) -> Response:
    """The rows of the present filter and search as a file. It is written down before it leaves."""
    asked = work.asked(request.query_params, await searched(request))
    found = work.found(asked)
    if len(found) > MOST_ROWS:
        fault = Fault("export", _("A file holds at most %(n)s rows. Choose filters first.", n=MOST_ROWS), "too_many")
        return await show(request, actor, work, [fault], asked)
    now = request.app.state.clock.now()
    async with request.app.state.database.as_actor(actor) as conn:
        line = Export(now, work.page, actor.person_ref or "", actor.role, asked.query, bool(asked.text), len(found))
        await kept.log_export(conn, actor, line)
    get_logger().info("list_exported", page=work.page, rows=len(found))
    name = f"{work.page}-{civil_date(now).isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    heads = [column.head for column in work.columns]
    return Response(write(heads, work.as_file(found)), media_type="text/csv; charset=utf-8", headers=headers)


async def _exports(request: Request, actor: Actor, work: WorkList[Any]) -> Response:
    async with request.app.state.database.as_actor(actor) as conn:
        found = await kept.exports(conn, actor)
    names = {one.person_ref: one.name for one in demo_identities(request.app.state.settings)}
    lines = [
        {
            "at": one.at,
            "who": names.get(one.person_ref, one.person_ref),
            "role": _(ROLES[one.role]),
            "chips": work.chips(work.asked(QueryParams(one.filter))) if one.page == work.page else [],
            "searched": one.searched,
            "rows": one.rows,
        }
        for one in found
    ]
    everybody = actor.role in kept.OVERSEERS
    return render(request, "exports.html", home=work.home, lines=lines, everybody=everybody)


async def _keep(request: Request, actor: Actor, work: WorkList[Any]) -> Response:
    """Keep the present filter under a name. Only filters that the list knows are kept, and no search."""
    form = await request.form()
    asked = work.asked(QueryParams(str(form.get("query", ""))))
    try:
        name = " ".join(parse(ViewForm, form).name.split())
        view = SavedView(name, asked.query)
        async with request.app.state.database.as_actor(actor) as conn:
            if not await kept.keep_view(conn, actor, work.page, view, request.app.state.clock.now()):
                full = _("Not more than %(n)s views. Remove one first.", n=kept.MOST_VIEWS)
                raise Invalid([Fault("name", full, "too_many")])
    except Invalid as error:
        return await show(request, actor, work, error.faults, asked)
    undo = Undo(f"{work.home}views/gone", {"name": name})
    return redirect(request, asked.href, _("The view '%(name)s' is kept.", name=name), undo)


async def _drop(request: Request, actor: Actor, work: WorkList[Any]) -> Response:
    name = str((await request.form()).get("name", ""))
    async with request.app.state.database.as_actor(actor) as conn:
        query = await kept.drop_view(conn, actor, work.page, name)
    if query is None:
        raise NotFound("this view was not kept")
    undo = Undo(f"{work.home}views", {"name": name, "query": query})
    asked = replace(work.asked(QueryParams(query)), whole="")
    return redirect(request, asked.href, _("The view '%(name)s' is removed.", name=name), undo)
