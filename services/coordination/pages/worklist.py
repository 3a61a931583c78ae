"""What must be done by an organisation, most urgent first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.coordination.domain.casetable import PLANNERS
from services.coordination.domain.offers import ANSWERERS
from services.coordination.domain.world.almanac import Almanac
from services.coordination.handlers.world import almanac, dates
from services.coordination.pages import naming, words
from services.coordination.store import offers, partners, views
from shared.core.actor import Actor, Role
from shared.storage.pool import Connection
from shared.web.auth import page_actor
from shared.web.lists import Column, Facet, Group, View, WorkList, doors, show
from shared.web.texts import gettext as _
from shared.web.texts import marked, ngettext
from shared.web.words import ACTIONS, action

Person = Annotated[Actor, Depends(page_actor)]
TERMS = {
    "late": marked("Too late"),
    "today": marked("Today or the next school day"),
    "week": marked("Within five school days"),
    "later": marked("Later"),
}
"""When something must be done."""
ESCALATED = "escalated"
SCHOOL_WEEK = 5
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Row:
    """An open action of the own organisation."""

    action: dict[str, Any]
    days: int
    """School days left; negative: it is late."""

    @property
    def group(self) -> str:
        """What must be done; first of all what somebody else did not do in time."""
        if self.action["step"]:
            return ESCALATED
        return self.action["kind"] if self.action["kind"] in ACTIONS else UNKNOWN

    @property
    def term(self) -> str:
        if self.days < 0:
            return "late"
        return "today" if self.days <= 1 else "week" if self.days <= SCHOOL_WEEK else "later"


async def opened(request: Request, actor: Actor) -> WorkList[Row]:
    """The open actions of the organisation, with everything that the page shows around them."""
    now = request.app.state.clock.now()
    async with request.app.state.database.as_actor(actor) as conn:
        actions, known = await _work(conn, actor), await dates(conn)
        offered = await offers.count_open(conn, actor.organisation) if actor.role in ANSWERERS else None
    rows = [Row(one, school_days({**one, "organisation": actor.organisation}, now, known)) for one in actions]
    return WorkList(
        "coordination-worklist",
        "/coordination/",
        _("Transitions"),
        "coordination/worklist.html",
        rows,
        facets=_facets(rows),
        groups=_groups(),
        group=lambda row: row.group,
        searched=lambda row: row.action["name"] or "",
        columns=_columns(),
        count=lambda n: ngettext("%(num)s action", "%(num)s actions", n),
        search_label=_("Search by name"),
        views=_views(actor),
        line=lambda row: row.action | _term(row, now),
        context={
            "coordinates": actor.role is Role.REGION_COORDINATOR,
            "at_tables": actor.role in PLANNERS,
            "offered": offered,
            "words": words.EVERYTHING,
        },
    )


async def _work(conn: Connection, actor: Actor) -> list[dict[str, Any]]:
    """What must be done for pupils, and about organisations, most urgent first."""
    tasks = await partners.my_tasks(conn, actor.organisation)
    names = await naming.organisations(conn, (task["organisation"] for task in tasks))
    of_nobody = {"pupil_ref": None, "cohort": None, "position": "", "window_from": None}
    rows = [
        {**task, **of_nobody, "contact": task["owner_contact"], "name": names[task["organisation"]]} for task in tasks
    ]
    return sorted(
        [*await views.work(conn, actor.organisation), *rows], key=lambda one: (one["due_at"], -one["severity"])
    )


def _term(row: Row, now: datetime) -> dict[str, Any]:
    opens = row.action["window_from"]
    action = row.action
    here = f"pupils/{action['pupil_ref']}" if action["pupil_ref"] else f"tasks/{action['task_id']}"
    return {
        "href": f"/coordination/{here}",
        "days": row.days,
        "urgent": row.days <= 1 or row.action["step"] > 0,
        "opens": opens if opens and opens > now else None,
    }


def _groups() -> list[Group]:
    """What escalated goes first; then every kind of action in the order in which a transition asks for them."""
    late = Group(ESCALATED, _("Not done in time by somebody else"), _("This came to you because its date has passed."))
    kinds = [
        Group(kind, _(text), _("To be done before the date that stands with it.")) for kind, text in ACTIONS.items()
    ]
    return [late, *kinds, Group(UNKNOWN, _("Something else"), _("To be done before the date that stands with it."))]


def _views(actor: Actor) -> list[View[Row]]:
    return [
        View(
            "mine", _("For me"), lambda row: actor.person_ref is not None and row.action["contact"] == actor.person_ref
        ),
        View("all", _("Whole organisation")),
        View("late", _("Term expires"), lambda row: row.days <= 1),
        View("nobody", _("Of nobody"), lambda row: row.action["contact"] is None),
    ]


def _facets(rows: Sequence[Row]) -> list[Facet[Row]]:
    """What the list is filtered by."""
    cohorts = {row.action["cohort"] for row in rows} - {None}
    return [
        Facet("kind", _("What must be done"), lambda row: row.action["kind"], action, order=list(ACTIONS)),
        Facet("term", _("When"), lambda row: row.term, lambda code: _(TERMS.get(code, code)), order=list(TERMS)),
        Facet(
            "position",
            _("Position"),
            lambda row: row.action["position"],
            lambda code: _(words.POSITIONS[code][0]) if code in words.POSITIONS else code,
            order=list(words.POSITIONS),
        ),
        Facet(
            "cohort",
            _("School year of the start"),
            lambda row: str(row.action["cohort"] or "") if len(cohorts) > 1 else "",
        ),
    ]


def _columns() -> list[Column[Row]]:
    return [
        Column(_("Pupil"), lambda row: row.action["name"] or ""),
        Column(_("School year of the start"), lambda row: str(row.action["cohort"] or "")),
        Column(_("Action"), lambda row: action(row.action["kind"])),
        Column(_("Before"), lambda row: almanac().day(row.action["due_at"]).isoformat()),
        Column(_("School days"), lambda row: str(row.days)),
        Column(
            _("Position"), lambda row: _(words.POSITIONS[row.action["position"]][0]) if row.action["position"] else ""
        ),
    ]


router = APIRouter()
router.include_router(doors(opened))


@router.get("/")
@router.post("/")
async def worklist(request: Request, actor: Person) -> Response:
    """Everything that waits, in groups. The filters are the address of the page; a search is posted to it."""
    return await show(request, actor, await opened(request, actor))


def school_days(action: Mapping[str, Any], now: datetime, dates: Almanac) -> int:
    """School days of the owner until an action is due; negative: it is late."""
    owner = action["organisation"]
    place = owner if dates.is_municipality(owner) or dates.is_region(owner) else action["place"]
    return dates.school_days_between(place, dates.day(now), dates.day(action["due_at"]))
