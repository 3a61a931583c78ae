"""The work list of an institution: what must be done, most urgent first."""

from collections.abc import Iterable
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.intake.domain.access import READERS, WRITERS, check_access
from services.intake.pages import words
from services.intake.store import views
from services.intake.store.views import Filter
from shared.core.actor import Actor
from shared.web.auth import page_actor
from shared.web.forms import searched
from shared.web.pages import render
from shared.web.texts import gettext as _
from shared.web.words import APPLICATIONS, programme

router = APIRouter()
HERE = "/intake/"


@router.get("/")
@router.post("/")
async def worklist(request: Request, actor: Annotated[Actor, Depends(page_actor)]) -> Response:
    """Everything that waits, in groups. The filters are the address of the page; a search is posted to it."""
    check_access(actor, READERS)
    chosen = _chosen(request, await searched(request))
    async with request.app.state.database.as_actor(actor) as conn:
        groups = await views.worklist(conn, actor.organisation, chosen)
        programmes, statuses = await views.options(conn, actor.organisation)
    return render(
        request,
        "intake/worklist.html",
        groups=groups,
        waiting=sum(group.total for group in groups if group.task != "done"),
        chosen=chosen,
        chips_chosen=_chips(chosen),
        here=_address(chosen, whole=chosen.whole),
        programmes=[("", _("All programmes")), *((code, f"{programme(code)}: {n}") for code, n in programmes.items())],
        status_options=[(code, _(name), statuses.get(code, 0)) for code, (name, _kind) in APPLICATIONS.items()],
        more={group.task: _address(chosen, whole=group.task) for group in groups},
        may_write=actor.role in WRITERS,
        words=words.EVERYTHING,
    )


def _chosen(request: Request, text: str) -> Filter:
    asked = request.query_params
    statuses = tuple(code for code in APPLICATIONS if code in asked.getlist("status"))
    return Filter(text, asked.get("programme", "")[:5], statuses, asked.get("all", ""))


def _chips(chosen: Filter) -> list[dict[str, Any]]:
    """The chosen filters, each with the address of the page without it."""
    chips = []
    if chosen.programme:
        chips.append(
            {"label": _("Programme"), "value": programme(chosen.programme), "href": _address(chosen, programme="")}
        )
    for code in chosen.statuses:
        others = [status for status in chosen.statuses if status != code]
        chips.append(
            {"label": _("Status"), "value": _(APPLICATIONS[code][0]), "href": _address(chosen, statuses=others)}
        )
    return chips


def _address(
    chosen: Filter,
    *,
    programme: str | None = None,
    statuses: Iterable[str] | None = None,
    whole: str = "",
) -> str:
    """The address of this page with some filters changed; what is searched for stands in no address."""
    fields = [
        ("programme", chosen.programme if programme is None else programme),
        *(("status", code) for code in (chosen.statuses if statuses is None else statuses)),
        ("all", whole),
    ]
    query = urlencode([(name, value) for name, value in fields if value])
    return f"{HERE}?{query}" if query else HERE
