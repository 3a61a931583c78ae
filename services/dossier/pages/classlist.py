"""The class list of a school: every pupil, grouped by what must be done for them."""

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from services.dossier import store
from services.dossier.domain.handover import LIVE
from services.dossier.domain.progress import ENDED, Todo, steps
from services.dossier.domain.pupils import Pupil
from services.dossier.handlers.sides import require_side, side_of
from services.dossier.pages import reading, words
from services.dossier.pages.reading import Card, Names
from shared.core.actor import Actor, Role
from shared.core.clock import civil_date
from shared.web.auth import page_actor
from shared.web.forms import searched
from shared.web.pages import render
from shared.web.texts import gettext as _
from shared.web.texts import marked

router = APIRouter()
Person = Annotated[Actor, Depends(page_actor)]
SHOWN = 10
"""Rows of a group before "show all"."""


@router.get("/")
@router.post("/")
async def show(
    request: Request, actor: Person, class_name: str = "", group: str = "", cohort: int | None = None
) -> Response:
    """The class list, in which a search is posted; an institution goes to its received dossiers."""
    if side_of(actor) == "mbo":
        return RedirectResponse("/dossier/received", 303)
    require_side(actor, "vo")
    text = await searched(request)
    today = civil_date(request.app.state.settings.clock.now())
    async with request.app.state.database.as_actor(actor) as conn:
        cohorts = await store.cohorts(conn, actor.organisation)
        year = cohort or next(iter(cohorts), None)
        everybody = await store.pupils(conn, actor.organisation, year) if year else []
        found = await reading.cards(conn, actor.organisation, _chosen(everybody, text, class_name))
        found = await reading.followed(conn, found, today)
        names = Names(await store.organisations(conn, [actor.organisation], "mbo"))
    chosen = {"class_name": class_name, "cohort": str(cohort or "")}
    classes = sorted({pupil.class_name for pupil in everybody if pupil.class_name})
    return render(
        request,
        "dossier/classlist.html",
        groups=_groups(found, names, group),
        total=len(everybody),
        year=year,
        cohorts=[(year, f"{year}-{year + 1}") for year in cohorts],
        classes=[("", _("All classes")), *((name, name) for name in classes)],
        chosen=chosen,
        text=text,
        chips_chosen=_chips(chosen),
        here=_address(chosen | {"group": group}),
        link=lambda **changed: _address(chosen | changed),
        may_import=actor.role in (Role.DECAAN, Role.SCHOOL_SYSTEM),
        words=words.EVERYTHING,
    )


def _chosen(pupils: Sequence[Pupil], text: str, class_name: str) -> list[Pupil]:
    wanted = text.casefold()
    return [
        pupil
        for pupil in pupils
        if (wanted in pupil.name.casefold() or wanted == pupil.number.casefold())
        and class_name in ("", pupil.class_name)
    ]


def _groups(found: Sequence[Card], names: Names, only: str) -> list[dict[str, Any]]:
    """The groups with somebody in them, most urgent first; one in full when it was asked for."""
    by_todo: dict[Todo, list[Card]] = {group: [] for group in words.TODOS}
    for card in found:
        by_todo[card.todo].append(card)
    return [
        {
            "key": group.value,
            "title": _(words.TODOS[group][0]),
            "text": _(words.TODOS[group][1]),
            "total": len(cards),
            "rows": [_row(card, names) for card in (cards if only else cards[:SHOWN])],
        }
        for group, cards in by_todo.items()
        if cards and only in ("", group.value)
    ]


def _row(card: Card, names: Names) -> dict[str, Any]:
    pupil, group = card.pupil, card.todo
    action, path = words.ACTIONS.get(group, (marked("View"), ""))
    tags = []
    if not pupil.listed:
        tags.append((_("Not on the list"), "escalated"))
    return {
        "name": pupil.name,
        "href": f"/dossier/pupils/{pupil.pupil_ref}",
        "class_name": pupil.class_name,
        "track": pupil.track,
        "mentor": names.person(pupil.vo_site, pupil.mentor) or "",
        "to": _to(card, names),
        "steps": [(_(words.STEP_NAMES[name]), done) for name, done in steps(card.facts).items()],
        "tags": tags,
        "action": _(action),
        "action_href": f"/dossier/pupils/{pupil.pupil_ref}{path}",
        "primary": group is Todo.READY,
    }


def _to(card: Card, names: Names) -> str:
    """Where the pupil goes, by the furthest that is known: dossier, application or choice."""
    handed = [one.mbo_institution for one in card.handovers if one.status in LIVE]
    applied = [one.mbo_institution for one in card.applications if one.status not in ENDED]
    chosen = [one.mbo_institution for one in card.choices if not one.withdrawn]
    return ", ".join(names.organisation(code) for code in dict.fromkeys(handed or applied or chosen))


def _chips(chosen: dict[str, str]) -> list[dict[str, str]]:
    name = chosen["class_name"]
    return [{"label": _("Class"), "value": name, "href": _address(chosen | {"class_name": ""})}] if name else []


def _address(chosen: dict[str, str]) -> str:
    return f"/dossier/?{urlencode({name: value for name, value in chosen.items() if value})}"
