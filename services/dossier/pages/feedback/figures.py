"""Figures about former pupils, for their school and for the region: page and CSV."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.dossier import store
from services.dossier.domain.feedback import ALL, HIDDEN, Cell
from services.dossier.handlers.feedback import published, readable
from services.dossier.pages.feedback import words
from services.dossier.pages.reading import Names
from services.dossier.store import feedback as kept
from shared.core import tabular
from shared.core.actor import Actor
from shared.core.clock import civil_date
from shared.core.reference import load
from shared.web.auth import page_actor
from shared.web.pages import render
from shared.web.texts import gettext as _
from shared.web.texts import in_words

router = APIRouter(prefix="/figures")
Person = Annotated[Actor, Depends(page_actor)]


@dataclass(frozen=True, slots=True)
class Picture:
    """The figures of one region on one day that somebody may read, with what may be chosen."""

    cohorts: Sequence[int]
    days: Sequence[date]
    names: Names
    own_school: bool
    """Whether the reader is of a school."""
    cohort: int = 0
    day: date | None = None
    region: str = ""
    cells: Sequence[Cell] = ()


@router.get("")
async def show(request: Request, actor: Person, cohort: str = "", on: str = "") -> Response:
    """The figures of a cohort on a day: the newest unless another is asked for."""
    found = await _picture(request, actor, cohort, on)
    first = _first(civil_date(request.app.state.settings.clock.now()))
    return render(request, "dossier/feedback/figures.html", found=found, first=first, **_shown(found))


@router.get(".csv")
async def download(request: Request, actor: Person, cohort: str = "", on: str = "") -> Response:
    """The same figures as a file."""
    found = await _picture(request, actor, cohort, on)
    disposition = {"content-disposition": 'attachment; filename="terugkoppeling.csv"'}
    return Response(_csv(found), media_type="text/csv; charset=utf-8", headers=disposition)


async def _picture(request: Request, actor: Actor, cohort: str, on: str) -> Picture:
    whose = readable(actor)
    async with request.app.state.database.as_actor(actor) as conn:
        cohorts = await kept.figure_cohorts(conn)
        chosen = next((year for year in cohorts if str(year) == cohort), cohorts[0] if cohorts else None)
        made = await kept.figures(conn, chosen, *whose) if chosen else {}
        sites = {cell.vo_site for cells in made.values() for cell in cells}
        names = Names(await store.organisations(conn, sites))
    if not made or chosen is None:
        return Picture(cohorts, [], names, bool(whose[0]))
    place = next((place for place in made if place[1].isoformat() == on), next(iter(made)))
    days, cells = [day for _region, day in made], published(made[place])
    return Picture(cohorts, days, names, bool(whose[0]), chosen, place[1], place[0], cells)


def _first(today: date) -> date:
    """The day to come on which figures of a next cohort are made for the first time."""
    days = (min(load().feedback_figures(year)) for year in (today.year, today.year + 1))
    return next(day for day in days if day >= today)


def _shown(found: Picture) -> Mapping[str, Any]:
    cells = {(cell.figure, cell.vo_site): cell.value for cell in found.cells}
    sites = sorted({site for _figure, site in cells} - {ALL}, key=found.names.organisation)
    return {
        "columns": [*((site, found.names.organisation(site)) for site in sites), (ALL, _region(found.region))],
        "rows": [(figure, _(name), _(text)) for figure, (name, text) in words.FIGURES.items()],
        "cells": cells,
        "hidden": HIDDEN,
        "cohorts": [(year, f"{year}-{year + 1}") for year in found.cohorts],
        "days": [(day.isoformat(), in_words(day)) for day in found.days],
    }


def _region(code: str) -> str:
    name = load().region_name(code)
    return _("All schools of %(region)s together", region=name) if name else _("All schools of the region together")


def _csv(found: Picture) -> bytes:
    head = ("regio", "cohort", "peildatum", "school", "schoolnaam", "cijfer", "aantal")
    about = {"regio": found.region, "cohort": str(found.cohort), "peildatum": str(found.day or "")}
    rows = [
        about
        | {
            "school": "" if cell.vo_site == ALL else cell.vo_site,
            "schoolnaam": _region(found.region) if cell.vo_site == ALL else found.names.organisation(cell.vo_site),
            "cijfer": _(words.FIGURES[cell.figure][0]),
            "aantal": cell.value,
        }
        for cell in found.cells
    ]
    return tabular.write(list(head), rows)
