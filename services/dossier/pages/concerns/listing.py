"""The concerns that an organisation raised or is to hear, and one of them with how it ends."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.dossier.api.concerns import held, require_a_side
from services.dossier.domain.concerns import Concern, addressed, relation
from services.dossier.handlers.concerns import ResolveConcern, resolve_concern
from services.dossier.pages.again import Again
from services.dossier.pages.concerns import words
from services.dossier.pages.concerns.reading import Reader, reader
from services.dossier.store import concerns as kept
from shared.core.actor import Actor
from shared.core.errors import Invalid, Stale
from shared.messaging.outbox import perform
from shared.web.api.fields import Prose
from shared.web.auth import page_actor
from shared.web.forms import parse
from shared.web.pages import redirect, render
from shared.web.texts import gettext as _

router = APIRouter(prefix="/concerns")
Person = Annotated[Actor, Depends(page_actor)]
SHOWN = 10
"""Concerns of a group before "show all"."""


class EndForm(BaseModel):
    """How a concern ended, as somebody fills it in."""

    model_config = ConfigDict(extra="forbid")

    version: int
    resolution: Literal[tuple(words.RESOLUTIONS)]  # type: ignore[valid-type]
    note: Prose | None = Field(None, max_length=2000)


@router.get("")
async def show_all(request: Request, actor: Person, group: str = "") -> Response:
    """The concerns of an organisation; one group in full when it was asked for."""
    require_a_side(actor)
    async with request.app.state.database.as_actor(actor) as conn:
        concerns = await kept.concerns(conn, actor.organisation)
    who = await reader(request, actor, concerns)
    by_group: dict[str, list[Concern]] = {key: [] for key in words.GROUPS}
    for concern in concerns:
        by_group[_group(concern, actor)].append(concern)
    groups = [
        {
            "key": key,
            "title": _(words.GROUPS[key][0]),
            "text": _(words.GROUPS[key][1]),
            "total": len(found),
            "rows": [_row(one, who) for one in (found if group else found[:SHOWN])],
        }
        for key, found in by_group.items()
        if group in ("", key) and (found or key != "done")
    ]
    todo = len(by_group["hear"])
    return render(
        request, "dossier/concerns/list.html", groups=groups, todo=todo, none=not concerns, words=words.EVERYTHING
    )


def _group(concern: Concern, actor: Actor) -> str:
    if concern.status == "resolved":
        return "done"
    return "hear" if actor.organisation in addressed(concern) else "asked"


def _row(concern: Concern, who: Reader) -> dict[str, Any]:
    return {
        "name": who.pupil(concern),
        "href": f"/dossier/concerns/{concern.concern_id}",
        "reason": _(words.REASONS.get(concern.reason, concern.reason)),
        "raiser": who.raiser(concern),
        "raised_at": concern.raised_at,
        "status": concern.status,
    }


@router.get("/{concern_id}")
async def show(request: Request, actor: Person, concern_id: str) -> Response:
    """One concern: who asks for what, and the form to end it."""
    return await _page(request, actor, concern_id, Again())


@router.post("/{concern_id}/resolve")
async def resolve(request: Request, actor: Person, concern_id: str) -> Response:
    """End a concern; wrong input, or a concern that somebody else ended, shows the page again."""
    concern, form = await held(request, actor, concern_id), await request.form()
    typed = {name: str(form.get(name, "")) for name in form}
    try:
        filled = parse(EndForm, form)
        command = ResolveConcern(concern.pupil_ref, concern_id, filled.resolution, filled.version, filled.note)
        await perform(request.app.state.transport, actor, resolve_concern, command)
    except Invalid as error:
        return await _page(request, actor, concern_id, Again(typed, error.faults))
    except Stale as stale:
        return await _page(request, actor, concern_id, Again(typed, stale=stale))
    return redirect(request, f"/dossier/concerns/{concern_id}", _("The concern is ended. Who raised it sees that."))


async def _page(request: Request, actor: Actor, concern_id: str, again: Again) -> Response:
    concern = await held(request, actor, concern_id)
    who = await reader(request, actor, [concern])
    async with request.app.state.database.as_actor(actor) as conn:
        notes = await kept.notes(conn, concern_id, actor.organisation)
    standing = relation(concern, actor.organisation, actor.role.value)
    return render(
        request,
        "dossier/concerns/concern.html",
        422 if again.faults or again.stale else 200,
        concern=concern,
        who=who,
        name=who.pupil(concern),
        own_pupil=actor.organisation == concern.vo_site,
        may_end=standing is not None and concern.status == "open",
        resolutions=[(code, _(text)) for code, text in words.RESOLUTIONS.items()],
        filled={name: again.filled.get(name, "") for name in EndForm.model_fields},
        faults=again.faults,
        stale=again.stale,
        notes=notes,
        words=words.EVERYTHING,
    )
