"""What must be done about one organisation: why, by whom, by when, and where it is put right."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.coordination.domain.partners.partner import SILENT
from services.coordination.handlers.world import dates
from services.coordination.pages import naming, words
from services.coordination.pages.worklist import school_days
from services.coordination.store import partners, views
from shared.core.actor import Actor
from shared.schemas.coordination import Evidence
from shared.schemas.envelope import EntityId
from shared.web.auth import page_actor
from shared.web.pages import render
from shared.web.texts import gettext as _
from shared.web.texts import in_words
from shared.web.words import ROLES, rule

router = APIRouter(prefix="/tasks")
Person = Annotated[Actor, Depends(page_actor)]


@router.get("/{task_id}")
async def show(request: Request, task_id: EntityId, actor: Person) -> Response:
    """A task of the own organisation, about it, or about an organisation of the own region."""
    now = request.app.state.clock.now()
    async with request.app.state.database.as_actor(actor) as conn:
        task = await partners.one_task(conn, task_id)
        known = await dates(conn)
        names = await naming.organisations(conn, [task["organisation"], task["owner_organisation"]])
        people = await views.people(conn, [ref for ref in (task["owner_contact"], task["owner_deputy"]) if ref])
    days = school_days({**task, "organisation": task["owner_organisation"]}, now, known)
    return render(
        request,
        "coordination/task.html",
        task=task,
        silent=task["kind"] == SILENT,
        title=rule(task["kind"]),
        organisation=names[task["organisation"]],
        owner=_owner(task, names, people),
        facts=_facts(task["evidence"], names),
        days=days,
        words=words.EVERYTHING,
    )


def _owner(task: dict[str, Any], names: dict[str, str], people: dict[str, str]) -> str:
    """Who must do it: the person, the role and the organisation."""
    who = people.get(task["owner_contact"] or "") or _("Nobody to reach")
    role = ROLES.get(task["owner_role"], task["owner_role"])
    return f"{who}, {_(role)}, {names[task['owner_organisation']]}"


def _facts(evidence: Sequence[Evidence], names: dict[str, str]) -> list[tuple[str, str]]:
    """The facts on which it rests, in words."""
    return [(_(words.FACTS.get(fact.fact, fact.fact)), _value(fact, names)) for fact in evidence]


def _value(fact: Evidence, names: dict[str, str]) -> str:
    if fact.at:
        return in_words(fact.at)
    if fact.fact == "vacant-role":
        return _(ROLES.get(fact.value or "", fact.value or ""))
    return names.get(fact.value or "", fact.value or _("Yes"))
