"""What must be done, most urgent first; for a region coordinator also the numbers of the region."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.coordination.domain.casetable import PLANNERS
from services.coordination.handlers.world import almanac
from services.coordination.pages import naming, words
from services.coordination.store import views
from shared.core.actor import Actor, Role
from shared.storage.pool import Connection
from shared.web.auth import page_actor
from shared.web.pages import render
from shared.web.texts import gettext as _

router = APIRouter()
Person = Annotated[Actor, Depends(page_actor)]
WEEK = timedelta(days=7)
PARTIES = ("holder", "due", "late")
"""Figures that are told per organisation."""
SHOWN = 10
"""Organisations that are shown at first."""


@router.get("/")
async def worklist(request: Request, actor: Person, view: str = "mine", page: int = 1) -> Response:
    """The open actions of the organisation, or of the person alone."""
    now, page = request.app.state.clock.now(), max(page, 1)
    mine = actor.person_ref if view != "all" else None
    async with request.app.state.database.as_actor(actor) as conn:
        actions, count = await views.my_actions(conn, actor.organisation, mine, page)
        counts = await views.count_my_actions(conn, actor.organisation, actor.person_ref)
        region = await _region(conn, actor, now)
    return render(
        request,
        "coordination/worklist.html",
        actions=[_shown(action, actor, now) for action in actions],
        views=[
            {"href": "?view=mine", "text": _("For me"), "n": counts["mine"], "current": view != "all"},
            {"href": "?view=all", "text": _("Whole organisation"), "n": counts["everybody"], "current": view == "all"},
        ],
        region=region,
        at_tables=actor.role in PLANNERS,
        page=page,
        pages=-(-count // views.PAGE),
        base=f"?view={'all' if view == 'all' else 'mine'}&page=",
        words=words.EVERYTHING,
    )


def _shown(action: dict[str, Any], actor: Actor, now: datetime) -> dict[str, Any]:
    days = school_days(actor.organisation, now, action["due_at"])
    return action | {"days": days, "urgent": days <= 1 or action["step"] > 0}


def school_days(organisation: str, now: datetime, due_at: datetime) -> int:
    """School days until something is due; negative: it is late."""
    dates = almanac()
    place = organisation if dates.is_municipality(organisation) or dates.is_region(organisation) else None
    return dates.school_days_between(place, dates.day(now), dates.day(due_at))


async def _region(conn: Connection, actor: Actor, now: datetime) -> dict[str, Any] | None:
    """The numbers of a region, by figure; None for who is no coordinator of a region."""
    if actor.role is not Role.REGION_COORDINATOR:
        return None
    numbers: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in await views.region_numbers(conn, now, now + WEEK):
        numbers[row["figure"]].append(row)
    codes = {row["label"] for figure in PARTIES for row in numbers[figure]}
    names = await naming.organisations(conn, codes | {actor.organisation})
    totals = {figure: sum(row["n"] for row in rows) for figure, rows in numbers.items()}
    return {
        "name": names[actor.organisation],
        "pupils": totals.get("position", 0),
        "due": totals.get("due", 0),
        "late": totals.get("late", 0),
        "not_known": totals.get("not-known", 0),
        "positions": {row["label"]: row["n"] for row in numbers["position"]},
        "risks": numbers["risk"],
        "parties": _parties(numbers, names),
        "shown": SHOWN,
    }


def _parties(numbers: dict[str, list[dict[str, Any]]], names: dict[str, str]) -> list[dict[str, Any]]:
    """What each organisation has to do, who is latest first."""
    found: dict[str, dict[str, Any]] = {}
    for figure in PARTIES:
        for row in numbers[figure]:
            blank = {"name": names[row["label"]], **dict.fromkeys(PARTIES, 0)}
            found.setdefault(row["label"], blank)[figure] += row["n"]
    return sorted(found.values(), key=lambda party: (-party["late"], -party["due"], -party["holder"], party["name"]))
