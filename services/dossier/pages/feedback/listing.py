"""What institutions told about single pupils, for their school, as long as it hears of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.dossier import store
from services.dossier.domain.feedback import Feedback, Kind
from services.dossier.domain.pupils import Pupil
from services.dossier.handlers.feedback import Heard, heard
from services.dossier.handlers.sides import require_side
from services.dossier.pages.feedback import words
from services.dossier.pages.reading import Names
from shared.core.actor import Actor, Role
from shared.core.clock import civil_date
from shared.web.auth import page_actor
from shared.web.lists import Column, Facet, Group, View, WorkList, doors, show
from shared.web.texts import gettext as _
from shared.web.texts import ngettext
from shared.web.words import programme

router = APIRouter()
Person = Annotated[Actor, Depends(page_actor)]


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that an institution told about one pupil."""

    pupil: Pupil
    said: Feedback
    mine: bool
    """The reader is the mentor or the deputy."""


@router.get("/")
@router.post("/")
async def home(request: Request, actor: Person) -> Response:
    """The overview of a school, in which a search is posted."""
    return await show(request, actor, await opened(request, actor))


async def opened(request: Request, actor: Actor) -> WorkList[Row]:
    """The overview. `Forbidden` for anybody but the school."""
    require_side(actor, "vo")
    async with request.app.state.database.as_actor(actor) as conn:
        pupils = await store.pupils(conn, actor.organisation)
        found = await heard(conn, pupils, request.app.state.settings.clock.now())
        names = Names(await store.organisations(conn, [actor.organisation], "mbo"))
    rows = [Row(pupil, said, _guides(actor, pupil)) for pupil, told in found.pupils for said in told]
    return _work_list(sorted(rows, key=lambda row: row.said.at, reverse=True), found, names, actor)


def _guides(actor: Actor, pupil: Pupil) -> bool:
    return actor.person_ref is not None and actor.person_ref in (pupil.mentor, pupil.deputy)


def _work_list(rows: Sequence[Row], found: Heard, names: Names, actor: Actor) -> WorkList[Row]:
    mine: View[Row] = View("mine", _("My pupils"), lambda row: row.mine)
    everybody: View[Row] = View("all", _("All pupils"))
    first = actor.role is Role.MENTOR and any(row.mine for row in rows)
    return WorkList(
        "dossier-feedback",
        "/dossier/feedback/",
        _("Feedback"),
        "dossier/feedback/list.html",
        rows,
        facets=_facets(names),
        groups=[Group(kind.value, _(title), _(text)) for kind, (title, text) in words.KINDS.items()],
        group=lambda row: row.said.kind.value,
        searched=lambda row: f"{row.pupil.name} {row.pupil.number}",
        columns=_columns(names),
        count=lambda n: ngettext("%(num)s message", "%(num)s messages", n),
        search_label=_("Search by name or pupil number"),
        views=[mine, everybody] if first else [everybody, mine],
        nothing=_("There is nothing about single pupils at the moment."),
        line=lambda row: _line(row, names),
        context={"ended": found.ended, "last_days": found.last_days},
    )


def _facets(names: Names) -> list[Facet[Row]]:
    kinds = {kind.value: _(text[0]) for kind, text in words.KINDS.items()}
    return [
        Facet("kind", _("What it is about"), lambda row: row.said.kind.value, kinds.__getitem__, order=list(kinds)),
        Facet("class_name", _("Class"), lambda row: row.pupil.class_name, everything=_("All classes")),
        Facet(
            "institution",
            _("Institution"),
            lambda row: row.said.mbo_institution,
            names.organisation,
            everything=_("All institutions"),
        ),
    ]


def _columns(names: Names) -> list[Column[Row]]:
    """The file: Dutch headers as in the other files of a school (docs/csv.md)."""
    return [
        Column("leerlingnummer", lambda row: row.pupil.number),
        Column("roepnaam", lambda row: row.pupil.first_name),
        Column("tussenvoegsel", lambda row: row.pupil.prefix),
        Column("achternaam", lambda row: row.pupil.last_name),
        Column("cohort", lambda row: str(row.pupil.cohort)),
        Column("klas", lambda row: row.pupil.class_name),
        Column("onderwerp", lambda row: _(words.KINDS[row.said.kind][0])),
        Column("bericht", lambda row: words.said(row.said)),
        Column("datum", lambda row: civil_date(row.said.at).isoformat()),
        Column("mbo", lambda row: names.organisation(row.said.mbo_institution)),
        Column("opleiding", lambda row: programme(row.said.programme)),
    ]


def _line(row: Row, names: Names) -> dict[str, Any]:
    """A row for the template."""
    return {
        "name": row.pupil.name,
        "href": f"/dossier/pupils/{row.pupil.pupil_ref}",
        "class_name": row.pupil.class_name,
        "said": words.said(row.said),
        "at": row.said.at,
        "where": names.organisation(row.said.mbo_institution),
        "programme": programme(row.said.programme),
        "urgent": row.said.kind in (Kind.NOT_STARTED, Kind.EARLY_EXIT) or row.said.said == "rejected",
    }


router.include_router(doors(opened))
