"""The class list of a school: every pupil, grouped by what must be done for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from services.dossier import store
from services.dossier.domain.handover import LIVE
from services.dossier.domain.progress import ENDED, Todo, steps
from services.dossier.handlers.mine import GUIDES
from services.dossier.handlers.sides import require_side, side_of
from services.dossier.pages import reading, words
from services.dossier.pages.reading import Card, Names
from shared.core.actor import Actor, Role
from shared.core.clock import civil_date
from shared.web.auth import page_actor
from shared.web.lists import Column, Facet, Group, View, WorkList, doors, show
from shared.web.texts import gettext as _
from shared.web.texts import ngettext

router = APIRouter()
Person = Annotated[Actor, Depends(page_actor)]
OURS = frozenset(Todo) - {Todo.OFFERED, Todo.OPENED, Todo.OTHER_ROUTE, Todo.DONE}
"""Groups in which the school itself has something to do."""
TICKED = frozenset({Todo.NO_CHOICE, Todo.NO_APPLICATION, Todo.INCOMPLETE, Todo.INFORM})
"""Groups for which something can be done for several pupils at once."""
THEIRS = frozenset({Todo.OFFERED, Todo.OPENED})


@dataclass(frozen=True, slots=True)
class Row:
    """A pupil as the list shows, filters and exports them."""

    card: Card
    todo: Todo
    steps: dict[str, bool | None]
    to: tuple[str, ...]
    """Codes of the institutions where the pupil goes, by the furthest that is known: dossier, application, choice."""
    mine: bool
    """The reader is the mentor or the deputy."""


@router.get("/")
@router.post("/")
async def home(request: Request, actor: Person) -> Response:
    """The class list, in which a search is posted; an institution goes to its received dossiers."""
    if side_of(actor) == "mbo":
        return RedirectResponse("/dossier/received", 303)
    return await show(request, actor, await opened(request, actor))


async def opened(request: Request, actor: Actor) -> WorkList[Row]:
    """The list of a school. `Forbidden` for anybody else."""
    require_side(actor, "vo")
    today = civil_date(request.app.state.settings.clock.now())
    async with request.app.state.database.as_actor(actor) as conn:
        cards: list[Card] = []
        for cohort in await store.cohorts(conn, actor.organisation):
            pupils = await store.pupils(conn, actor.organisation, cohort)
            found = await reading.cards(conn, actor.organisation, pupils)
            cards += await reading.surveyed(conn, found, today)
        names = Names(await store.organisations(conn, [actor.organisation], "mbo"))
    return _work_list([_row(card, actor) for card in cards], names, actor)


def _row(card: Card, actor: Actor) -> Row:
    handed = [one.mbo_institution for one in card.handovers if one.status in LIVE]
    applied = [one.mbo_institution for one in card.applications if one.status not in ENDED]
    chosen = [one.mbo_institution for one in card.choices if not one.withdrawn]
    mine = actor.person_ref is not None and actor.person_ref in (card.pupil.mentor, card.pupil.deputy)
    return Row(card, card.todo, steps(card.facts), tuple(dict.fromkeys(handed or applied or chosen)), mine)


def _work_list(rows: Sequence[Row], names: Names, actor: Actor) -> WorkList[Row]:
    newest = max((row.card.pupil.cohort for row in rows), default=0)
    return WorkList(
        "dossier-classlist",
        "/dossier/",
        _("Pupils"),
        "dossier/classlist.html",
        rows,
        facets=_facets(names),
        groups=[Group(one.value, _(text[0]), _(text[1]), one in TICKED) for one, text in words.TODOS.items()],
        group=lambda row: row.todo.value,
        searched=lambda row: f"{row.card.pupil.name} {row.card.pupil.number}",
        columns=_columns(names),
        count=lambda n: ngettext("%(num)s pupil", "%(num)s pupils", n),
        search_label=_("Search by name or pupil number"),
        views=_views(rows, newest, actor),
        line=lambda row: _line(row, names),
        bulk="/dossier/bulk",
        context={
            "may_invite": actor.role in GUIDES,
            "may_import": actor.role in (Role.DECAAN, Role.SCHOOL_SYSTEM),
            "newest": newest,
            "words": words.EVERYTHING,
        },
    )


def _views(rows: Sequence[Row], newest: int, actor: Actor) -> list[View[Row]]:
    """The newest cohort by what there is to do, and the older ones each by itself. A mentor begins with their own."""
    mine: View[Row] = View("mine", _("My pupils"), lambda row: row.mine and row.card.pupil.cohort == newest)
    everybody: View[Row] = View("all", _("All pupils"), lambda row: row.card.pupil.cohort == newest)
    first = [mine, everybody] if actor.role is Role.MENTOR and any(row.mine for row in rows) else [everybody, mine]
    older = sorted({row.card.pupil.cohort for row in rows} - {newest}, reverse=True)
    return [
        *first,
        View("todo", _("To do by us"), lambda row: row.todo in OURS and row.card.pupil.cohort == newest),
        View("waiting", _("Waiting for the mbo"), lambda row: row.todo in THEIRS and row.card.pupil.cohort == newest),
        *(_of_cohort(cohort) for cohort in older),
    ]


def _of_cohort(cohort: int) -> View[Row]:
    return View(str(cohort), _("To the mbo in %(year)s", year=cohort), lambda row: row.card.pupil.cohort == cohort)


def _facets(names: Names) -> list[Facet[Row]]:
    """What the list is filtered by."""
    return [
        Facet(
            "group",
            _("What must be done"),
            lambda row: row.todo.value,
            lambda code: _(words.TODOS[Todo(code)][0]) if code in words.TODOS else code,
            order=[group.value for group in words.TODOS],
        ),
        Facet("class_name", _("Class"), lambda row: row.card.pupil.class_name, everything=_("All classes")),
        Facet(
            "mentor",
            _("Mentor"),
            lambda row: row.card.pupil.mentor or "",
            lambda ref: names.anybody(ref) or _("Not known yet"),
            everything=_("All mentors"),
        ),
        Facet("track", _("Track"), lambda row: row.card.pupil.track),
        Facet(
            "institution",
            _("Where to"),
            lambda row: row.to[0] if row.to else "",
            names.organisation,
            everything=_("All institutions"),
        ),
    ]


def _columns(names: Names) -> list[Column[Row]]:
    """The file: Dutch headers as in the other files of a school (docs/csv.md)."""
    said = {True: "ja", False: "nee", None: "niet bekend"}
    return [
        Column("leerlingnummer", lambda row: row.card.pupil.number),
        Column("roepnaam", lambda row: row.card.pupil.first_name),
        Column("tussenvoegsel", lambda row: row.card.pupil.prefix),
        Column("achternaam", lambda row: row.card.pupil.last_name),
        Column("klas", lambda row: row.card.pupil.class_name),
        Column("leerweg", lambda row: row.card.pupil.track),
        Column("mentor", lambda row: names.person(row.card.pupil.vo_site, row.card.pupil.mentor) or ""),
        Column("te_doen", lambda row: _(words.TODOS[row.todo][0])),
        Column("naar", lambda row: ", ".join(names.organisation(code) for code in row.to)),
        Column("keuze", lambda row: said[row.steps["choice"]]),
        Column("dossier", lambda row: said[row.steps["dossier"]]),
        Column("aangemeld", lambda row: said[row.steps["applied"]]),
        Column("overgedragen", lambda row: said[row.steps["handed_over"]]),
        Column("gestart", lambda row: said[row.steps["started"]]),
        Column("op_de_lijst", lambda row: said[row.card.pupil.listed]),
    ]


def _line(row: Row, names: Names) -> dict[str, Any]:
    """A row for the template."""
    pupil = row.card.pupil
    action, path = words.ACTIONS.get(row.todo, words.VIEW)
    return {
        "ref": pupil.pupil_ref,
        "name": pupil.name,
        "href": f"/dossier/pupils/{pupil.pupil_ref}",
        "class_name": pupil.class_name,
        "track": pupil.track,
        "mentor": names.person(pupil.vo_site, pupil.mentor) or "",
        "to": ", ".join(names.organisation(code) for code in row.to),
        "steps": [(_(words.STEP_NAMES[name]), done) for name, done in row.steps.items()],
        "tags": [] if pupil.listed else [(_("Not on the list"), "escalated")],
        "action": _(action),
        "action_href": f"/dossier/pupils/{pupil.pupil_ref}{path}",
        "primary": row.todo is Todo.READY,
    }


router.include_router(doors(opened))
